/*
 * tools/laneopen/chain.h - the first pass: what is in the folder, and does it hold together?
 *
 * scan -> judge -> (unpack) -> free. Nothing is decrypted here, and nothing is
 * written. Every file gets one of four answers; what is absent gets an entry too.
 */
#ifndef LANEOPEN_CHAIN_H
#define LANEOPEN_CHAIN_H

#include "record/entry.h"
#include "record/policy.h"

enum {
	RECORD_FILE_MAX = 4 << 20,
	REASON_BYTES = 200,
	TAIL_SLACK_S = 30 /* that a heartbeat may be late on a busy unit */
};

enum answer {
	ANSWER_GOOD,        /* verified; "opened" once the body was opened too */
	ANSWER_ALTERED,     /* these bytes are not what the unit signed */
	ANSWER_MISSING,     /* the unit made it, and it is not here */
	ANSWER_CANNOT_TELL, /* nothing here can prove the one or the other */
	ANSWER_COUNT
};

enum link {
	LINK_NONE,   /* not looked at */
	LINK_FITS,   /* names the record before it, which is here */
	LINK_FIRST,  /* the first of the unit, or the first that was asked for */
	LINK_CANNOT, /* the record before it is not here whole */
	LINK_BROKEN, /* names another record than the one before it */
};

/* How an entry came by its place in the chain. */
enum place {
	PLACE_NONE,
	PLACE_NAME,   /* from the file's name, or from bytes that proved wrong: a hint only */
	PLACE_SIGNED, /* from an entry with the unit's good signature */
	PLACE_ABSENT, /* from the chain: nothing is there */
};

struct item {
	char *file; /* in the folder; NULL when absent */
	uint64_t at, bytes; /* of the record in its file; bytes 0: the whole file */
	uint8_t answer, link, place, kind;
	uint8_t profile; /* of the entry */
	uint8_t clock, clock_source;
	uint8_t has_policy;
	uint32_t clock_error_ms, holdover_s;
	int64_t clock_set_s;
	uint32_t boot;
	uint64_t sequence;
	uint64_t last;                /* of a missing stretch; else as sequence */
	uint64_t gap_first, gap_last; /* ENTRY_GAP; gap_first 0: passages that never had a number */
	uint64_t gap_count;
	uint8_t gap_reason;
	uint8_t explained; /* missing, and the unit says why in a signed gap: enum gap_reason */
	int64_t time_s;    /* not ENTRY_PASSAGE */
	uint32_t interval_s;
	uint8_t hash[CRYPTO_HASH_BYTES]; /* of the COSE_Sign1 */
	uint8_t previous[CRYPTO_HASH_BYTES];
	uint32_t policy;              /* which of the given ones, with has_policy */
	char unit[RECORD_UNIT_BYTES]; /* as the entry says; only proven with PLACE_SIGNED */
	char reason[REASON_BYTES];
};

/* A file that is no record, or one more copy of a record: told, not counted. */
struct other {
	char *file;
	char note[REASON_BYTES];
};

struct chain {
	struct item *items;
	size_t n, room;
	struct other *others;
	size_t n_others, others_room;
	uint64_t unused; /* numbers that the unit says no finished record ever had */
};

struct chain_rules {
	char unit[RECORD_UNIT_BYTES];
	uint8_t point[CRYPTO_POINT_BYTES];
	uint8_t key_id[RECORD_KEY_ID_BYTES];
	const struct policy *policies;
	size_t n_policies;
	uint64_t from; /* the folder should begin with this sequence; 1: with the unit's first */
	int64_t as_of_s; /* the unit should have given signs of life up to then; 0: not asked */
};

/* Reads every file of the folder once. 0, or -errno after it said why. */
int chain_scan(struct chain *c, int folder, const struct chain_rules *rules) MUST_CHECK;
/* Puts them in order, follows the links, adds what is missing. */
void chain_judge(struct chain *c, const struct chain_rules *rules);
void chain_free(struct chain *c);

/* Reads one file of the folder, or the item's part of it. The length, -EFBIG, or another -errno. */
int64_t chain_load(int folder, const struct item *it, struct space into) MUST_CHECK;
struct item *chain_add(struct chain *c, const char *file);
/* printf-like: sets answer and reason. */
void item_answer(struct item *it, enum answer answer, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void chain_note(struct chain *c, const char *file, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
