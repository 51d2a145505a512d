/*
 * doors/health/health.c - the numbers of record/health.h, one behind another.
 */
#include "base/wire.h"
#include "doors/health/health.h"

int
health_encode(const struct record_health *h, struct space into)
{
	struct wire_writer w;

	CHECK(h->n == HEALTH_COUNT);
	wire_write(&w, into);
	for (size_t i = 0; i < HEALTH_COUNT; i++)
		wire_put_u64(&w, h->of[i]);
	return (int)wire_done(&w);
}

int
health_decode(struct record_health *h, struct span bytes)
{
	struct wire_reader r;

	wire_read(&r, bytes);
	h->n = HEALTH_COUNT;
	for (size_t i = 0; i < HEALTH_COUNT; i++)
		h->of[i] = wire_u64(&r);
	return wire_end(&r);
}
