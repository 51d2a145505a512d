/* wrap: hal_crypto_gcm_seal */
/* Leaves the crops as they are: an encryption that "succeeded" without encrypting. */
#include <string.h>

#include "hal/crypto.h"

int __real_hal_crypto_gcm_seal(const uint8_t *key, const uint8_t *nonce, struct span aad, struct span text,
			       struct space out);
int __wrap_hal_crypto_gcm_seal(const uint8_t *key, const uint8_t *nonce, struct span aad, struct span text,
			       struct space out);

int
__wrap_hal_crypto_gcm_seal(const uint8_t *key, const uint8_t *nonce, struct span aad, struct span text,
			   struct space out)
{
	if (text.n < 1000)
		return __real_hal_crypto_gcm_seal(key, nonce, aad, text, out);
	memmove(out.p, text.p, text.n);
	return 0;
}
