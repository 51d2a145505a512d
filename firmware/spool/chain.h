/*
 * spool/chain.h - numbers, links and signs: what a sealed passage needs to become a record.
 *
 * open -> sign ... sign -> close. One thread. Alone in the unit it has the signing key.
 */
#ifndef SPOOL_CHAIN_H
#define SPOOL_CHAIN_H

#include "doors/sealed/sealed.h"
#include "record/entry.h"
#include "spool/store.h"

struct hal_crypto_private;

struct chain {
	struct hal_crypto_private *key;
	uint8_t key_id[RECORD_KEY_ID_BYTES];
	uint8_t point[CRYPTO_POINT_BYTES]; /* the key's public half */
	char unit[RECORD_UNIT_BYTES];
};

struct chain_link {
	uint8_t sign1[RECORD_SIGN1_MAX];
	size_t bytes;
	uint8_t link[CRYPTO_HASH_BYTES]; /* what the next entry names as previous */
};

/* -EBADMSG: the key file is not one; -EINVAL: the unit's name is not one. */
int chain_open(struct chain *c, int key_fd, const char *unit) MUST_CHECK;
void chain_close(struct chain *c);

/* 1 when the sealed header is one, and speaks of this unit and this passage. Anything else is an intruder's. */
int chain_accepts(const struct chain *c, const struct sealed *s) MUST_CHECK;

/* The entry that follows `head`. 0, or -errno: the clock or the key failed, end the room. */
int chain_sign(const struct chain *c, const struct store_head *head, const struct sealed *s,
	       struct chain_link *out) MUST_CHECK;
/* The same for an entry without a body: kind, gap_* and interval_s of `what` are taken, all else is filled in. */
int chain_sign_light(const struct chain *c, const struct store_head *head, const struct record_entry *what,
		     struct chain_link *out) MUST_CHECK;


#endif
