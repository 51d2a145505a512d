/*
 * hal/keystore.h - the unit's own signing key.
 *
 * P-256, signs only: nobody can open a record with it. This port reads a file
 * that the warden opened (mode 0400): PKCS #8 DER (RFC 5208) as
 * `lanekeys unit` writes it, exactly 138 bytes, no other encoding.
 */
#ifndef HAL_KEYSTORE_H
#define HAL_KEYSTORE_H

#include "hal/crypto_private.h"

/*
 * Reads the key once. The caller closes *key with hal_crypto_private_close().
 *   -EBADMSG  not a P-256 key in the expected encoding
 */
int hal_keystore_open(struct hal_crypto_private **key, int fd) MUST_CHECK;

#endif
