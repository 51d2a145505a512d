/*
 * Loads what the recipient brings, and finds out early when it cannot work: a key of
 * another role, a policy by somebody else, a certificate that is none of a unit's.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <openssl/x509v3.h>

#include "base/wipe.h"

#include "../common/file.h"
#include "../common/say.h"
#include "keys.h"

int
keys_own(struct keys *k, const char *path, const struct key_passphrase *from)
{
	uint8_t scalar[CRYPTO_SCALAR_BYTES], point[CRYPTO_POINT_BYTES];
	EVP_PKEY *key = NULL;
	int err;

	err = key_load_private(path, from, &key);
	if (err < 0)
		return err;
	err = key_scalar(key, scalar);
	if (err == 0)
		err = hal_crypto_private_open(&k->own, scalar);
	wipe(scalar, sizeof(scalar));
	EVP_PKEY_free(key);
	if (err == 0)
		err = hal_crypto_private_point(k->own, point);
	if (err == 0)
		err = record_key_id(point, k->own_id);
	if (err < 0)
		say_trouble("%s: this key cannot be used", path);
	return err;
}

static int
load_point(const char *path, uint8_t point[CRYPTO_POINT_BYTES])
{
	EVP_PKEY *key = NULL;
	int err;

	err = key_load_public(path, &key);
	if (err == 0)
		err = key_point(key, point);
	EVP_PKEY_free(key);
	return err;
}

static int
load_policy(struct policy *p, const char *path, const uint8_t (*point)[CRYPTO_POINT_BYTES])
{
	struct space bytes;
	int err;

	err = file_load(path, POLICY_BYTES_MAX, &bytes);
	if (err < 0)
		return err;
	if (point)
		err = policy_read(p, SPAN(bytes.p, bytes.n), point, 1);
	else
		err = policy_peek(p, SPAN(bytes.p, bytes.n));
	if (err == -EACCES)
		say_trouble("%s: is not signed by the key that --policy-key names", path);
	else if (err < 0)
		say_trouble("%s: %s", path, policy_trouble(err));
	file_free(&bytes);
	return err;
}

int
keys_policies(struct keys *k, char *const *paths, size_t n, const char *policy_key)
{
	uint8_t point[1][CRYPTO_POINT_BYTES];
	int err = 0;

	if (policy_key)
		err = load_point(policy_key, point[0]);
	k->policies_checked = policy_key != NULL;
	for (size_t i = 0; i < n && err == 0; i++)
		err = load_policy(&k->policies[i], paths[i],
				  policy_key ? (const uint8_t(*)[CRYPTO_POINT_BYTES])point : NULL);
	k->n_policies = n;
	return err;
}

/* Without regard to the clock: a record stays what it is when a certificate has run out. */
static int
check_maker(X509 *unit, const char *certificate, const char *maker)
{
	X509_STORE_CTX *context = X509_STORE_CTX_new();
	X509_STORE *store = X509_STORE_new();
	X509 *c = NULL;
	int err;

	CHECK(store && context);
	err = key_load_certificate(maker, &c);
	if (err == 0 &&
	    (X509_STORE_add_cert(store, c) != 1 || X509_STORE_CTX_init(context, store, unit, NULL) != 1))
		err = -EIO;
	if (err == 0) {
		X509_STORE_CTX_set_flags(context, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_NO_CHECK_TIME);
		if (X509_verify_cert(context) != 1) {
			say_trouble("%s: was not signed by the maker of %s (%s)", certificate, maker,
				    X509_verify_cert_error_string(X509_STORE_CTX_get_error(context)));
			err = -EACCES;
		}
	}
	X509_free(c);
	X509_STORE_CTX_free(context);
	X509_STORE_free(store);
	return err;
}

static int
take_unit(struct chain_rules *rules, X509 *c, const char *path)
{
	if (X509_check_ca(c) == 1) {
		say_trouble("%s: is a maker's certificate; the unit's is needed (unit-cert.pem)", path);
		return -EINVAL;
	}
	if (key_certificate_name(c, rules->unit, sizeof(rules->unit)) < 0 || !record_unit_ok(rules->unit)) {
		say_trouble("%s: names no unit; the certificate of a unit is needed (unit-cert.pem)", path);
		return -EINVAL;
	}
	if (key_point(X509_get0_pubkey(c), rules->point) < 0)
		return -EINVAL;
	return record_key_id(rules->point, rules->key_id);
}

int
keys_unit(struct keys *k, struct chain_rules *rules, const char *certificate, const char *maker)
{
	X509 *c = NULL;
	int err;

	err = key_load_certificate(certificate, &c);
	if (err < 0)
		return err;
	err = take_unit(rules, c, certificate);
	if (err == 0 && maker)
		err = check_maker(c, certificate, maker);
	k->maker_checked = maker != NULL;
	X509_free(c);
	return err;
}

void
keys_compare(const struct keys *k, const char *path)
{
	char roles[300] = "";
	size_t used = 0;

	for (size_t i = 0; i < k->n_policies; i++) {
		const struct policy *p = &k->policies[i];

		for (uint32_t r = 0; r < p->n_recipients; r++) {
			if (same_bytes(p->recipients[r].key_id, k->own_id, sizeof(k->own_id)))
				return;
			if (used < sizeof(roles))
				used += (size_t)snprintf(roles + used, sizeof(roles) - used,
							 "%s%s (key id %02x%02x...)", used ? ", " : "",
							 p->recipients[r].role, p->recipients[r].key_id[0],
							 p->recipients[r].key_id[1]);
		}
	}
	say_trouble(
	    "%s: key id %02x%02x... is not among the recipients of the given policies: %s. Records can be checked, "
	    "but this key will not open them",
	    path, k->own_id[0], k->own_id[1], roles);
}

void
keys_close(struct keys *k)
{
	if (k->own)
		hal_crypto_private_close(k->own);
	k->own = NULL;
}
