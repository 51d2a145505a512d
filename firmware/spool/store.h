/*
 * spool/store.h - the chain on disk: whole or absent, numbered, never numbered twice.
 *
 * open -> (append | due -> read -> delivered | room | drop) ... -> close. One thread, one
 * process a folder. Records lie one behind another in segment files. What is on disk, every
 * point at which the power may go and what open does about it: docs/SPOOL.md.
 */
#ifndef SPOOL_STORE_H
#define SPOOL_STORE_H

#include "base/base.h"
#include "hal/crypto.h"
#include "record/entry.h"

enum {
	/*
	 * Passages remembered to tell a repeat. Only what locate still holds can be
	 * offered again, and locate holds at most 64; four times that costs 2 KiB.
	 */
	STORE_RECENT = 256,
	STORE_BOOT_MAX = 99999999, /* collectors name files with eight digits */
	/* What a full spool still takes beside its limits, so that heartbeats and gaps can be written. */
	STORE_RESERVE_BYTES = 1 << 20,
	STORE_RESERVE_RECORDS = 4096,
	/* Beside the floor, so that the disk has a place for .head, without which the last segment cannot go. */
	STORE_SLACK_BYTES = 64 << 10,
};
#define STORE_SEQUENCE_MAX (UINT64_C(1) << 62)

struct store_wish {
	int folder_fd;    /* stays the caller's */
	const char *unit; /* a chain of another unit is not continued */
	const uint8_t *key_id; /* of the unit's key; kept, RECORD_KEY_ID_BYTES */
	const uint8_t *point;  /* its public half; kept, CRYPTO_POINT_BYTES */
	uint64_t max_bytes;
	uint64_t max_records; /* at least 1 */
	uint64_t free_floor;  /* bytes of the file system that are left to others */
	int64_t max_age_s;    /* 0: no limit */
	uint64_t run;         /* the same as long as locate's numbers go on; see docs/SPOOL.md, "Boot" */
	int first;            /* 1: a new boot even if `run` is the same */
	struct space scratch; /* holds the largest record, or 256 KiB, whichever is more; used during open only */
};

/* A record, and where it lies. */
struct store_entry {
	uint64_t sequence;
	uint64_t segment, at;
	uint32_t boot;
	uint32_t bytes;
	uint8_t kind;  /* enum entry_kind */
	uint8_t clock; /* enum clock_quality */
	uint8_t link[CRYPTO_HASH_BYTES];
};

/* Numbers whose records are gone, or never came to be. */
struct store_lost {
	uint64_t first, count;
	uint8_t reason; /* enum gap_reason */
};

/* What the next record builds on. It is kept in .head as well. */
struct store_head {
	uint32_t boot; /* this boot's number */
	uint64_t run;
	uint64_t sequence;               /* the highest number given, 0 before the first of all */
	uint8_t link[CRYPTO_HASH_BYTES]; /* SHA-256 of the newest COSE_Sign1, zero before the first of all */
	uint64_t recent[STORE_RECENT];   /* passages stored in this boot, a ring */
	uint64_t recent_n;               /* how many were ever put into it */
};

/* Up to which number there is nothing more to deliver. */
struct store_marks {
	uint64_t all;   /* everything */
	uint64_t light; /* entries without a body, which go ahead of passages */
};

struct store_segment {
	uint64_t first; /* number of its first record; also its name */
	uint64_t bytes;
	int64_t changed_s; /* since 1970; 0: not known */
};

/* A place in the chain: before the record with number `next`. */
struct store_cursor {
	uint64_t next;
	uint64_t segment, at; /* where to look for it; segment 0: not known yet */
};

struct store {
	int folder;
	const uint8_t *key_id, *point;
	uint64_t max_bytes, max_records, free_floor;
	int64_t max_age_s;
	uint64_t segment_bytes, segment_records; /* one more makes a new segment */
	struct store_head head;
	struct store_segment *segments; /* oldest first */
	size_t places, n;
	uint64_t bytes;                  /* in all segments */
	int tail;                        /* the file of the last segment; -1: the next record begins another */
	struct store_cursor all, light;
	int removed;                     /* a segment's removal is not synced yet */
	int reading;                     /* a segment that is open for reading, or -1 */
	uint64_t reading_first;
	struct store_lost owed;          /* has to be stated before anything else is appended; count 0: nothing */
};

