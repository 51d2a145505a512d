/*
 * seal/settings.h - what the warden tells seal at its start.
 */
#ifndef SEAL_SETTINGS_H
#define SEAL_SETTINGS_H

#include "base/base.h"
#include "hal/crypto.h"
#include "record/header.h"

struct seal_settings {
	char unit[RECORD_UNIT_BYTES];
	uint8_t firmware[CRYPTO_HASH_BYTES];        /* measurement of the programs that run */
	uint8_t policy_keys[2][CRYPTO_POINT_BYTES]; /* the agency's: current, next */
	size_t n_policy_keys;
	uint64_t policy_newest; /* the highest policy version this unit has seen */
};

/* Ends the room when a value is missing or malformed: the warden has checked them before. */
void seal_settings_read(struct seal_settings *s);

#endif
