/*
 * The CBOR reader, driven by the input's first half (which item is asked for next) over its second half.
 * Whatever was taken, written again, must be the same bytes.
 */
#include <string.h>

#include "record/cbor.h"

static void
one_item(struct cbor_reader *r, struct cbor_writer *w, uint8_t ask)
{
	char text[64];
	size_t n;

	switch (ask % 6) {
	case 0:
		cbor_put_uint(w, cbor_uint(r));
		break;
	case 1:
		cbor_put_int(w, cbor_int(r));
		break;
	case 2:
		cbor_put_bytes(w, cbor_bytes(r, 1000));
		break;
	case 3:
		cbor_text(r, text, sizeof(text));
		cbor_put_text(w, text);
		break;
	case 4:
		n = cbor_array(r, 1000);
		cbor_put_array(w, n);
		break;
	default:
		cbor_tag(r, ask);
		cbor_put_tag(w, ask);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t again[1 << 17];
	const size_t asks = size / 2;
	struct cbor_reader r;
	struct cbor_writer w;
	size_t used;

	if (size > sizeof(again))
		return 0;
	cbor_read(&r, SPAN(data + asks, size - asks));
	cbor_write(&w, SPACE_OF(again));
	for (size_t i = 0; i < asks && !r.bad; i++) {
		one_item(&r, &w, data[i]);
		if (r.bad)
			return 0;
		used = size - asks - r.left.n;
		CHECK(cbor_done(&w) == (int64_t)used && memcmp(again, data + asks, used) == 0);
	}
	return 0;
}
