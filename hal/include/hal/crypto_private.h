/*
 * hal/crypto_private.h - the two uses of a private key.
 *
 * Not on the include path of seal, capture, locate or uplink, and its objects are
 * not linked into them: signing belongs to spool, opening to the recipient's tool.
 */
#ifndef HAL_CRYPTO_PRIVATE_H
#define HAL_CRYPTO_PRIVATE_H

#include "hal/crypto.h"

struct hal_crypto_private;

/* -EINVAL: not a scalar of P-256. Copies; wipe yours. close wipes and frees. */
int hal_crypto_private_open(struct hal_crypto_private **key, const uint8_t scalar[CRYPTO_SCALAR_BYTES]) MUST_CHECK;
void hal_crypto_private_close(struct hal_crypto_private *key);
int hal_crypto_private_point(const struct hal_crypto_private *key, uint8_t point[CRYPTO_POINT_BYTES]) MUST_CHECK;

/* ES256 over a SHA-256 hash. */
int hal_crypto_sign(const struct hal_crypto_private *key, const uint8_t hash[CRYPTO_HASH_BYTES],
		    uint8_t signature[CRYPTO_SIGNATURE_BYTES]) MUST_CHECK;
/* ECDH with a received public point. -EINVAL: not a point of P-256. */
int hal_crypto_ecdh(const struct hal_crypto_private *key, const uint8_t point[CRYPTO_POINT_BYTES],
		    uint8_t secret[CRYPTO_SCALAR_BYTES]) MUST_CHECK;

#endif
