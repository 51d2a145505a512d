/*
 * warden/health.c - the numbers of record/health.h from what the rooms told: counts and states, nothing else.
 */
#include <poll.h>

#include "base/log.h"
#include "doors/health/health.h"
#include "warden/health.h"
#include "warden/tally.h"

/* A room that is broken may tell anything; a count below zero is none. */
static uint64_t
total(const struct house *h, enum room room, enum vital vital)
{
	int64_t n = tally_total(&h->residents[room], vital);

	return n > 0 ? (uint64_t)n : 0;
}

static void
gather(struct record_health *s, const struct house *h, int64_t now_us)
{
	*s = (struct record_health){.n = HEALTH_COUNT};
	s->of[HEALTH_uptime_s] = (uint64_t)((now_us - h->started_us) / 1000000);
	s->of[HEALTH_policy_in_force] = h->rules.trouble == 0;
	s->of[HEALTH_frames] = total(h, ROOM_CAPTURE, VITAL_frames);
	s->of[HEALTH_frames_dropped] = total(h, ROOM_CAPTURE, VITAL_frames_dropped);
	s->of[HEALTH_frames_bad] = total(h, ROOM_CAPTURE, VITAL_frames_bad);
	s->of[HEALTH_passages] = total(h, ROOM_LOCATE, VITAL_passages);
	s->of[HEALTH_passages_refused] =
	    total(h, ROOM_LOCATE, VITAL_passages_refused) + total(h, ROOM_SEAL, VITAL_passages_refused);
	s->of[HEALTH_counted_only] = total(h, ROOM_SEAL, VITAL_counted_only);
	s->of[HEALTH_sealed] = total(h, ROOM_SEAL, VITAL_sealed);
	s->of[HEALTH_stored] = total(h, ROOM_SPOOL, VITAL_stored);
	s->of[HEALTH_spool_full] = total(h, ROOM_SPOOL, VITAL_spool_full);
	s->of[HEALTH_records_lost] = total(h, ROOM_SPOOL, VITAL_records_lost);
	s->of[HEALTH_records_dropped] = total(h, ROOM_SPOOL, VITAL_records_dropped);
	s->of[HEALTH_spool_records] = total(h, ROOM_SPOOL, VITAL_spool_records);
	s->of[HEALTH_spool_bytes] = total(h, ROOM_SPOOL, VITAL_spool_bytes);
	s->of[HEALTH_delivered] = total(h, ROOM_UPLINK, VITAL_delivered);
	s->of[HEALTH_delivery_failed] = total(h, ROOM_UPLINK, VITAL_delivery_failed);
	s->of[HEALTH_uplink_trouble] = total(h, ROOM_UPLINK, VITAL_uplink_trouble);
	s->of[HEALTH_triggers] = total(h, ROOM_CAPTURE, VITAL_triggers) + total(h, ROOM_CAPTURE, VITAL_triggers_lost);
	s->of[HEALTH_passages_unread] = total(h, ROOM_LOCATE, VITAL_passages_unread);
	s->of[HEALTH_usb_ignored] = h->usb_ignored;
	for (size_t room = 0; room < ROOM_COUNT; room++) {
		s->of[HEALTH_capture_restarts + room] = h->residents[room].restarts;
		s->of[HEALTH_capture_locks + room] = total(h, (enum room)room, VITAL_locks);
	}
}

void
health_tell(struct house *h, int64_t now_us)
{
	struct pollfd door = {.fd = h->health_out.fd, .events = POLLOUT};
	uint8_t bytes[HEALTH_MESSAGE_BYTES];
	struct record_health s;
	int err = 0;

	h->health_us = now_us + settings_number(&h->settings, "state.health_s") * 1000000;
	gather(&s, h, now_us);
	CHECK(health_encode(&s, SPACE_OF(bytes)) == sizeof(bytes));
	if (poll(&door, 1, 0) == 1 && (door.revents & POLLOUT))
		err = pipe_send(&h->health_out, HEALTH_TYPE, SPAN_OF(bytes));
	if (err < 0)
		log_event(LOG_WARN, "health_not_told", "errno", -err);
}
