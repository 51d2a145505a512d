/*
 * What the record's tests share: keys from fixed scalars, a policy, a passage, and a whole record made of them.
 */
#ifndef TESTS_PORTS_MAKER_H
#define TESTS_PORTS_MAKER_H

#include "hal/crypto_private.h"
#include "record/body.h"
#include "record/entry.h"
#include "record/open.h"

enum { MAKER_RECORD_MAX = 65536 };

enum maker_key { MAKER_AUTHORITY, MAKER_AGENCY, MAKER_ESCROW, MAKER_UNIT, MAKER_STRANGER, MAKER_KEYS };

struct maker {
	struct hal_crypto_private *keys[MAKER_KEYS];
	uint8_t points[MAKER_KEYS][CRYPTO_POINT_BYTES];
	struct policy policy;         /* as read back */
	uint8_t policy_bytes[POLICY_BYTES_MAX];
	size_t policy_n;
	struct crop crop;
	uint8_t record[MAKER_RECORD_MAX];
	size_t record_n, sign1_n;
};

/* The throw-away scalar of a key: SHA-256 of its number, so that any tool can make it again. */
void maker_scalar(enum maker_key which, uint8_t scalar[CRYPTO_SCALAR_BYTES]);

/* A policy with every field set, agency and escrow as recipients. */
void maker_policy(const struct maker *m, struct policy *p);
int maker_sign(void *key, const uint8_t hash[CRYPTO_HASH_BYTES], uint8_t signature[CRYPTO_SIGNATURE_BYTES]);
int64_t maker_write_policy(const struct maker *m, const struct policy *p, struct space into);

/* Opens the crypto port and makes all of the above. `picture` is lent until maker_close(). CHECKs that it worked. */
void maker_open(struct maker *m, struct span picture);
void maker_record(struct maker *m, struct span picture);
void maker_close(struct maker *m);

#endif
