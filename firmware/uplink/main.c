/*
 * The uplink room: takes records from spool, delivers them, and brings back a
 * receipt for each. It keeps nothing: spool offers again what has no receipt.
 *
 * A record for a collector is tried until it is delivered, with growing pauses.
 * Records leave in the order they come: one that is refused holds the others up,
 * loudly, until a person has looked. Nothing is passed over in silence.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/log_text.h"
#include "base/pipe.h"
#include "base/room.h"
#include "doors/parcel/parcel.h"
#include "doors/vitals/vitals.h"
#include "uplink/collector.h"
#include "uplink/file.h"
#include "uplink/pace.h"

enum { SAY_AGAIN_MS = 15 * 60 * 1000 };

struct uplink {
	const struct destination *to; /* NULL: nothing is delivered */
	struct pipe_in parcels;
	struct pipe_out receipts;
	struct pace pace;
	int64_t delivered, failed;
	enum outcome trouble; /* of the last try */
	int start_again;      /* the room ends by itself; the warden starts it */
	int64_t said_ms;
};

static uint8_t parcel_room[PARCEL_MESSAGE_MAX];

void
record_name(char name[RECORD_NAME_BYTES], const struct parcel *p)
{
	int n = snprintf(name, RECORD_NAME_BYTES, "%08" PRIu32 "-%020" PRIu64 ".lsr", p->boot, p->sequence);

	CHECK(n > 0 && n < RECORD_NAME_BYTES);
}

static void
tell_all(const struct uplink *u)
{
	vitals_tell(VITAL_delivered, u->delivered);
	vitals_tell(VITAL_delivery_failed, u->failed);
	vitals_tell(VITAL_uplink_trouble, u->trouble);
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

/* A link that is down for days must not fill the journal: a line when the trouble changes, and now and then. */
static void
say(struct uplink *u, const struct parcel *p, const struct attempt *a)
{
	int64_t now_ms = clock_ms(CLOCK_MONOTONIC);
	int news = a->outcome != u->trouble || a->start_again || (a->outcome != DELIVERED && now_ms - u->said_ms > SAY_AGAIN_MS);

	u->trouble = a->outcome;
	if (!news)
		return;
	u->said_ms = now_ms;
	if (a->outcome == DELIVERED)
		log_event(LOG_NOTE, "delivering_again", "boot", p->boot, "sequence", p->sequence, "failed", u->failed);
	else
		log_text(LOG_ERROR, "record %08u-%020llu was not delivered: %s", p->boot,
			 (unsigned long long)p->sequence, a->why);
}

static enum outcome
try_once(struct uplink *u, const struct parcel *p)
{
	struct attempt a = {.outcome = TRY_AGAIN};
	uint32_t chance = 0;

	u->to->deliver(p, &a);
	if (a.outcome != DELIVERED && room_finishing() && u->to->over_network)
		return a.outcome; /* broken off by ourselves */
	CHECK(getrandom(&chance, sizeof(chance), 0) == sizeof(chance));
	pace_tried(&u->pace, &a, clock_ms(CLOCK_MONOTONIC), chance);
	u->delivered += a.outcome == DELIVERED;
	u->failed += a.outcome != DELIVERED;
	u->start_again = a.start_again;
	say(u, p, &a);
	tell_all(u);
	return a.outcome;
}

/* Returns 0 when the room ends, or was asked to finish while waiting. */
static int
wait_for_turn(const struct uplink *u)
{
	for (;;) {
		int64_t left = pace_left_ms(&u->pace, clock_ms(CLOCK_MONOTONIC));

		if (u->start_again || room_finishing())
			return 0;
		if (left == 0)
			return 1;
		if (!room_wait(NULL, 0, left < INT32_MAX ? (int)left : INT32_MAX))
			return 0;
	}
}

static void
deliver(struct uplink *u, const struct parcel *p)
{
	enum outcome outcome = TRY_AGAIN;

	if (!u->to->over_network) {
		outcome = try_once(u, p);
		send_receipt(u, p, outcome == DELIVERED ? PARCEL_DELIVERED : PARCEL_FAILED);
		return;
	}
	while (outcome != DELIVERED && wait_for_turn(u))
		outcome = try_once(u, p);
	if (outcome == DELIVERED)
		send_receipt(u, p, PARCEL_DELIVERED);
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

/* Returns 0, or -1 when the destination cannot be used, having said why. */
static int
open_destination(struct uplink *u, const char *to)
{
	const char *why;

	if (strcmp(to, "none") == 0)
		return 0;
	if (strcmp(to, "file:") == 0) {
		u->to = &file_destination;
		return 0;
	}
	if (collector_open(to, &why) < 0) {
		log_text(LOG_ERROR, "uplink.to \"%s\": %s", to, why);
		return -1;
	}
	u->to = &collector_destination;
	return 0;
}

int
main(int argc, char **argv)
{
	static struct uplink u;
	struct pollfd door = {.fd = ROOM_FD_IN, .events = POLLIN};

	room_begin(argc, argv);
	if (open_destination(&u, room_setting_text("to")) < 0)
		return ROOM_EXIT_SETTINGS;
	pipe_in_init(&u.parcels, ROOM_FD_IN, SPACE_OF(parcel_room));
	pipe_out_init(&u.receipts, ROOM_FD_IN_ACK);
	pace_init(&u.pace, room_setting("cadence_s") * 1000, clock_ms(CLOCK_MONOTONIC));
	room_ready();
	tell_all(&u);
	CHECK(pipe_send(&u.receipts, PARCEL_HELLO_TYPE, SPAN(NULL, 0)) == 0);
	/* A try that is broken off has heard SIGTERM already. */
	while (!u.start_again && !room_finishing() && room_wait(&door, 1, -1))
		(void)take_one(&u);
	while (!u.start_again && take_one(&u))
		;
	if (u.to == &collector_destination)
		collector_close();
	return ROOM_EXIT_DONE;
}
