/*
 * doors/sealed/sealed.c - a sealed header and body on their way to the spool, and the spool's answer.
 */
#include "base/wire.h"
#include "doors/sealed/sealed.h"

int
sealed_decode(struct sealed *s, struct span bytes)
{
	struct wire_reader r;

	wire_read(&r, bytes);
	s->passage = wire_u64(&r);
	s->header = wire_bytes(&r, SEALED_HEADER_MAX);
	s->body = wire_bytes(&r, SEALED_BODY_MAX);
	wire_require(&r, s->header.n > 0 && s->body.n > 0);
	return wire_end(&r);
}

int64_t
sealed_encode(const struct sealed *s, struct space into)
{
	struct wire_writer w;

	CHECK(s->header.n > 0 && s->header.n <= SEALED_HEADER_MAX);
	CHECK(s->body.n > 0 && s->body.n <= SEALED_BODY_MAX);
	wire_write(&w, into);
	wire_put_u64(&w, s->passage);
	wire_put_bytes(&w, s->header);
	wire_put_bytes(&w, s->body);
	return wire_done(&w);
}

int
sealed_ack_decode(struct sealed_ack *a, struct span bytes)
{
	struct wire_reader r;

	wire_read(&r, bytes);
	a->passage = wire_u64(&r);
	a->answer = wire_u8(&r);
	wire_require(&r, a->answer == SEALED_STORED || a->answer == SEALED_FULL);
	return wire_end(&r);
}

int
sealed_ack_encode(const struct sealed_ack *a, struct space into)
{
	struct wire_writer w;

	CHECK(a->answer == SEALED_STORED || a->answer == SEALED_FULL);
	wire_write(&w, into);
	wire_put_u64(&w, a->passage);
	wire_put_u8(&w, a->answer);
	return (int)wire_done(&w);
}
