/*
 * record/policy.h - who may open records, and the rules they set: signed by the agency's policy key.
 *
 * Bytes: docs/RECORD.md, "Policy". The reader accepts exactly the canonical bytes.
 */
#ifndef RECORD_POLICY_H
#define RECORD_POLICY_H

#include "base/base.h"
#include "hal/crypto.h"

enum {
	POLICY_BYTES_MAX = 16384,
	POLICY_RECIPIENTS_MAX = 8,
	POLICY_ROLE_BYTES = 24,      /* with the final NUL */
	POLICY_COLLECTORS_MAX = 4,
	POLICY_URL_BYTES = 256,      /* with the final NUL */
	RECORD_KEY_ID_BYTES = 16,    /* first half of SHA-256 of the public point */
};

/* Either may be set: records older than the retention; the oldest ones when the disk is full. */
enum { POLICY_DROP_AGED = 1, POLICY_DROP_FOR_SPACE = 2, POLICY_DROP_BOTH = 3 };

struct policy_recipient {
	char role[POLICY_ROLE_BYTES]; /* "agency", "escrow", ... */
	uint8_t key_id[RECORD_KEY_ID_BYTES];
	uint8_t point[CRYPTO_POINT_BYTES];
};

struct policy {
	uint64_t version;                /* only ever upwards */
	int64_t not_before_s, not_after_s; /* seconds since 1970 */
	uint8_t suite;                   /* 1: COSE-HPKE-7-KE, P-256 */
	uint32_t n_recipients;
	struct policy_recipient recipients[POLICY_RECIPIENTS_MAX]; /* 2..8; key_id is worked out by policy_read */
	uint32_t n_required;             /* roles that must be present, beside "agency", each exactly once */
	char required[POLICY_RECIPIENTS_MAX][POLICY_ROLE_BYTES];
	uint32_t margin_x_permille, margin_y_permille; /* added on each side, of the plate's width / height: 0..1000 */
	uint32_t share_max_permille;     /* a crop larger than this share of the frame is refused: 1..250 */
	uint32_t views_max;              /* of one plate in one record: 1..8 */
	uint32_t retention_days;         /* on the unit: 1..3650 */
	uint32_t heartbeat_s;            /* 1..86400 */
	uint32_t clock_error_max_ms;     /* 0: no demand */
	uint32_t n_collectors;
	char collectors[POLICY_COLLECTORS_MAX][POLICY_URL_BYTES];
	uint8_t collector_anchor[CRYPTO_HASH_BYTES]; /* SHA-256 of the DER trust anchor; all zero: none */
	uint32_t drop_undelivered;       /* what a unit may drop that nobody has yet: POLICY_DROP_* */
	uint8_t hash[CRYPTO_HASH_BYTES]; /* SHA-256 of the signed bytes; set by policy_read, in every record */
};

/*
 * Reads and checks a policy: canonical bytes, signature by one of `keys`
 * (current and next), ranges, roles "agency" and every required role present
 * once, at least two recipients, no key twice. Does not look at the clock or at older versions.
 *   -EBADMSG   malformed, or not canonical
 *   -EACCES    signed by none of the keys
 *   -ERANGE    a value out of range, a required role missing, a key twice
 */
int policy_read(struct policy *p, struct span bytes, const uint8_t (*keys)[CRYPTO_POINT_BYTES], size_t n_keys) MUST_CHECK;

/*
 * What a policy says, whoever signed it: for showing one, and for knowing again the
 * one whose hash a record names. Answers as policy_read(), never -EACCES. A unit must
 * not act on it.
 */
int policy_peek(struct policy *p, struct span bytes) MUST_CHECK;

/* 0 good now; -ESTALE expired or not valid yet; -EPERM older than the newest version this unit has seen. */
int policy_usable(const struct policy *p, int64_t now_s, uint64_t newest_version) MUST_CHECK;

/* For a person: what a negative answer of the two functions above means and what to do. */
const char *policy_trouble(int err);

/*
 * For the agency's tool: signs and encodes. `sign` gets the hash of the COSE Sig_structure.
 * Returns a length, -ERANGE, -ENOSPC or what sign returned. A policy with values out of
 * range can be written, and is then refused by policy_read(): read it back.
 */
int64_t policy_write(const struct policy *p, struct space into,
		     int (*sign)(void *key, const uint8_t hash[CRYPTO_HASH_BYTES], uint8_t signature[CRYPTO_SIGNATURE_BYTES]),
		     void *key) MUST_CHECK;

/* SHA-256 of the point, cut to RECORD_KEY_ID_BYTES. */
int record_key_id(const uint8_t point[CRYPTO_POINT_BYTES], uint8_t id[RECORD_KEY_ID_BYTES]) MUST_CHECK;

#endif
