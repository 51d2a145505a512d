/*
 * The private half of the OpenSSL port: signing and key agreement with a kept key.
 * A signing context is kept with the key; making one anew costs a third of a signature.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#include "base/wipe.h"
#include "hal/crypto_private.h"
#include "openssl_shared.h"

struct hal_crypto_private {
	uint8_t point[CRYPTO_POINT_BYTES];
	EVP_PKEY *key;
	EVP_PKEY_CTX *sign;
};

/* The public point of a scalar. 0, -EINVAL when the scalar is not in 1..n-1, -EIO. */
static int
point_of(const uint8_t scalar[CRYPTO_SCALAR_BYTES], uint8_t point[CRYPTO_POINT_BYTES])
{
	EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	BIGNUM *k = BN_secure_new();
	EC_POINT *p = group != NULL ? EC_POINT_new(group) : NULL;
	int err = -EIO;

	if (p == NULL || k == NULL || BN_bin2bn(scalar, CRYPTO_SCALAR_BYTES, k) == NULL)
		goto free;
	BN_set_flags(k, BN_FLG_CONSTTIME);
	err = -EINVAL;
	if (BN_is_zero(k) || BN_cmp(k, EC_GROUP_get0_order(group)) >= 0)
		goto free;
	err = -EIO;
	if (EC_POINT_mul(group, p, k, NULL, NULL, NULL) == 1 &&
	    EC_POINT_point2oct(group, p, POINT_CONVERSION_UNCOMPRESSED, point, CRYPTO_POINT_BYTES, NULL) == CRYPTO_POINT_BYTES)
		err = 0;
free:
	EC_POINT_free(p);
	BN_clear_free(k);
	EC_GROUP_free(group);
	return err;
}

int
hal_crypto_private_open(struct hal_crypto_private **key, const uint8_t scalar[CRYPTO_SCALAR_BYTES])
{
	struct hal_crypto_private *k = calloc(1, sizeof(*k));
	int err;

	*key = NULL;
	if (k == NULL)
		return -ENOMEM;
	err = point_of(scalar, k->point);
	if (err == 0)
		err = openssl_key_import(&k->key, k->point, scalar);
	if (err == 0) {
		k->sign = EVP_PKEY_CTX_new_from_pkey(NULL, k->key, NULL);
		if (k->sign == NULL || EVP_PKEY_sign_init(k->sign) != 1)
			err = -EIO;
	}
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
	EVP_PKEY_CTX_free(key->sign);
	EVP_PKEY_free(key->key);
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
	uint8_t der[80];
	const uint8_t *at = der;
	size_t n = sizeof(der);
	ECDSA_SIG *sig;
	int good;

	if (EVP_PKEY_sign(key->sign, der, &n, hash, CRYPTO_HASH_BYTES) != 1)
		return -EIO;
	sig = d2i_ECDSA_SIG(NULL, &at, (long)n);
	if (sig == NULL)
		return -EIO;
	good = BN_bn2binpad(ECDSA_SIG_get0_r(sig), signature, CRYPTO_SCALAR_BYTES) == CRYPTO_SCALAR_BYTES &&
	       BN_bn2binpad(ECDSA_SIG_get0_s(sig), signature + CRYPTO_SCALAR_BYTES, CRYPTO_SCALAR_BYTES) == CRYPTO_SCALAR_BYTES;
	ECDSA_SIG_free(sig);
	return good ? 0 : -EIO;
}

int
hal_crypto_ecdh(const struct hal_crypto_private *key, const uint8_t point[CRYPTO_POINT_BYTES],
		uint8_t secret[CRYPTO_SCALAR_BYTES])
{
	EVP_PKEY *peer;
	int err = openssl_key_import(&peer, point, NULL);

	if (err < 0)
		return err;
	err = openssl_derive(key->key, peer, secret);
	EVP_PKEY_free(peer);
	return err;
}
