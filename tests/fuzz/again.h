/*
 * What a fuzz target does with a decoder: whatever it lets in must be encoded to the same bytes again.
 */
#ifndef FUZZ_AGAIN_H
#define FUZZ_AGAIN_H

#include <string.h>

#include "base/base.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* Defines fuzz_WHAT(data, n) for WHAT_decode() and WHAT_encode(), for messages of up to `most` bytes. */
#define FUZZ_AGAIN(what, most)                                                                               \
	static void fuzz_##what(const uint8_t *data, size_t n)                                               \
	{                                                                                                    \
		static uint8_t again[most];                                                                  \
		static struct what message;                                                                  \
                                                                                                             \
		if (what##_decode(&message, SPAN(data, n)) < 0)                                              \
			return;                                                                              \
		CHECK(what##_encode(&message, SPACE_OF(again)) == (int64_t)n);                               \
		CHECK(memcmp(again, data, n) == 0);                                                          \
	}

#endif
