/*
 * spool/store.h - records on disk: whole or absent, numbered, never numbered twice.
 *
 * open -> (append | read | delivered | set_aside) ... -> close. One thread, one
 * process a folder. What is on disk, every point at which the power may go and
 * what open does about it: docs/SPOOL.md.
 */
#ifndef SPOOL_STORE_H
#define SPOOL_STORE_H

#include "base/base.h"
#include "hal/crypto.h"

enum {
	/*
	 * Passages remembered to tell a repeat. Only what locate still holds can be
	 * offered again, and locate holds at most 64; four times that costs 2 KiB.
	 */
	STORE_RECENT = 256,
	STORE_NAME_BYTES = 40,
	/* A name has eight digits for the boot; a hostile name must not bring the sequence to its end. */
	STORE_BOOT_MAX = 99999999,
};
#define STORE_SEQUENCE_MAX (UINT64_C(1) << 62)

struct store_wish {
	int folder_fd;    /* stays the caller's */
	const char *unit; /* a newest record of another unit is not continued */
	uint64_t max_bytes;
	uint64_t max_records; /* at least 1 */
	uint64_t free_floor;  /* bytes of the file system that are left to others */
	uint64_t run;         /* the same as long as locate's numbers go on; see docs/SPOOL.md, "Boot" */
	int first;            /* 1: a new boot even if `run` is the same */
	struct space scratch; /* holds the largest record; used during open only */
};

struct store_entry {
	uint64_t sequence;
	uint32_t boot;
	uint32_t bytes;
};

/* What the next record builds on. It is kept in state/head as well. */
struct store_head {
	uint32_t boot; /* this boot's number */
	uint64_t run;
	uint64_t sequence;               /* of the newest record, 0 before the first of all */
	uint8_t link[CRYPTO_HASH_BYTES]; /* SHA-256 of its COSE_Sign1, zero before the first of all */
	uint64_t recent[STORE_RECENT];   /* passages stored in this boot, a ring */
	uint64_t recent_n;               /* how many were ever put into it */
};

struct store {
	int folder, state;
	uint64_t max_bytes, max_records, free_floor;
	struct store_head head;
	uint64_t head_saved;       /* sequence up to which state/head is on disk */
	uint64_t delivered;        /* records up to this sequence were delivered */
	struct store_entry *index; /* a ring of `places`, oldest record first */
	size_t places, first, count;
	size_t n_delivered; /* of `count`, from the front */
	uint64_t bytes;
};

struct store_found {
	uint64_t records, leftovers, foreign, damaged;
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
void store_close(struct store *st);

/* For a person: what a negative answer of store_open() means and what to do. */
const char *store_trouble(int err);
/* 1 when opening again will not help before a person has changed something. */
int store_is_mistake(int err) MUST_CHECK;

/* 1 when this boot has stored that passage: answer again, do not store again. */
int store_knows(const struct store *st, uint64_t passage) MUST_CHECK;

/*
 * Makes room for `bytes` more, deleting delivered records, oldest first.
 * 0, or -ENOSPC: a limit is reached and nothing more may be deleted.
 */
int store_room(struct store *st, uint64_t bytes) MUST_CHECK;

/*
 * Stores the record with sequence head.sequence + 1. Call store_room() before.
 * 0: it is synced, and head has moved on. -errno: it is not there, and head is as before.
 */
int store_append(struct store *st, uint64_t passage, const uint8_t link[CRYPTO_HASH_BYTES], struct span sign1,
		 struct span body) MUST_CHECK;

/* 1 and the oldest record not delivered yet, or 0. */
int store_due(const struct store *st, struct store_entry *due) MUST_CHECK;

/* Returns the record's length, or -errno. */
int64_t store_read(const struct store *st, const struct store_entry *e, struct space into) MUST_CHECK;

/*
 * The oldest undelivered record was delivered. When the mark cannot be written
 * the record may be offered again after a restart, which harms nobody.
 */
int store_delivered(struct store *st, uint64_t sequence) MUST_CHECK;

/* The oldest undelivered record cannot be read: it gets the ending .bad and is passed over. */
void store_set_aside(struct store *st, uint64_t sequence);

#endif
