/*
 * Writes and reads deterministic CBOR. There is no tree and no memory of its own:
 * the reader walks over the bytes once, and every length is compared with what is
 * left before it is used.
 */
#include <errno.h>
#include <string.h>

#include "record/cbor.h"

enum major { UINT = 0, NEGATIVE = 1, BYTES = 2, TEXT = 3, ARRAY = 4, MAP = 5, TAG = 6 };

void
cbor_write(struct cbor_writer *w, struct space into)
{
	*w = (struct cbor_writer){.all = into};
}

/* Room for n more bytes; NULL when counting, or when there is none. */
static uint8_t *
reserve(struct cbor_writer *w, size_t n)
{
	uint8_t *at = NULL;

	if (w->all.p != NULL) {
		if (w->bad || n > w->all.n - w->used) {
			w->bad = 1;
			return NULL;
		}
		at = w->all.p + w->used;
	}
	w->used += n;
	return at;
}

static void
put_head(struct cbor_writer *w, enum major major, uint64_t v)
{
	/* Bytes that follow the first one, and what the first one then says. */
	size_t follow = v < 24 ? 0 : v <= UINT8_MAX ? 1 : v <= UINT16_MAX ? 2 : v <= UINT32_MAX ? 4 : 8;
	uint8_t short_form = follow == 0 ? (uint8_t)v : follow == 1 ? 24 : follow == 2 ? 25 : follow == 4 ? 26 : 27;
	uint8_t *at = reserve(w, 1 + follow);

	if (at == NULL)
		return;
	*at++ = (uint8_t)((unsigned int)major << 5 | short_form);
	while (follow > 0)
		*at++ = (uint8_t)(v >> (8 * --follow));
}

void
cbor_put_uint(struct cbor_writer *w, uint64_t v)
{
	put_head(w, UINT, v);
}

void
cbor_put_int(struct cbor_writer *w, int64_t v)
{
	if (v < 0)
		put_head(w, NEGATIVE, ~(uint64_t)v);
	else
		put_head(w, UINT, (uint64_t)v);
}

void
cbor_put_bytes_head(struct cbor_writer *w, uint64_t n)
{
	put_head(w, BYTES, n);
}

uint8_t *
cbor_put_space(struct cbor_writer *w, size_t n)
{
	put_head(w, BYTES, n);
	return reserve(w, n);
}

void
cbor_put_bytes(struct cbor_writer *w, struct span bytes)
{
	uint8_t *at = cbor_put_space(w, bytes.n);

	if (at != NULL && bytes.n > 0)
		memcpy(at, bytes.p, bytes.n);
}

void
cbor_put_text(struct cbor_writer *w, const char *text)
{
	size_t n = strlen(text);
	uint8_t *at;

	put_head(w, TEXT, n);
	at = reserve(w, n);
	if (at != NULL && n > 0)
		memcpy(at, text, n);
}

void
cbor_put_array(struct cbor_writer *w, uint64_t n)
{
	put_head(w, ARRAY, n);
}

void
cbor_put_map(struct cbor_writer *w, uint64_t n)
{
	put_head(w, MAP, n);
}

void
cbor_put_tag(struct cbor_writer *w, uint64_t tag)
{
	put_head(w, TAG, tag);
}

int64_t
cbor_done(const struct cbor_writer *w)
{
	return w->bad ? -ENOSPC : (int64_t)w->used;
}

void
cbor_read(struct cbor_reader *r, struct span bytes)
{
	*r = (struct cbor_reader){.left = bytes};
}

void
cbor_require(struct cbor_reader *r, int cond)
{
	if (!cond) {
		r->bad = 1;
		r->left = SPAN(NULL, 0);
	}
}

static struct span
take(struct cbor_reader *r, uint64_t n)
{
	struct span got;

	cbor_require(r, !r->bad && n <= r->left.n);
	if (r->bad)
		return SPAN(NULL, 0);
	got = SPAN(r->left.p, (size_t)n);
	r->left.p += n;
	r->left.n -= (size_t)n;
	return got;
}

/* The value of a head, in its shortest form only. */
static uint64_t
head_value(struct cbor_reader *r, unsigned int short_form)
{
	static const uint64_t least[] = {24, UINT8_MAX + 1ULL, UINT16_MAX + 1ULL, UINT32_MAX + 1ULL};
	struct span follow;
	uint64_t v = 0;

	if (short_form < 24)
		return short_form;
	cbor_require(r, short_form <= 27);
	if (r->bad)
		return 0;
	follow = take(r, 1ULL << (short_form - 24));
	for (size_t i = 0; i < follow.n; i++)
		v = v << 8 | follow.p[i];
	cbor_require(r, v >= least[short_form - 24]);
	return r->bad ? 0 : v;
}

static uint64_t
take_head(struct cbor_reader *r, enum major major)
{
	struct span first = take(r, 1);

	if (r->bad)
		return 0;
	cbor_require(r, first.p[0] >> 5 == (unsigned int)major);
	return r->bad ? 0 : head_value(r, first.p[0] & 31U);
}

uint64_t
cbor_uint(struct cbor_reader *r)
{
	return take_head(r, UINT);
}

uint64_t
cbor_uint_in(struct cbor_reader *r, uint64_t lo, uint64_t hi)
{
	uint64_t v = cbor_uint(r);

	cbor_require(r, v >= lo && v <= hi);
	return r->bad ? 0 : v;
}

int64_t
cbor_int(struct cbor_reader *r)
{
	int negative = !r->bad && r->left.n > 0 && r->left.p[0] >> 5 == NEGATIVE;
	uint64_t v = take_head(r, negative ? NEGATIVE : UINT);

	cbor_require(r, v <= INT64_MAX);
	if (r->bad)
		return 0;
	return negative ? -1 - (int64_t)v : (int64_t)v;
}

struct span
cbor_bytes(struct cbor_reader *r, size_t most)
{
	uint64_t n = take_head(r, BYTES);

	cbor_require(r, n <= most);
	return take(r, n);
}

void
cbor_fixed(struct cbor_reader *r, void *out, size_t n)
{
	struct span got = cbor_bytes(r, n);

	cbor_require(r, got.n == n);
	if (r->bad)
		memset(out, 0, n);
	else
		memcpy(out, got.p, n);
}

void
cbor_text(struct cbor_reader *r, char *out, size_t room)
{
	uint64_t n = take_head(r, TEXT);
	struct span got;

	memset(out, 0, room);
	cbor_require(r, n < room);
	got = take(r, n);
	for (size_t i = 0; i < got.n; i++)
		cbor_require(r, got.p[i] >= 0x20 && got.p[i] < 0x7f);
	if (!r->bad && got.n > 0)
		memcpy(out, got.p, got.n);
}

size_t
cbor_array(struct cbor_reader *r, size_t most)
{
	uint64_t n = take_head(r, ARRAY);

	cbor_require(r, n <= most);
	return r->bad ? 0 : (size_t)n;
}

void
cbor_map(struct cbor_reader *r, uint64_t n)
{
	cbor_require(r, take_head(r, MAP) == n);
}

void
cbor_tag(struct cbor_reader *r, uint64_t tag)
{
	cbor_require(r, take_head(r, TAG) == tag);
}

void
cbor_key(struct cbor_reader *r, uint64_t key)
{
	cbor_require(r, cbor_uint(r) == key);
}

int
cbor_end(const struct cbor_reader *r)
{
	return r->bad || r->left.n > 0 ? -EBADMSG : 0;
}