struct store_found {
	uint64_t records, leftovers, foreign, damaged;
	int64_t said_s; /* the time in the newest entry that says one, as far as was looked; 0: none seen */
};

/*
 * Recovers the folder, begins a boot if this is one, and syncs that to disk.
 * Sets *found for the log. On failure nothing may be stored, and there is nothing to close.
 *   -EWOULDBLOCK  another spool has the folder
 *   -EXDEV        the folder holds another unit's records
 *   -ERANGE       the numbers are used up
 *   other -errno  the file system refuses
 */
int store_open(struct store *st, const struct store_wish *wish, struct store_found *found) MUST_CHECK;
/* Saves what is only in memory, as far as the disk lets it. */
void store_close(struct store *st);

/* For a person: what a negative answer of store_open() means and what to do. */
const char *store_trouble(int err);
/* 1 when opening again will not help before a person has changed something. */
int store_is_mistake(int err) MUST_CHECK;

/* 1 when this boot has stored that passage: answer again, do not store again. */
int store_knows(const struct store *st, uint64_t passage) MUST_CHECK;
/* Records held, those that were delivered included. */
uint64_t store_count(const struct store *st) MUST_CHECK;

/*
 * Makes room for `bytes` more, deleting delivered segments, oldest first. `light`: for an
 * entry without a body, which may use the reserve.
 * 0, or -ENOSPC: a limit is reached and nothing delivered is left to delete; -EFBIG: it can never fit.
 */
int store_room(struct store *st, uint64_t bytes, int light) MUST_CHECK;

/*
 * Stores the record with number head.sequence + 1. Call store_room() before.
 * passage: of a passage; NULL for an entry without a body.
 * 0: it is synced, and head has moved on. -errno: it is not there, and head is as before.
 */
int store_append(struct store *st, const uint64_t *passage, const uint8_t link[CRYPTO_HASH_BYTES], struct span sign1,
		 struct span body) MUST_CHECK;

enum { STORE_NONE, STORE_DUE, STORE_LOST };
/*
 * What is to be done next: STORE_DUE, *due is to be delivered: the oldest entry without a
 * body, or else the oldest record. STORE_LOST: the disk does not give *lost back; append a
 * gap, then store_give_up(). STORE_NONE. -errno: not now.
 */
int store_due(struct store *st, struct store_entry *due, struct store_lost *lost) MUST_CHECK;

/*
 * Reads a record and verifies it. Its length, or -EBADMSG: it is not what was stored; it is
 * now lost, see store_due(). Another -errno: not now.
 */
int64_t store_read(struct store *st, const struct store_entry *e, struct space into) MUST_CHECK;

/* It was delivered, or lost and stated. Older ones are no mistake: an answer may come twice. */
void store_delivered(struct store *st, const struct store_entry *e);
void store_give_up(struct store *st, const struct store_lost *lost);
/* What was delivered is kept in memory; after a restart it is offered again unless this was called. */
int store_save_marks(struct store *st) MUST_CHECK;

/* When the newest record was written, by the unit's clock: its segment is as old as that. Not told, age says nothing of it. */
void store_written_at(struct store *st, int64_t utc_s);
/* 1 when the oldest segment is older than max_age_s. A time before its own says nothing. */
int store_aged(struct store *st, int64_t now_s) MUST_CHECK;
/* Deletes the oldest segment if all in it was delivered. 0, -ENOSPC when it was not, or another -errno. */
int store_delete_delivered(struct store *st) MUST_CHECK;
/*
 * Drops the oldest segment, delivered or not: what() tells what would go; append a gap, then
 * drop() it. -ENOENT: no passage is held that was not delivered, and so nothing would be gained.
 */
int store_drop_what(struct store *st, struct store_lost *lost) MUST_CHECK;
/*
 * Gaps that were not delivered may go with it. Widens *lost to what they speak of, so that the new gap says it in their
 * place; returns how many passages they counted that never had a number.
 */
uint64_t store_drop_says(struct store *st, struct store_lost *lost);
int store_drop(struct store *st, const struct store_lost *lost) MUST_CHECK;
/* The next record begins a new segment, so that age can be told apart. */
void store_turn_page(struct store *st);

#endif
