/*
 * base/wipe.h - overwrite what held pixels or keys, in a way no compiler removes.
 *
 * Not wiped: copies in CPU registers and in caches below the kernel.
 */
#ifndef BASE_WIPE_H
#define BASE_WIPE_H

#include "base/base.h"

void wipe(void *p, size_t n);

/* Compares n bytes in a time that depends on n alone. Returns 1 when equal, else 0. */
int same_bytes(const void *a, const void *b, size_t n) MUST_CHECK;

#endif
