/*
 * seal - the encryption room. Takes one passage at a time from locate, turns it
 * into a body that only the policy's recipients can open, and keeps those bytes
 * until spool has them on disk. Holds public keys and the random source, nothing else.
 */
#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/pipe.h"
#include "base/room.h"
#include "base/wipe.h"
#include "doors/crop/crop.h"
#include "doors/sealed/sealed.h"
#include "doors/vitals/vitals.h"
#include "seal/judge.h"
#include "seal/recipients.h"
#include "seal/settings.h"

enum { RETRY_MS = 1000, PATIENCE_MS = 5000, TICK_MS = 100, ACK_BUFFER_BYTES = 64 };

struct seal {
	struct pipe_in crops, answers;
	struct pipe_out acks, bodies;
	struct seal_settings settings;
	struct recipients recipients;
	int in_flight;       /* a passage is sealed and spool has not stored it yet */
	uint64_t passage;    /* the one in flight */
	struct span message; /* its sealed bytes, as they go to spool */
	int64_t again_at_ms; /* when to offer it again; 0: not asked to */
	uint64_t sealed, counted_only, refused;
};

static uint8_t crop_buffer[CROP_MESSAGE_MAX], ack_buffer[ACK_BUFFER_BYTES];
static uint8_t header_bytes[SEALED_HEADER_MAX], body_bytes[SEALED_BODY_MAX],
    message_bytes[SEALED_MESSAGE_MAX];

static void
tell_vitals(const struct seal *s)
{
	vitals_tell(VITAL_sealed, (int64_t)s->sealed);
	vitals_tell(VITAL_counted_only, (int64_t)s->counted_only);
	vitals_tell(VITAL_passages_refused, (int64_t)s->refused);
	vitals_tell(VITAL_doors_resynced, (int64_t)(s->crops.passed_over + s->answers.passed_over));
	vitals_tell(VITAL_arena_peak, (int64_t)arena_peak());
}

static int
answer_locate(struct seal *s, uint64_t passage, uint8_t stored)
{
	const struct crop_ack ack = {.passage = passage, .stored = stored};
	uint8_t bytes[CROP_ACK_BYTES];

	CHECK(crop_ack_encode(&ack, SPACE_OF(bytes)) == sizeof(bytes));
	return pipe_send(&s->acks, CROP_ACK_TYPE, SPAN_OF(bytes));
}

static void
hide_buffers(void)
{
	memory_hide(crop_buffer, sizeof(crop_buffer));
	memory_hide(header_bytes, sizeof(header_bytes));
	memory_hide(body_bytes, sizeof(body_bytes));
	memory_hide(message_bytes, sizeof(message_bytes));
}

/* ---- a passage comes in ---- */

static void
encode_message(struct seal *s, size_t header_n, size_t body_n)
{
	const struct sealed sealed = {
	    .passage = s->passage,
	    .header = SPAN(header_bytes, header_n),
	    .body = SPAN(body_bytes, body_n),
	};
	int64_t n = sealed_encode(&sealed, SPACE_OF(message_bytes));

	CHECK(n > 0);
	s->message = SPAN(message_bytes, (size_t)n);
}

/* Returns 0 when the passage is in flight, -ENOSPC when it is too large. A guard that fails ends the room. */
static int
seal_passage(struct seal *s, const struct crop *c)
{
	struct record_header h = {
	    .coarse_time_s = c->first_utc_us / 1000000 / RECORD_COARSE_TIME_S * RECORD_COARSE_TIME_S,
	    .source = c->source,
	    .passage = c->passage,
	};
	size_t header_n, body_n;
	int err;

	_Static_assert(sizeof(h.unit) == sizeof(s->settings.unit), "a unit's name has one size");
	memcpy(h.unit, s->settings.unit, sizeof(h.unit));
	memcpy(h.firmware, s->settings.firmware, sizeof(h.firmware));
	memcpy(h.policy, s->recipients.policy.hash, sizeof(h.policy));
	err = body_seal(s->recipients.sealer, c, &h, SPACE_OF(header_bytes), &header_n, SPACE_OF(body_bytes),
			&body_n);
	if (err == -ENOSPC)
		return err;
	CHECK(err == 0);
	s->in_flight = 1;
	s->passage = c->passage;
	s->again_at_ms = 0;
	encode_message(s, header_n, body_n);
	return 0;
}

/* What happens to one passage: counted only, refused, or sealed and sent on. */
static int
deal_with(struct seal *s, const struct crop *c)
{
	int err;

	if (!recipients_usable(&s->recipients, clock_ms(CLOCK_REALTIME) / 1000)) {
		if (c->source == CROP_SOURCE_SELF_TEST) /* no vehicle: nothing to count */
			return answer_locate(s, c->passage, 0);
		s->counted_only++;
		err = pipe_send(&s->bodies, SEALED_COUNTED_TYPE, SPAN(NULL, 0));
		return err < 0 ? err : answer_locate(s, c->passage, 0);
	}
	err = judge_crop(&s->recipients.policy, c);
	if (err == 0)
		err = seal_passage(s, c);
	if (err < 0) {
		s->refused++;
		log_event(LOG_ERROR, "passage_refused", "passage", c->passage, "errno", -err);
		return answer_locate(s, c->passage, 0);
	}
	s->sealed++;
	return pipe_send(&s->bodies, SEALED_TYPE, s->message);
}

