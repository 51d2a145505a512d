/* The signed manifest of an image, behind a crypto port that always agrees. */
#include <string.h>

#include "../../tools/common/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static int
sign(void *key, const uint8_t hash[CRYPTO_HASH_BYTES], uint8_t signature[CRYPTO_SIGNATURE_BYTES])
{
	(void)hash;
	memcpy(signature, key, CRYPTO_SIGNATURE_BYTES);
	return 0;
}

/* Whatever is taken is written to the same bytes again; the signature, which is last, is handed over. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const uint8_t key[CRYPTO_POINT_BYTES];
	static uint8_t again[MANIFEST_BYTES_MAX];
	uint8_t signature[CRYPTO_SIGNATURE_BYTES];
	struct manifest m;

	if (manifest_read(&m, SPAN(data, n), key) < 0)
		return 0;
	memcpy(signature, data + n - sizeof(signature), sizeof(signature));
	CHECK(manifest_write(&m, SPACE_OF(again), sign, signature) == (int64_t)n);
	CHECK(memcmp(again, data, n) == 0);
	return 0;
}
