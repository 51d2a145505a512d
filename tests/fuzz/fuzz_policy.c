/*
 * The policy's reader behind the signature check. What it takes must come back the same when written.
 */
#include <string.h>

#include "hal/crypto_private.h"
#include "record/policy.h"

static int
sign(void *key, const uint8_t hash[CRYPTO_HASH_BYTES], uint8_t signature[CRYPTO_SIGNATURE_BYTES])
{
	return hal_crypto_sign(key, hash, signature);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t keys[1][CRYPTO_POINT_BYTES];
	static uint8_t again[POLICY_BYTES_MAX];
	struct policy p;
	int64_t n;

	if (policy_read(&p, SPAN(data, size), keys, 1) < 0)
		return 0;
	n = policy_write(&p, SPACE_OF(again), sign, NULL);
	/* The last 64 bytes are the signature, which differs. */
	CHECK(n == (int64_t)size && memcmp(again, data, size - CRYPTO_SIGNATURE_BYTES) == 0);
	return 0;
}
