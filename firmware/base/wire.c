/*
 * base/wire.c - takes fields from a message and puts fields into one.
 *
 * Neither side can run past its end: a field that does not fit marks the whole
 * message bad, and the answer is given once, at the end.
 */
#include <errno.h>
#include <string.h>

#include "base/wire.h"

void
wire_read(struct wire_reader *r, struct span bytes)
{
	*r = (struct wire_reader){.left = bytes};
}

/* n bytes from the front, or NULL; a bad message stays bad. */
static const uint8_t *
take(struct wire_reader *r, size_t n)
{
	const uint8_t *p = r->left.p;

	if (r->bad || n > r->left.n) {
		r->bad = 1;
		return NULL;
	}
	if (n > 0)
		r->left.p += n;
	r->left.n -= n;
	return p;
}

static uint64_t
take_number(struct wire_reader *r, size_t n)
{
	const uint8_t *p = take(r, n);
	uint64_t v = 0;

	for (size_t i = 0; p && i < n; i++)
		v = v << 8 | p[i];
	return v;
}

uint8_t
wire_u8(struct wire_reader *r)
{
	return (uint8_t)take_number(r, 1);
}

uint16_t
wire_u16(struct wire_reader *r)
{
	return (uint16_t)take_number(r, 2);
}

uint32_t
wire_u32(struct wire_reader *r)
{
	return (uint32_t)take_number(r, 4);
}

uint64_t
wire_u64(struct wire_reader *r)
{
	return take_number(r, 8);
}

int64_t
wire_i64(struct wire_reader *r)
{
	return (int64_t)take_number(r, 8);
}

int32_t
wire_i32(struct wire_reader *r)
{
	return (int32_t)(uint32_t)take_number(r, 4);
}

struct span
wire_bytes(struct wire_reader *r, size_t most)
{
	size_t n = wire_u32(r);
	const uint8_t *p;

	wire_require(r, n <= most);
	p = take(r, n);
	return p ? SPAN(p, n) : SPAN(NULL, 0);
}

void
wire_fixed(struct wire_reader *r, void *out, size_t n)
{
	const uint8_t *p = take(r, n);

	if (p && n > 0)
		memcpy(out, p, n);
	else
		memset(out, 0, n);
}

void
wire_name(struct wire_reader *r, char *out, size_t n)
{
	size_t used;

	wire_fixed(r, out, n);
	used = strnlen(out, n);
	wire_require(r, used < n);
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)out[i];

		wire_require(r, i < used ? c >= 0x20 && c != 0x7f && c != '/' : c == 0);
	}
	if (r->bad)
		memset(out, 0, n);
}

void
wire_require(struct wire_reader *r, int cond)
{
	if (!cond)
		r->bad = 1;
}

int
wire_end(const struct wire_reader *r)
{
	return r->bad || r->left.n > 0 ? -EBADMSG : 0;
}

void
wire_write(struct wire_writer *w, struct space into)
{
	*w = (struct wire_writer){.all = into};
}

uint8_t *
wire_put_space(struct wire_writer *w, size_t n)
{
	uint8_t *p;

	if (w->bad || n > w->all.n - w->used) {
		w->bad = 1;
		return NULL;
	}
	p = w->all.p + w->used;
	w->used += n;
	return p;
}

static void
put_number(struct wire_writer *w, uint64_t v, size_t n)
{
	uint8_t *p = wire_put_space(w, n);

	for (size_t i = 0; p && i < n; i++)
		p[i] = (uint8_t)(v >> 8 * (n - 1 - i));
}

void
wire_put_u8(struct wire_writer *w, uint8_t v)
{
	put_number(w, v, 1);
}

void
wire_put_u16(struct wire_writer *w, uint16_t v)
{
	put_number(w, v, 2);
}

void
wire_put_u32(struct wire_writer *w, uint32_t v)
{
	put_number(w, v, 4);
}

void
wire_put_u64(struct wire_writer *w, uint64_t v)
{
	put_number(w, v, 8);
}

void
wire_put_i64(struct wire_writer *w, int64_t v)
{
	put_number(w, (uint64_t)v, 8);
}

void
wire_put_i32(struct wire_writer *w, int32_t v)
{
	put_number(w, (uint32_t)v, 4);
}

void
wire_put_bytes(struct wire_writer *w, struct span bytes)
{
	if (bytes.n > UINT32_MAX)
		w->bad = 1;
	put_number(w, bytes.n, 4);
	wire_put_fixed(w, bytes.p, bytes.n);
}

void
wire_put_fixed(struct wire_writer *w, const void *from, size_t n)
{
	uint8_t *p = wire_put_space(w, n);

	if (p && n > 0)
		memcpy(p, from, n);
}

void
wire_put_name(struct wire_writer *w, const char *name, size_t n)
{
	uint8_t *p = wire_put_space(w, n);
	size_t used = strnlen(name, n);

	if (!p)
		return;
	memcpy(p, name, used);
	memset(p + used, 0, n - used);
}

int64_t
wire_done(const struct wire_writer *w)
{
	return w->bad ? -ENOSPC : (int64_t)w->used;
}
