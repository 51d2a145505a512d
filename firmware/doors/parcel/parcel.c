/*
 * doors/parcel/parcel.c - a whole record on its way to the network, and what became of it.
 */
#include "base/wire.h"
#include "doors/parcel/parcel.h"

int
parcel_decode(struct parcel *p, struct span bytes)
{
	struct wire_reader r;

	wire_read(&r, bytes);
	p->boot = wire_u32(&r);
	p->sequence = wire_u64(&r);
	p->record = wire_bytes(&r, PARCEL_RECORD_MAX);
	wire_require(&r, p->sequence > 0 && p->record.n > 0);
	return wire_end(&r);
}

int64_t
parcel_encode(const struct parcel *p, struct space into)
{
	struct wire_writer w;

	CHECK(p->sequence > 0 && p->record.n > 0 && p->record.n <= PARCEL_RECORD_MAX);
	wire_write(&w, into);
	wire_put_u32(&w, p->boot);
	wire_put_u64(&w, p->sequence);
	wire_put_bytes(&w, p->record);
	return wire_done(&w);
}

int
parcel_receipt_decode(struct parcel_receipt *r, struct span bytes)
{
	struct wire_reader in;

	wire_read(&in, bytes);
	r->boot = wire_u32(&in);
	r->sequence = wire_u64(&in);
	r->answer = wire_u8(&in);
	wire_require(&in, r->sequence > 0);
	wire_require(&in, r->answer == PARCEL_DELIVERED || r->answer == PARCEL_FAILED);
	return wire_end(&in);
}

int
parcel_receipt_encode(const struct parcel_receipt *r, struct space into)
{
	struct wire_writer w;

	CHECK(r->sequence > 0);
	CHECK(r->answer == PARCEL_DELIVERED || r->answer == PARCEL_FAILED);
	wire_write(&w, into);
	wire_put_u32(&w, r->boot);
	wire_put_u64(&w, r->sequence);
	wire_put_u8(&w, r->answer);
	return (int)wire_done(&w);
}
