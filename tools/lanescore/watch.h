/*
 * tools/lanescore/watch.h - looks at frames as locate does, knows the truth about them, and keeps count.
 *
 *     watch_open -> { watch_begin; watch_frame ...; watch_end } ... watch_close
 *
 * A run (begin .. end) is one lane or one photograph; its vehicles are numbered from 1.
 */
#ifndef LANESCORE_WATCH_H
#define LANESCORE_WATCH_H

#include <stdio.h>

#include "locate/find.h"
#include "locate/follow.h"

enum { WATCH_PLATES_MAX = 32 };

struct watch_plate {
	uint32_t vehicle;
	struct box box; /* tight, inside the frame */
};

struct watch_truth {
	uint32_t n;
	struct watch_plate plates[WATCH_PLATES_MAX]; /* all that are in sight, if only in part */
};

struct watch_wish {
	struct follow_rule rule;
	uint32_t miss_permille;  /* of the plates found: not told to the follower */
	uint32_t false_permille; /* of the frames: have a box more, anywhere */
	FILE *csv;               /* a line for each vehicle and each false record, or NULL */
	FILE *boxes;             /* a line for each box found, or NULL */
};

struct watch_count {
	uint64_t frames, far;              /* boxes found that touch no plate */
	uint64_t passages, once, more;     /* vehicles that must be recorded; that were, exactly once; several times */
	uint64_t records, false_records;   /* of all vehicles; of none */
	uint64_t mixed;                    /* records whose views show two vehicles */
	uint64_t covered;                  /* passages whose best view holds the plate, in at most four times its area */
	uint64_t views, views_covered;
	double find_ms;
};

struct watch;

struct watch *watch_open(const struct watch_wish *wish);
void watch_close(struct watch *w);
/* `name` stands in the CSV. */
void watch_begin(struct watch *w, const char *name, uint64_t seed);
/* `at_us` counts from the beginning of the run. */
void watch_frame(struct watch *w, const struct luma *luma, int64_t at_us, uint32_t exposure_us, const struct watch_truth *truth);
/* Nothing more comes. must[i] says whether vehicle i + 1 has to be recorded; others may be, once. */
void watch_end(struct watch *w, const uint8_t *must, uint32_t n);
const struct watch_count *watch_count(const struct watch *w);

/* Numbers that follow from a seed. */
uint32_t watch_dice(uint64_t *state, uint32_t below);

#endif
