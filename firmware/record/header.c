/*
 * The sealed header: a map of eight fields, in the clear. Its bytes are what the
 * body's encryption authenticates, so they are kept and passed on, never made anew.
 */
#include <errno.h>
#include <string.h>

#include "record/cbor.h"
#include "record/header.h"

enum key { PROFILE = 1, UNIT, POLICY, COARSE_TIME, FIRMWARE, SOURCE, PASSAGE, COMMITMENT, KEYS = COMMITMENT };

int
record_unit_ok(const char name[RECORD_UNIT_BYTES])
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.";

	return memchr(name, 0, RECORD_UNIT_BYTES) != NULL && name[0] != 0 && name[strspn(name, letters)] == 0;
}

int64_t
record_header_encode(const struct record_header *h, struct space into)
{
	struct cbor_writer w;

	CHECK(record_unit_ok(h->unit));
	cbor_write(&w, into);
	cbor_put_map(&w, KEYS);
	cbor_put_uint(&w, PROFILE);
	cbor_put_uint(&w, RECORD_PROFILE);
	cbor_put_uint(&w, UNIT);
	cbor_put_text(&w, h->unit);
	cbor_put_uint(&w, POLICY);
	cbor_put_bytes(&w, SPAN_OF(h->policy));
	cbor_put_uint(&w, COARSE_TIME);
	cbor_put_int(&w, h->coarse_time_s);
	cbor_put_uint(&w, FIRMWARE);
	cbor_put_bytes(&w, SPAN_OF(h->firmware));
	cbor_put_uint(&w, SOURCE);
	cbor_put_uint(&w, h->source);
	cbor_put_uint(&w, PASSAGE);
	cbor_put_uint(&w, h->passage);
	cbor_put_uint(&w, COMMITMENT);
	cbor_put_bytes(&w, SPAN_OF(h->commitment));
	return cbor_done(&w);
}

int
record_header_decode(struct record_header *h, struct span bytes)
{
	struct cbor_reader r;

	cbor_read(&r, bytes);
	cbor_map(&r, KEYS);
	cbor_key(&r, PROFILE);
	cbor_key(&r, RECORD_PROFILE);
	cbor_key(&r, UNIT);
	cbor_text(&r, h->unit, sizeof(h->unit));
	cbor_require(&r, record_unit_ok(h->unit));
	cbor_key(&r, POLICY);
	cbor_fixed(&r, h->policy, sizeof(h->policy));
	cbor_key(&r, COARSE_TIME);
	h->coarse_time_s = cbor_int(&r);
	cbor_require(&r, h->coarse_time_s % RECORD_COARSE_TIME_S == 0);
	cbor_key(&r, FIRMWARE);
	cbor_fixed(&r, h->firmware, sizeof(h->firmware));
	cbor_key(&r, SOURCE);
	h->source = (uint8_t)cbor_uint_in(&r, 1, RECORD_SOURCE_LAST);
	cbor_key(&r, PASSAGE);
	h->passage = cbor_uint(&r);
	cbor_key(&r, COMMITMENT);
	cbor_fixed(&r, h->commitment, sizeof(h->commitment));
	return cbor_end(&r);
}
