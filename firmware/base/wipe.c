/*
 * base/wipe.c - overwriting secrets, and comparing them without telling where they differ.
 */
#include <string.h>

#include "base/wipe.h"

void
wipe(void *p, size_t n)
{
	if (n > 0)
		explicit_bzero(p, n);
}

int
same_bytes(const void *a, const void *b, size_t n)
{
	const volatile uint8_t *x = a, *y = b;
	uint8_t differ = 0;

	for (size_t i = 0; i < n; i++)
		differ |= (uint8_t)(x[i] ^ y[i]);
	return differ == 0;
}
