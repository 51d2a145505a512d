/* wrap: hal_crypto_gcm_seal */
/* Keeps the key of each record, as for offering it again. */
#include <string.h>

#include "hal/crypto.h"

int __real_hal_crypto_gcm_seal(const uint8_t *key, const uint8_t *nonce, struct span aad, struct span text,
			       struct space out);
int __wrap_hal_crypto_gcm_seal(const uint8_t *key, const uint8_t *nonce, struct span aad, struct span text,
			       struct space out);

uint8_t kept[CRYPTO_KEY_BYTES];

int
__wrap_hal_crypto_gcm_seal(const uint8_t *key, const uint8_t *nonce, struct span aad, struct span text,
			   struct space out)
{
	if (text.n >= 1000)
		memcpy(kept, key, sizeof(kept));
	return __real_hal_crypto_gcm_seal(key, nonce, aad, text, out);
}
