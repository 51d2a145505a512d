/*
 * The plaintext of a body. What is taken must come back the same when written.
 */
#include <string.h>

#include "record/plain.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t again[1 << 17];
	struct crop c;

	if (size > sizeof(again) || plain_read(&c, SPAN(data, size)) < 0)
		return 0;
	CHECK(plain_write(&c, SPACE(again, size)) == 0 && memcmp(again, data, size) == 0);
	return 0;
}
