/*
 * tests/lib/door.h - what must hold for the decoder of every door.
 *
 * A decoder either refuses, or what it decoded is in range and is encoded to the
 * very same bytes: there is one way to say a thing.
 */
#ifndef TESTS_DOOR_H
#define TESTS_DOOR_H

#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "cm.h"

/* Decodes; when that was good, checks ranges and encodes again. Returns what decoding returned. */
typedef int (*door_again)(struct span bytes, struct space again, int64_t *n);

/* A copy that ends where its memory ends, so that the sanitizer sees one byte too far. */
static inline int
door_holds(door_again f, const uint8_t *bytes, size_t n)
{
	uint8_t *exact = malloc(n), *again = malloc(n + 64);
	int64_t m = 0;
	int err;

	assert_true(exact && again);
	if (n > 0)
		memcpy(exact, bytes, n);
	err = f(SPAN(exact, n), SPACE(again, n + 64), &m);
	if (err == 0) {
		assert_int_equal(m, n);
		assert_memory_equal(again, exact, n);
	}
	free(exact);
	free(again);
	return err;
}

/* The message itself, every truncation, one byte too many, and every byte changed in ten ways. */
static inline void
door_test(door_again f, const uint8_t *message, size_t n)
{
	uint8_t *changed = malloc(n + 1);

	assert_non_null(changed);
	assert_int_equal(door_holds(f, message, n), 0);
	for (size_t i = 0; i < n; i++)
		assert_true(door_holds(f, message, i) < 0);
	memcpy(changed, message, n);
	changed[n] = 0;
	assert_true(door_holds(f, changed, n + 1) < 0);
	for (size_t i = 0; i < n; i++) {
		for (int bit = 0; bit < 10; bit++) {
			changed[i] = (uint8_t)(bit < 8 ? message[i] ^ 1 << bit : bit == 8 ? 0xff : 0);
			(void)door_holds(f, changed, n);
		}
		changed[i] = message[i];
	}
	free(changed);
}

#endif
