/*
 * hal/crypto.h - the standard primitives that the record is made of, and nothing else.
 *
 * Two ports, the same bytes: OpenSSL (EVP) and mbedTLS (PSA). P-256, SHA-256,
 * HMAC/HKDF-SHA256, AES-256-GCM, ES256. One thread. Call hal_crypto_open() once in
 * the process that uses it, after exec: a random generator seeded before a fork
 * would give both sides the same bytes.
 *
 * Points are uncompressed SEC 1 (0x04 || X || Y, 65 bytes), scalars 32 bytes
 * big-endian, signatures r || s (64 bytes, as COSE and P1363 have them).
 * Failing guards (random source, encryption) return -EIO: end the room.
 */
#ifndef HAL_CRYPTO_H
#define HAL_CRYPTO_H

#include "base/base.h"

enum {
	CRYPTO_HASH_BYTES = 32,
	CRYPTO_KEY_BYTES = 32,
	CRYPTO_NONCE_BYTES = 12,
	CRYPTO_TAG_BYTES = 16,
	CRYPTO_POINT_BYTES = 65,
	CRYPTO_SCALAR_BYTES = 32,
	CRYPTO_SIGNATURE_BYTES = 64,
};

int hal_crypto_open(void) MUST_CHECK;
void hal_crypto_close(void);
const char *hal_crypto_name(void); /* library and version, for reports */

int hal_crypto_random(struct space out) MUST_CHECK;
/* SHA-256 over the pieces in order. */
int hal_crypto_sha256(const struct span *pieces, size_t n, uint8_t out[CRYPTO_HASH_BYTES]) MUST_CHECK;
int hal_crypto_hmac(struct span key, const struct span *pieces, size_t n, uint8_t out[CRYPTO_HASH_BYTES]) MUST_CHECK;

/* out has plain.n + 16 bytes (ciphertext || tag) and may start where plain starts. */
int hal_crypto_gcm_seal(const uint8_t key[CRYPTO_KEY_BYTES], const uint8_t nonce[CRYPTO_NONCE_BYTES], struct span aad,
			struct span plain, struct space out) MUST_CHECK;
/* -EBADMSG when the tag does not fit; out (cipher.n - 16 bytes) is then wiped. */
int hal_crypto_gcm_open(const uint8_t key[CRYPTO_KEY_BYTES], const uint8_t nonce[CRYPTO_NONCE_BYTES], struct span aad,
			struct span cipher, struct space out) MUST_CHECK;

/* A recipient's public key, checked and imported once. Opaque; close wipes and frees. */
struct hal_crypto_peer;
/* -EINVAL: not a point of P-256. */
int hal_crypto_peer_open(struct hal_crypto_peer **peer, const uint8_t point[CRYPTO_POINT_BYTES]) MUST_CHECK;
void hal_crypto_peer_close(struct hal_crypto_peer *peer);
/* Makes a key pair for this one call: its public half, and the ECDH secret with the peer. The private half is wiped. */
int hal_crypto_ecdh_once(const struct hal_crypto_peer *peer, uint8_t ephemeral[CRYPTO_POINT_BYTES],
			 uint8_t secret[CRYPTO_SCALAR_BYTES]) MUST_CHECK;

/* ES256 check of a signature over a SHA-256 hash. 0 good, -EBADMSG bad, -EINVAL not a point. */
int hal_crypto_verify(const uint8_t point[CRYPTO_POINT_BYTES], const uint8_t hash[CRYPTO_HASH_BYTES],
		      const uint8_t signature[CRYPTO_SIGNATURE_BYTES]) MUST_CHECK;

#endif
