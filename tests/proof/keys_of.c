/* wrap: hal_crypto_gcm_open */
/*
 * Linked into laneopen for the proof alone: writes down the content key of each
 * record it opens, so that the proof can look for copies of it. Everybody who has
 * the recipient's private key can compute them; laneopen itself shows them to nobody.
 */
#include <stdio.h>
#include <stdlib.h>

#include "hal/crypto.h"

int __real_hal_crypto_gcm_open(const uint8_t *key, const uint8_t *nonce, struct span aad, struct span text,
			       struct space out);
int __wrap_hal_crypto_gcm_open(const uint8_t *key, const uint8_t *nonce, struct span aad, struct span text,
			       struct space out);

int
__wrap_hal_crypto_gcm_open(const uint8_t *key, const uint8_t *nonce, struct span aad, struct span text,
			   struct space out)
{
	const char *name = getenv("CONTENT_KEYS");
	FILE *file = aad.n > 0 && name != NULL ? fopen(name, "a") : NULL;

	for (size_t i = 0; file != NULL && i < CRYPTO_KEY_BYTES; i++)
		fprintf(file, "%02x%s", key[i], i + 1 == CRYPTO_KEY_BYTES ? "\n" : "");
	if (file != NULL && fclose(file) != 0)
		abort();
	return __real_hal_crypto_gcm_open(key, nonce, aad, text, out);
}
