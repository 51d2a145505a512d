/*
 * The sealed header. What is taken must come back the same when written.
 */
#include <string.h>

#include "record/header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t again[RECORD_HEADER_MAX];
	struct record_header h;

	if (record_header_decode(&h, SPAN(data, size)) < 0)
		return 0;
	CHECK(record_header_encode(&h, SPACE_OF(again)) == (int64_t)size && memcmp(again, data, size) == 0);
	return 0;
}
