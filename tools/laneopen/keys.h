/*
 * tools/laneopen/keys.h - what the recipient brings: a private key, policies, the unit's certificate.
 *
 * Each function says what was wrong with a file and returns a negative errno.
 */
#ifndef LANEOPEN_KEYS_H
#define LANEOPEN_KEYS_H

#include "hal/crypto_private.h"

#include "../common/key.h"
#include "chain.h"

enum { POLICIES_MAX = 64 };

struct keys {
	struct hal_crypto_private *own; /* NULL with --verify-only */
	uint8_t own_id[RECORD_KEY_ID_BYTES];
	struct policy policies[POLICIES_MAX];
	size_t n_policies;
	int policies_checked; /* their signatures were checked with --policy-key */
	int maker_checked;    /* the unit's certificate was checked with --maker */
};

int keys_own(struct keys *k, const char *path, const struct key_passphrase *from) MUST_CHECK;
/* policy_key NULL: taken as given; each record names the hash of its policy all the same. */
int keys_policies(struct keys *k, char *const *paths, size_t n, const char *policy_key) MUST_CHECK;
/* Fills unit, point and key_id of the rules. maker NULL: the certificate is taken as given. */
int keys_unit(struct keys *k, struct chain_rules *rules, const char *certificate,
	      const char *maker) MUST_CHECK;
/* Warns when the key is a recipient of none of the policies: then no record will open. */
void keys_compare(const struct keys *k, const char *path);
void keys_close(struct keys *k);

#endif
