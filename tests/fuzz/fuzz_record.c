/*
 * A record's file: taking it apart, verifying, and opening the body behind guards that always agree.
 */
#include "record/entry.h"
#include "record/open.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t plain[1 << 17];
	static const uint8_t scalar[CRYPTO_SCALAR_BYTES];
	uint8_t point[CRYPTO_POINT_BYTES] = {0};
	struct hal_crypto_private *key;
	struct record_parts parts;
	struct crop c;

	struct span left = SPAN(data, size);

	/* As a segment: records one behind another, and bytes that are none. */
	while (left.n > 0 && record_take(&parts, &left) < 0) {
		size_t next = 1 + record_find(SPAN(left.p + 1, left.n - 1), point);

		CHECK(next <= left.n);
		left = SPAN(left.p + next, left.n - next);
	}
	if (size > sizeof(plain) || record_split(&parts, SPAN(data, size)) < 0)
		return 0;
	CHECK(hal_crypto_private_open(&key, scalar) == 0 && hal_crypto_private_point(key, point) == 0);
	CHECK(record_verify(&parts, point) <= 0);
	if (body_open(key, parts.entry.header, parts.body, SPACE_OF(plain), &c) == 0)
		for (uint32_t i = 0; i < c.n_views; i++)
			CHECK(c.views[i].bytes.p >= plain && c.views[i].bytes.p + c.views[i].bytes.n <= plain + sizeof(plain));
	return 0;
}
