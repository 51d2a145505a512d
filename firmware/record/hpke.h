/*
 * record/hpke.h - HPKE (RFC 9180), base mode, one suite: DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM.
 *
 * One message a context, which is all that wrapping a key needs. The crypto port
 * does the key agreement; what is here turns its secret into a key.
 */
#ifndef RECORD_HPKE_H
#define RECORD_HPKE_H

#include "base/base.h"
#include "hal/crypto.h"

enum { HPKE_SCHEDULE_BYTES = 1 + 2 * CRYPTO_HASH_BYTES };

/* Secret: the caller wipes it. */
struct hpke_secret {
	uint8_t key[CRYPTO_KEY_BYTES];
	uint8_t nonce[CRYPTO_NONCE_BYTES];
};

/* key_schedule_context for one info: not secret, can be made once and used for many messages. 0 or -EIO. */
int hpke_schedule(struct span info, uint8_t schedule[HPKE_SCHEDULE_BYTES]) MUST_CHECK;

/* From the ECDH secret, the ephemeral (enc) and the recipient's point to the first key and nonce. 0 or -EIO. */
int hpke_derive(struct hpke_secret *out, const uint8_t dh[CRYPTO_SCALAR_BYTES], const uint8_t enc[CRYPTO_POINT_BYTES],
		const uint8_t recipient[CRYPTO_POINT_BYTES], const uint8_t schedule[HPKE_SCHEDULE_BYTES]) MUST_CHECK;

/* Seals to a peer with a fresh ephemeral key and empty aad. out has plain.n + 16 bytes. 0 or -EIO, and then out is wiped. */
int hpke_seal(const struct hal_crypto_peer *peer, const uint8_t recipient[CRYPTO_POINT_BYTES],
	      const uint8_t schedule[HPKE_SCHEDULE_BYTES], struct span plain, uint8_t enc[CRYPTO_POINT_BYTES],
	      struct space out) MUST_CHECK;

#endif
