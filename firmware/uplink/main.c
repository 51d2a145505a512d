/*
 * The uplink room: takes records from spool, delivers them, and brings back a
 * receipt for each. It keeps nothing: spool offers again what has no receipt.
 */
#include <errno.h>
#include <string.h>

#include "base/log_text.h"
#include "base/pipe.h"
#include "base/room.h"
#include "doors/parcel/parcel.h"
#include "doors/vitals/vitals.h"
#include "uplink/file.h"

struct uplink {
	const struct destination *to; /* NULL: nothing is delivered */
	struct pipe_in parcels;
	struct pipe_out receipts;
	int64_t delivered, failed;
};

static uint8_t parcel_room[PARCEL_MESSAGE_MAX];

static void
tell_all(const struct uplink *u)
{
	vitals_tell(VITAL_delivered, u->delivered);
	vitals_tell(VITAL_delivery_failed, u->failed);
	vitals_tell(VITAL_doors_resynced, (int64_t)u->parcels.passed_over);
}

static void
send_receipt(struct uplink *u, const struct parcel *p, uint8_t how)
{
	struct parcel_receipt r = {.boot = p->boot, .sequence = p->sequence, .answer = how};
	uint8_t bytes[PARCEL_RECEIPT_BYTES];

	CHECK(parcel_receipt_encode(&r, SPACE_OF(bytes)) >= 0);
	CHECK(pipe_send(&u->receipts, PARCEL_RECEIPT_TYPE, SPAN_OF(bytes)) == 0);
}

static void
deliver(struct uplink *u, const struct parcel *p)
{
	int err = u->to->deliver(p);

	if (err < 0)
		log_text(LOG_ERROR, "record %08u-%020llu was not delivered: %s", p->boot,
			 (unsigned long long)p->sequence,
			 err == -EEXIST ? "a different file of that name is there; it was not touched"
					: strerror(-err));
	u->delivered += err == 0;
	u->failed += err < 0;
	send_receipt(u, p, err == 0 ? PARCEL_DELIVERED : PARCEL_FAILED);
	tell_all(u);
}

static int
take_one(struct uplink *u)
{
	struct span message;
	struct parcel p;
	uint8_t type;
	int got = pipe_receive(&u->parcels, &type, &message);

	CHECK(got >= 0);
	if (got == 0)
		return 0;
	CHECK(type == PARCEL_TYPE && parcel_decode(&p, message) == 0);
	/* Without a destination there is no receipt either: the record stays undelivered, and spool keeps it. */
	if (u->to != NULL)
		deliver(u, &p);
	return 1;
}

static const struct destination *
destination(const char *to)
{
	if (strcmp(to, "none") == 0)
		return NULL;
	CHECK(strncmp(to, "file", 4) == 0);
	return &file_destination;
}

int
main(int argc, char **argv)
{
	static struct uplink u;
	struct pollfd door = {.fd = ROOM_FD_IN, .events = POLLIN};

	room_begin(argc, argv);
	u.to = destination(room_setting_text("to"));
	pipe_in_init(&u.parcels, ROOM_FD_IN, SPACE_OF(parcel_room));
	pipe_out_init(&u.receipts, ROOM_FD_IN_ACK);
	room_ready();
	tell_all(&u);
	CHECK(pipe_send(&u.receipts, PARCEL_HELLO_TYPE, SPAN(NULL, 0)) == 0);
	while (room_wait(&door, 1, -1))
		(void)take_one(&u);
	while (take_one(&u))
		;
	return ROOM_EXIT_DONE;
}
