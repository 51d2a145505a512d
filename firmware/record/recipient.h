/*
 * record/recipient.h - what sealing and opening must do alike for each recipient. Bytes: docs/RECORD.md.
 */
#ifndef RECORD_RECIPIENT_H
#define RECORD_RECIPIENT_H

#include "record/hpke.h"
#include "record/policy.h"

enum {
	RECIPIENT_PROTECTED_BYTES = 6 + RECORD_KEY_ID_BYTES, /* {1: 53, 4: key id} */
	RECIPIENT_WRAPPED_BYTES = CRYPTO_KEY_BYTES + CRYPTO_TAG_BYTES,
	BODY_PROTECTED_BYTES = 3, /* {1: 3}: AES-256-GCM */
	BODY_ENC_STRUCTURE_MAX = 600,
};

extern const uint8_t body_protected[BODY_PROTECTED_BYTES];

/* The recipient's protected header. */
void recipient_protected(const uint8_t key_id[RECORD_KEY_ID_BYTES], uint8_t out[RECIPIENT_PROTECTED_BYTES]);

/* HPKE's info for a recipient with this protected header, worked into a key schedule. 0 or -EIO. */
int recipient_schedule(struct span protected_header, struct span extra_info, uint8_t schedule[HPKE_SCHEDULE_BYTES]) MUST_CHECK;

/* The commitment to a content key: HKDF-Expand(key, label, 32). 0 or -EIO. */
int recipient_commitment(const uint8_t content_key[CRYPTO_KEY_BYTES], uint8_t commitment[CRYPTO_HASH_BYTES]) MUST_CHECK;

#endif
