/*
 * What the two halves of the mbedTLS port have in common. Not an interface: only mbedtls*.c include it.
 */
#ifndef HAL_CRYPTO_MBEDTLS_SHARED_H
#define HAL_CRYPTO_MBEDTLS_SHARED_H

#include <psa/crypto.h>

#include "hal/crypto.h"

/* Puts key bytes into a slot, for one use. 0, -EINVAL when they are no such key, -EIO. psa_destroy_key() wipes it. */
int port_key_import(psa_key_id_t *id, struct span bytes, psa_key_type_t type, psa_key_usage_t usage, psa_algorithm_t alg)
	MUST_CHECK;

/* ECDH of a key in a slot with a point. 0, -EINVAL, -EIO. */
int port_derive(psa_key_id_t mine, const uint8_t point[CRYPTO_POINT_BYTES], uint8_t secret[CRYPTO_SCALAR_BYTES]) MUST_CHECK;

#define MBEDTLS_PAIR PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1)
#define MBEDTLS_PUBLIC PSA_KEY_TYPE_ECC_PUBLIC_KEY(PSA_ECC_FAMILY_SECP_R1)

#endif
