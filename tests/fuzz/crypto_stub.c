/*
 * A crypto port for fuzzing the record's readers: every signature is good and nothing is encrypted, so that
 * the fuzzer gets past the guards to the decoders behind them. Never linked into a program.
 */
#include <errno.h>
#include <string.h>

#include "hal/crypto_private.h"

struct hal_crypto_peer {
	int unused;
};
struct hal_crypto_private {
	int unused;
};
static struct hal_crypto_peer the_peer;
static struct hal_crypto_private the_key;

int
hal_crypto_open(void)
{
	return 0;
}

void
hal_crypto_close(void)
{
}

const char *
hal_crypto_name(void)
{
	return "stub";
}

int
hal_crypto_random(struct space out)
{
	memset(out.p, 0x52, out.n);
	return 0;
}

/* FNV-1a, eight bytes repeated. */
int
hal_crypto_sha256(const struct span *pieces, size_t n, uint8_t out[CRYPTO_HASH_BYTES])
{
	uint64_t h = 14695981039346656037ULL;

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < pieces[i].n; k++)
			h = (h ^ pieces[i].p[k]) * 1099511628211ULL;
	for (size_t i = 0; i < CRYPTO_HASH_BYTES; i += sizeof(h))
		memcpy(out + i, &h, sizeof(h));
	return 0;
}

int
hal_crypto_hmac(struct span key, const struct span *pieces, size_t n, uint8_t out[CRYPTO_HASH_BYTES])
{
	(void)key;
	(void)pieces;
	(void)n;
	memset(out, 0x42, CRYPTO_HASH_BYTES);
	return 0;
}

int
hal_crypto_gcm_seal(const uint8_t key[CRYPTO_KEY_BYTES], const uint8_t nonce[CRYPTO_NONCE_BYTES], struct span aad,
		    struct span plain, struct space out)
{
	(void)key;
	(void)nonce;
	(void)aad;
	memmove(out.p, plain.p, plain.n);
	memset(out.p + plain.n, 0x7a, CRYPTO_TAG_BYTES);
	return 0;
}

int
hal_crypto_gcm_open(const uint8_t key[CRYPTO_KEY_BYTES], const uint8_t nonce[CRYPTO_NONCE_BYTES], struct span aad,
		    struct span cipher, struct space out)
{
	(void)key;
	(void)nonce;
	(void)aad;
	if (cipher.n < CRYPTO_TAG_BYTES)
		return -EBADMSG;
	memcpy(out.p, cipher.p, out.n);
	return 0;
}

int
hal_crypto_peer_open(struct hal_crypto_peer **peer, const uint8_t point[CRYPTO_POINT_BYTES])
{
	*peer = &the_peer;
	return point[0] == 4 ? 0 : -EINVAL;
}

void
hal_crypto_peer_close(struct hal_crypto_peer *peer)
{
	(void)peer;
}

int
hal_crypto_ecdh_once(const struct hal_crypto_peer *peer, uint8_t ephemeral[CRYPTO_POINT_BYTES],
		     uint8_t secret[CRYPTO_SCALAR_BYTES])
{
	(void)peer;
	memset(ephemeral, 4, CRYPTO_POINT_BYTES);
	memset(secret, 0x5e, CRYPTO_SCALAR_BYTES);
	return 0;
}

int
hal_crypto_verify(const uint8_t point[CRYPTO_POINT_BYTES], const uint8_t hash[CRYPTO_HASH_BYTES],
		  const uint8_t signature[CRYPTO_SIGNATURE_BYTES])
{
	(void)point;
	(void)hash;
	(void)signature;
	return 0;
}

int
hal_crypto_private_open(struct hal_crypto_private **key, const uint8_t scalar[CRYPTO_SCALAR_BYTES])
{
	(void)scalar;
	*key = &the_key;
	return 0;
}

void
hal_crypto_private_close(struct hal_crypto_private *key)
{
	(void)key;
}

/* Every key has this one point. */
int
hal_crypto_private_point(const struct hal_crypto_private *key, uint8_t point[CRYPTO_POINT_BYTES])
{
	(void)key;
	memset(point, 4, CRYPTO_POINT_BYTES);
	return 0;
}

int
hal_crypto_sign(const struct hal_crypto_private *key, const uint8_t hash[CRYPTO_HASH_BYTES],
		uint8_t signature[CRYPTO_SIGNATURE_BYTES])
{
	(void)key;
	(void)hash;
	memset(signature, 0x51, CRYPTO_SIGNATURE_BYTES);
	return 0;
}

int
hal_crypto_ecdh(const struct hal_crypto_private *key, const uint8_t point[CRYPTO_POINT_BYTES],
		uint8_t secret[CRYPTO_SCALAR_BYTES])
{
	(void)key;
	(void)point;
	memset(secret, 0x5e, CRYPTO_SCALAR_BYTES);
	return 0;
}
