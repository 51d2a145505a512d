/*
 * record/entry.h - the chain entry: numbers, chains and signs what spool stores (COSE_Sign1, ES256).
 *
 * A record is the COSE_Sign1 followed by the body (COSE_Encrypt), a CBOR
 * sequence. The chain runs over the COSE_Sign1 bytes. Bytes: docs/RECORD.md.
 */
#ifndef RECORD_ENTRY_H
#define RECORD_ENTRY_H

#include "base/base.h"
#include "hal/crypto.h"
#include "record/header.h"
#include "record/policy.h"

enum { RECORD_SIGN1_MAX = 1024 };

enum entry_kind { ENTRY_PASSAGE = 1, ENTRY_HEARTBEAT = 2, ENTRY_GAP = 3 };

enum clock_quality { CLOCK_UNKNOWN = 0, CLOCK_FREE = 1 /* never set since boot */, CLOCK_SYNCED = 2, CLOCK_HOLDOVER = 3 };

struct record_entry {
	uint8_t kind;                            /* enum entry_kind */
	char unit[RECORD_UNIT_BYTES];
	uint32_t boot;
	uint64_t sequence;                       /* counts on over boots; the first of a unit is 1 */
	uint8_t previous[CRYPTO_HASH_BYTES];     /* SHA-256 of the COSE_Sign1 before; zero for the first */
	uint8_t clock;                           /* enum clock_quality */
	uint32_t clock_error_ms;                 /* estimated; 0 with CLOCK_UNKNOWN */
	struct span header;                      /* ENTRY_PASSAGE: the sealed header's bytes */
	uint64_t body_bytes;                     /* ENTRY_PASSAGE: length and hash of the body */
	uint8_t body_hash[CRYPTO_HASH_BYTES];
	uint64_t gap_first, gap_count;           /* ENTRY_GAP: how many undelivered records were dropped, from which sequence */
	uint8_t gap_reason;                      /* 1 age, 2 space, 3 storage fault */
};

typedef int (*record_signer)(void *key, const uint8_t hash[CRYPTO_HASH_BYTES], uint8_t signature[CRYPTO_SIGNATURE_BYTES]);

/* Signs and encodes the COSE_Sign1. key_id is the unit's. Returns its length, -ENOSPC, or what sign returned. */
int64_t record_entry_sign(const struct record_entry *e, const uint8_t key_id[RECORD_KEY_ID_BYTES], record_signer sign, void *key,
			  struct space into) MUST_CHECK;

/* What a record's file holds, found without trusting it. Spans point into the file. */
struct record_parts {
	struct span sign1; /* COSE_Sign1 */
	struct span body;  /* COSE_Encrypt; empty when the entry has none */
	uint8_t key_id[RECORD_KEY_ID_BYTES]; /* the unit key it claims to be signed with */
	uint8_t link[CRYPTO_HASH_BYTES];     /* SHA-256 of sign1: what the next entry names as previous */
	struct record_entry entry;
};
/* 0, or -EBADMSG: not a record of this profile. Nothing is verified. */
int record_split(struct record_parts *parts, struct span file) MUST_CHECK;
/* Verifies signature, and length and hash of the body when there is one. 0, -EBADMSG (altered). */
int record_verify(const struct record_parts *parts, const uint8_t unit_point[CRYPTO_POINT_BYTES]) MUST_CHECK;

#endif
