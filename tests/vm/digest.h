/*
 * tests/vm/digest.h - the sum of a frame's bytes that the soft camera and the camera's port both say: it tells frames apart and
 * shows nothing of them. 63 bits, so that a log line holds it.
 */
#ifndef TESTS_VM_DIGEST_H
#define TESTS_VM_DIGEST_H

#include <stdint.h>
#include <string.h>

static inline uint64_t
frame_digest(const uint8_t *p, size_t n)
{
	uint64_t sum = n, word;

	for (; n > 0; n -= n < 8 ? n : 8, p += 8) {
		word = 0;
		memcpy(&word, p, n < 8 ? n : 8);
		sum = (sum ^ word) * 0x9e3779b97f4a7c15;
		sum ^= sum >> 29;
	}
	return sum >> 1;
}

#endif
