/*
 * What the two halves of the OpenSSL port have in common. Not an interface: only openssl*.c include it.
 */
#ifndef HAL_CRYPTO_OPENSSL_SHARED_H
#define HAL_CRYPTO_OPENSSL_SHARED_H

#include <openssl/evp.h>

#include "hal/crypto.h"

/*
 * Makes a key of P-256 from an uncompressed point and, unless it is NULL, a scalar.
 * Returns 0 and *key for EVP_PKEY_free(), -EINVAL when the point is not on the curve, -EIO.
 */
int openssl_key_import(EVP_PKEY **key, const uint8_t point[CRYPTO_POINT_BYTES], const uint8_t *scalar) MUST_CHECK;

/* ECDH of two imported keys. The peer was checked when it was imported and is not checked again. 0 or -EIO. */
int openssl_derive(EVP_PKEY *mine, EVP_PKEY *peer, uint8_t secret[CRYPTO_SCALAR_BYTES]) MUST_CHECK;

#endif
