/*
 * tools/laneopen/index.h - index.json: one entry a record, written as the records go by.
 *
 * open -> item ... item -> close. Its fields: docs/RECIPIENT.md.
 */
#ifndef LANEOPEN_INDEX_H
#define LANEOPEN_INDEX_H

#include <stdio.h>

#include "chain.h"
#include "unpack.h"

/* Running numbers of what was answered. */
struct totals {
	int opening;                    /* 0: --verify-only, so what is good is "verified" */
	uint64_t answers[ANSWER_COUNT]; /* records, an absent stretch counted in full; good ones: passages */
	uint64_t heartbeats, gaps, healths; /* good */
	uint64_t clock_sets;            /* entries that say that the clock was set */
	int64_t clock_set_most_s;       /* the largest of them, either way */
	uint64_t clock_set_most_at;     /* its sequence */
	struct record_health health;    /* the newest statement; n 0: none */
	uint64_t boots;                 /* in which anything was signed */
	uint64_t explained[GAP_REASONS]; /* of the missing, by what the unit says of them */
	uint64_t uncounted[GAP_REASONS]; /* passages that the unit only counted */
	int64_t last_sign_s;            /* of the last entry without a body, 0: none */
	uint32_t interval_s, last_boot;
	uint64_t pictures;
	uint64_t sources[5];               /* opened passages by source kind */
	int64_t first_utc_us, last_utc_us; /* 0: none */
	uint64_t first_sequence, last_sequence;
	int policies_checked, maker_checked;
};

struct index {
	FILE *to[2]; /* index.json, and stdout with --json; either may be NULL */
	int begun;
};

void totals_add(struct totals *t, const struct item *it, const struct unpacked *u);
/* "opened", "verified", "altered", "missing" or "cannot tell". */
const char *totals_word(const struct totals *t, uint8_t answer);
/* The same for an item: what has no body is verified, never opened. */
const char *totals_item(const struct totals *t, const struct item *it);
/* Missing, and no signed gap says why. */
uint64_t totals_unexplained(const struct totals *t);
/* The name of a number of enum health; NULL: a newer unit's. */
const char *health_word(size_t place);
const char *source_word(uint8_t source);
const char *direction_word(uint8_t direction);
/* 2031-05-01T06:00:00.123456Z */
void utc_text(int64_t utc_us, char *text, size_t room);

void index_open(struct index *x);
void index_item(struct index *x, const struct item *it, const struct unpacked *u, const struct totals *t,
		const struct chain_rules *rules);
/* Writes what is left. 0, or -EIO when anything could not be written. */
int index_close(struct index *x, const struct chain *c, const struct totals *t,
		const struct chain_rules *rules) MUST_CHECK;

#endif
