/*
 * The private half of the mbedTLS port: signing and key agreement with a kept key.
 * A PSA key serves one algorithm, so the scalar lies in two slots.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hal/crypto_private.h"
#include "mbedtls_shared.h"

struct hal_crypto_private {
	psa_key_id_t sign, agree;
	uint8_t point[CRYPTO_POINT_BYTES];
};

int
hal_crypto_private_open(struct hal_crypto_private **key, const uint8_t scalar[CRYPTO_SCALAR_BYTES])
{
	const struct span bytes = SPAN(scalar, CRYPTO_SCALAR_BYTES);
	struct hal_crypto_private *k = calloc(1, sizeof(*k));
	size_t n = 0;
	int err;

	*key = NULL;
	if (k == NULL)
		return -ENOMEM;
	err = port_key_import(&k->sign, bytes, MBEDTLS_PAIR, PSA_KEY_USAGE_SIGN_HASH, PSA_ALG_ECDSA(PSA_ALG_SHA_256));
	if (err == 0)
		err = port_key_import(&k->agree, bytes, MBEDTLS_PAIR, PSA_KEY_USAGE_DERIVE, PSA_ALG_ECDH);
	if (err == 0 && (psa_export_public_key(k->sign, k->point, sizeof(k->point), &n) != PSA_SUCCESS || n != sizeof(k->point)))
		err = -EIO;
	if (err < 0) {
		hal_crypto_private_close(k);
		return err;
	}
	*key = k;
	return 0;
}

void
hal_crypto_private_close(struct hal_crypto_private *key)
{
	if (key == NULL)
		return;
	(void)psa_destroy_key(key->sign);
	(void)psa_destroy_key(key->agree);
	free(key);
}

int
hal_crypto_private_point(const struct hal_crypto_private *key, uint8_t point[CRYPTO_POINT_BYTES])
{
	memcpy(point, key->point, CRYPTO_POINT_BYTES);
	return 0;
}

int
hal_crypto_sign(const struct hal_crypto_private *key, const uint8_t hash[CRYPTO_HASH_BYTES],
		uint8_t signature[CRYPTO_SIGNATURE_BYTES])
{
	psa_status_t status;
	size_t n = 0;

	status = psa_sign_hash(key->sign, PSA_ALG_ECDSA(PSA_ALG_SHA_256), hash, CRYPTO_HASH_BYTES, signature,
			       CRYPTO_SIGNATURE_BYTES, &n);
	return status == PSA_SUCCESS && n == CRYPTO_SIGNATURE_BYTES ? 0 : -EIO;
}

int
hal_crypto_ecdh(const struct hal_crypto_private *key, const uint8_t point[CRYPTO_POINT_BYTES],
		uint8_t secret[CRYPTO_SCALAR_BYTES])
{
	return port_derive(key->agree, point, secret);
}
