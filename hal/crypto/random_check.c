/*
 * Catches a random source that is plainly broken. Whether its numbers are good is
 * the library's business and cannot be seen from outside.
 */
#include <errno.h>
#include <string.h>

#include "base/wipe.h"
#include "hal/crypto.h"
#include "random_check.h"

int
random_check(void)
{
	uint8_t a[32], b[32];
	int err = hal_crypto_random(SPACE_OF(a));

	if (err == 0)
		err = hal_crypto_random(SPACE_OF(b));
	if (err == 0 && (memcmp(a, b, sizeof(a)) == 0 || memcmp(a, a + 1, sizeof(a) - 1) == 0))
		err = -EIO;
	wipe(a, sizeof(a));
	wipe(b, sizeof(b));
	return err;
}
