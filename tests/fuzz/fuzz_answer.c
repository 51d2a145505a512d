/* The headers of a collector's answer, line by line. */
#include <string.h>

#include "uplink/answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct answer a = {.status = n > 0 ? 100 + data[0] * 2 : 0};
	struct attempt t;

	while (n > 0) {
		const uint8_t *end = memchr(data, '\n', n);
		size_t line = end ? (size_t)(end - data) + 1 : n;

		if (answer_header(&a, (const char *)data, line, 1700000000) < 0)
			break;
		data += line;
		n -= line;
	}
	CHECK(a.retry_after_s >= 0 && a.retry_after_s <= ANSWER_WAIT_MAX_S);
	CHECK(strlen(a.checksum) == 0 || strlen(a.checksum) <= ANSWER_CHECKSUM_BYTES);
	answer_outcome(&a, &t);
	CHECK(t.outcome != DELIVERED && memchr(t.why, '\0', sizeof(t.why)));
	return 0;
}
