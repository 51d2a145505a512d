/*
 * spool/chain.h - numbers, links and signs: what a sealed passage needs to become a record.
 *
 * open -> (resume) -> (sign -> taken) ... -> close. One thread. Alone in the unit it has the signing key.
 */
#ifndef SPOOL_CHAIN_H
#define SPOOL_CHAIN_H

#include "doors/sealed/sealed.h"
#include "hal/clock.h"
#include "record/entry.h"
#include "spool/store.h"

struct hal_crypto_private;

struct chain {
	struct hal_crypto_private *key;
	uint8_t key_id[RECORD_KEY_ID_BYTES];
	uint8_t point[CRYPTO_POINT_BYTES]; /* the key's public half */
	char unit[RECORD_UNIT_BYTES];
	/* What the next entry's clock is compared with, to see that somebody set it. */
	int anchored;        /* this process has made an entry: ahead_us is good */
	int64_t ahead_us;    /* time of day less running time, at the newest entry */
	int64_t said_s;      /* before that: the time that the chain ends with; 0: not known */
};

struct chain_link {
	uint8_t sign1[RECORD_SIGN1_MAX];
	size_t bytes;
	uint8_t link[CRYPTO_HASH_BYTES]; /* what the next entry names as previous */
	struct hal_clock_state clock;    /* as the entry has it */
	int64_t clock_set_s;
};

enum {
	CHAIN_CLOCK_SET_S = 2,    /* less is no news: a leap second, a daemon's small correction */
	CHAIN_CLOCK_OFF_S = 86400, /* at a start: the unit may have been off for so long without a word */
};

/* -EBADMSG: the key file is not one; -EINVAL: the unit's name is not one. */
int chain_open(struct chain *c, int key_fd, const char *unit) MUST_CHECK;
void chain_close(struct chain *c);
/* The time that the chain on disk ends with, seconds since 1970; 0: not known. The first entry's clock is held against it. */
void chain_resume(struct chain *c, int64_t said_s);

/* 1 when the sealed header is one, and speaks of this unit and this passage. Anything else is an intruder's. */
int chain_accepts(const struct chain *c, const struct sealed *s) MUST_CHECK;

/* The entry that follows `head`. 0, or -errno: the clock or the key failed, end the room. */
int chain_sign(const struct chain *c, const struct store_head *head, const struct sealed *s,
	       struct chain_link *out) MUST_CHECK;
/* The same for an entry without a body: kind, gap_*, interval_s and health of `what` are taken, all else is filled in. */
int chain_sign_light(const struct chain *c, const struct store_head *head, const struct record_entry *what,
		     struct chain_link *out) MUST_CHECK;
/* It is on disk. Until then each next try says again that the clock was set. */
void chain_taken(struct chain *c, const struct chain_link *made);

#endif