/* Returns 1 when a passage was taken, 0 when there is none. */
static int
take_crop(struct seal *s)
{
	struct span bytes;
	struct crop c;
	uint8_t type;
	int err;

	err = pipe_receive(&s->crops, &type, &bytes);
	if (err <= 0)
		return err;
	err = type == CROP_TYPE ? crop_decode(&c, bytes) : -EBADMSG;
	if (err == 0)
		err = deal_with(s, &c);
	wipe(&c, sizeof(c));
	pipe_in_wipe(&s->crops);
	tell_vitals(s);
	return err < 0 ? err : 1;
}

/* ---- spool answers ---- */

/* Answers for another passage are repeats of what has been dealt with. */
static int
heed_ack(struct seal *s, const struct sealed_ack *a)
{
	if (!s->in_flight || a->passage != s->passage)
		return 0;
	if (a->answer == SEALED_FULL) {
		s->again_at_ms = clock_ms(CLOCK_MONOTONIC) + RETRY_MS;
		return 0;
	}
	s->in_flight = 0;
	return answer_locate(s, a->passage, 1);
}

static int
send_again(struct seal *s)
{
	s->again_at_ms = 0;
	return s->in_flight ? pipe_send(&s->bodies, SEALED_TYPE, s->message) : 0;
}

static int
take_answer(struct seal *s, uint8_t type, struct span bytes)
{
	struct sealed_ack a;
	int err;

	if (type == SEALED_HELLO_TYPE)
		return bytes.n == 0 ? send_again(s) : -EBADMSG;
	if (type != SEALED_ACK_TYPE)
		return -EBADMSG;
	err = sealed_ack_decode(&a, bytes);
	return err < 0 ? err : heed_ack(s, &a);
}

static int
take_answers(struct seal *s)
{
	struct span bytes;
	uint8_t type;
	int err;

	for (;;) {
		err = pipe_receive(&s->answers, &type, &bytes);
		if (err <= 0)
			return err;
		err = take_answer(s, type, bytes);
		if (err < 0)
			return err;
	}
}

/* ---- the loop ---- */

/* Returns 1 when something moved, 0 when nothing is left to take, -errno when a door is broken. */
static int
work(struct seal *s)
{
	int was_in_flight = s->in_flight, err;

	err = take_answers(s);
	if (err < 0)
		return err;
	if (s->again_at_ms && clock_ms(CLOCK_MONOTONIC) >= s->again_at_ms) {
		err = send_again(s);
		if (err < 0)
			return err;
	}
	/* One passage at a time: what waits in the pipe is locate's to keep. */
	if (s->in_flight)
		return 0;
	err = take_crop(s);
	return err == 0 ? was_in_flight : err;
}

static int
limit_ms(const struct seal *s)
{
	return room_finishing() || s->again_at_ms ? TICK_MS : -1;
}

/* Until SIGTERM came and all is stored, or nothing has moved for PATIENCE_MS after it. */
static int
loop(struct seal *s)
{
	int64_t leave_at_ms = 0;

	for (;;) {
		struct pollfd doors[] = {
		    {.fd = s->answers.fd, .events = POLLIN},
		    {.fd = s->in_flight ? -1 : s->crops.fd, .events = POLLIN},
		};
		int first = !room_wait(doors, ARRAY_SIZE(doors), limit_ms(s));
		int moved = work(s);

		if (moved < 0)
			return moved;
		if (first || moved)
			leave_at_ms = clock_ms(CLOCK_MONOTONIC) + PATIENCE_MS;
		if (!room_finishing())
			continue;
		if (!moved && !s->in_flight)
			return 0;
		if (!moved && clock_ms(CLOCK_MONOTONIC) >= leave_at_ms) {
			log_event(LOG_WARN, "left_before_stored", "passage", s->passage);
			return 0;
		}
	}
}

int
main(int argc, char **argv)
{
	static struct seal s;
	int err;

	room_begin(argc, argv);
	hide_buffers();
	pipe_in_init(&s.crops, ROOM_FD_IN, SPACE_OF(crop_buffer));
	pipe_in_init(&s.answers, ROOM_FD_OUT_ACK, SPACE_OF(ack_buffer));
	pipe_out_init(&s.acks, ROOM_FD_IN_ACK);
	pipe_out_init(&s.bodies, ROOM_FD_OUT);
	seal_settings_read(&s.settings);
	CHECK(hal_crypto_open() == 0);
	recipients_init(&s.recipients, ROOM_FD_POLICY, &s.settings, clock_ms(CLOCK_REALTIME) / 1000);
	room_ready();
	err = pipe_send(&s.acks, CROP_HELLO_TYPE, SPAN(NULL, 0));
	if (err == 0)
		err = loop(&s);
	if (err < 0)
		log_event(LOG_ERROR, "door_broken", "errno", -err);
	pipe_in_wipe(&s.crops);
	recipients_fini(&s.recipients);
	hal_crypto_close();
	return err < 0 ? 1 : ROOM_EXIT_DONE;
}
