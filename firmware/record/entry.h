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
#include "record/health.h"
#include "record/policy.h"

enum {
	RECORD_ENTRY_PROFILE = 2, /* what is written; 1 is read as well */
	RECORD_SIGN1_MAX = 1024,
	RECORD_INTERVAL_MAX_S = 86400,
};

enum entry_kind { ENTRY_PASSAGE = 1, ENTRY_HEARTBEAT = 2, ENTRY_GAP = 3, ENTRY_HEALTH = 4, ENTRY_KINDS };

enum gap_reason {
	GAP_AGE = 1,     /* undelivered records, older than the policy keeps them */
	GAP_SPACE,       /* undelivered records that made room, as the policy allows */
	GAP_DAMAGED,     /* records that storage does not give back */
	GAP_UNFINISHED,  /* a record that was being written when the power went; it was never promised */
	GAP_NO_POLICY,   /* passages, counted only: no valid policy was there */
	GAP_REASONS
};

enum clock_quality { CLOCK_UNKNOWN = 0, CLOCK_FREE = 1 /* never set since boot */, CLOCK_SYNCED = 2, CLOCK_HOLDOVER = 3 };

/* Where the time comes from, as far as the kernel can tell: hal/clock.h. */
enum clock_source {
	CLOCK_SOURCE_NONE = 0, /* nothing that is known: it may be any time; and in profile 1 */
	CLOCK_SOURCE_RTC,      /* the machine's own clock with a battery, read when it started */
	CLOCK_SOURCE_DAEMON,   /* a time daemon steers it: NTP, PTP or a receiver */
	CLOCK_SOURCE_PULSE,    /* as before, and the kernel has a pulse each second (a GNSS receiver, as a rule) */
};

struct record_entry {
	uint8_t profile;                         /* as read; RECORD_ENTRY_PROFILE is written */
	uint8_t kind;                            /* enum entry_kind */
	char unit[RECORD_UNIT_BYTES];
	uint32_t boot;
	uint64_t sequence;                       /* counts on over boots; the first of a unit is 1 */
	uint8_t previous[CRYPTO_HASH_BYTES];     /* SHA-256 of the COSE_Sign1 before; zero for the first */
	uint8_t clock;                           /* enum clock_quality */
	uint32_t clock_error_ms;                 /* estimated; 0 with CLOCK_UNKNOWN */
	uint8_t clock_source;                    /* enum clock_source */
	uint32_t holdover_s;                     /* CLOCK_HOLDOVER: since it was last seen synchronised */
	int64_t clock_set_s;                     /* by how much the clock was set since the entry before; docs/RECORD.md */
	struct span header;                      /* ENTRY_PASSAGE: the sealed header's bytes */
	uint64_t body_bytes;                     /* ENTRY_PASSAGE: length and hash of the body */
	uint8_t body_hash[CRYPTO_HASH_BYTES];
	uint64_t gap_first, gap_count;           /* ENTRY_GAP: how many, from which sequence; gap_first 0 when they never had one */
	uint8_t gap_reason;                      /* enum gap_reason */
	int64_t time_s;                          /* not ENTRY_PASSAGE: since 1970, as the unit's clock had it */
	uint32_t interval_s;                     /* ENTRY_HEARTBEAT: the next one comes no later than this */
	struct record_health health;             /* ENTRY_HEALTH */
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
/*
 * Takes the first record of several, one behind another, as they lie in a segment of a
 * spool; a passage there always has its body. *left moves behind it.
 *   -ENODATA  it goes on behind the end of *left: parts->sign1 and parts->entry are good
 *             all the same, and say how long it is
 *   -EBADMSG  no record begins here
 */
int record_take(struct record_parts *parts, struct span *left) MUST_CHECK;
/* Length of the record that record_take() found. */
uint64_t record_bytes(const struct record_parts *parts) MUST_CHECK;
/* Where the next record that claims this key may begin, after damaged bytes; bytes.n when nowhere. */
size_t record_find(struct span bytes, const uint8_t key_id[RECORD_KEY_ID_BYTES]) MUST_CHECK;
/* Verifies signature, and length and hash of the body when there is one. 0, -EBADMSG (altered). */
int record_verify(const struct record_parts *parts, const uint8_t unit_point[CRYPTO_POINT_BYTES]) MUST_CHECK;

#endif
