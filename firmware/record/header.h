/*
 * record/header.h - the sealed header: in the clear, bound to the body as external_aad.
 *
 * Made in the seal room. Says nothing of who passed. Bytes: docs/RECORD.md.
 */
#ifndef RECORD_HEADER_H
#define RECORD_HEADER_H

#include "base/base.h"
#include "hal/crypto.h"

enum {
	RECORD_PROFILE = 1,
	RECORD_UNIT_BYTES = 32,        /* a unit's name with the final NUL: letters, digits, '-' and '.' */
	RECORD_COARSE_TIME_S = 900,    /* the header's time is rounded down to this */
	RECORD_SOURCE_LAST = 4,        /* of record_header.source */
	RECORD_HEADER_MAX = 512,
};

struct record_header {
	char unit[RECORD_UNIT_BYTES];
	uint8_t policy[CRYPTO_HASH_BYTES];
	int64_t coarse_time_s;
	uint8_t firmware[CRYPTO_HASH_BYTES];   /* measurement of the programs that run */
	uint8_t source;                        /* 1 sensor, 2 replay, 3 synthetic, 4 self-test */
	uint64_t passage;                      /* repeats are told by it; unique in one boot */
	uint8_t commitment[CRYPTO_HASH_BYTES]; /* to the content key */
};

/* 1 when this is a unit's name: 1 to 31 letters, digits, '-' and '.', then NUL. */
int record_unit_ok(const char name[RECORD_UNIT_BYTES]) MUST_CHECK;

/* Encode returns the length or -ENOSPC; decode 0 or -EBADMSG. Canonical bytes only. */
int64_t record_header_encode(const struct record_header *h, struct space into) MUST_CHECK;
int record_header_decode(struct record_header *h, struct span bytes) MUST_CHECK;

#endif
