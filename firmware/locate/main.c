/*
 * locate: looks for plates in frames, follows them, and hands on the best crops
 * of each vehicle that passed. Everything else that a frame showed ends here.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/pipe.h"
#include "base/room.h"
#include "base/wipe.h"
#include "doors/crop/crop.h"
#include "doors/frame/frame.h"
#include "doors/vitals/vitals.h"
#include "locate/cut.h"
#include "locate/find.h"
#include "locate/follow.h"
#include "locate/light.h"
#include "locate/luma.h"
#include "locate/outbox.h"
#include "locate/self_test.h"

enum { LAST_ACKS_MS = 5000, VITALS_EVERY_US = 250000, IDLE_MS = 250, SCENE_LIGHT_EVERY_US = 1000000,
       SELF_TEST_EVERY_US = 5000000 };

struct locate {
	const uint8_t *slots;
	struct pipe_in frames, acks;
	struct pipe_out releases, crops;
	struct find *find;
	struct space find_work;
	struct follow follow;
	struct outbox outbox;
	struct {
		int64_t frames_seen, frames_with_plate, plates, passages, refused, stored, find_us, unread, left_out, self_tests;
	} count;
	int by_trigger;     /* a vehicle is what capture says: from its word "begin" to its word "end" */
	int has_vehicle;    /* it has come, and is not over */
	int64_t told_us, light_us;
	int end_of_frames;
	int tests_itself;     /* until a passage that it draws is stored */
	uint64_t self_test;   /* the number of that one; 0: none is on its way */
	int64_t self_test_us; /* not before this */
};

static struct locate room;
static uint8_t frame_buffer[FRAME_MESSAGE_MAX];
static uint8_t ack_buffer[64];

/* Memory for the whole life of the room; pages are taken when first used. */
static struct space
take_memory(size_t n)
{
	void *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	CHECK(p != MAP_FAILED);
	memory_hide(p, n);
	return SPACE(p, n);
}

static void
take_doors(void)
{
	void *slots = mmap(NULL, FRAME_POOL_BYTES, PROT_READ, MAP_SHARED, ROOM_FD_FRAMES, 0);

	CHECK(slots != MAP_FAILED);
	memory_hide_shared(slots, FRAME_POOL_BYTES);
	room.slots = slots;
	pipe_in_init(&room.frames, ROOM_FD_IN, SPACE_OF(frame_buffer));
	pipe_out_init(&room.releases, ROOM_FD_IN_ACK);
	pipe_out_init(&room.crops, ROOM_FD_OUT);
	pipe_in_init(&room.acks, ROOM_FD_OUT_ACK, SPACE_OF(ack_buffer));
}

/* The warden has checked each setting against its range; here a wrong one is a mistake of ours. */
static int64_t
setting(const char *name, int64_t least, int64_t most)
{
	int64_t value = room_setting(name);

	CHECK(value >= least && value <= most);
	return value;
}

static uint8_t
encoding(void)
{
	const char *name = room_setting_text("encoding");

	if (strcmp(name, "png") == 0)
		return CROP_PNG;
	CHECK(strcmp(name, "jpeg") == 0);
	return CROP_JPEG;
}

static void
read_settings(struct follow_rule *follow, struct outbox_rule *outbox)
{
	int64_t views = setting("views", 1, 8);

	follow->views = (uint32_t)(views < CONFIG_LOCATE_VIEWS_MAX ? views : CONFIG_LOCATE_VIEWS_MAX);
	follow->confirm_frames = (uint32_t)setting("confirm_frames", 1, 1000);
	follow->sure_permille = (uint32_t)setting("sure_permille", 0, 100000);
	follow->gap_us = setting("passage_gap_ms", 1, 600000) * 1000;
	follow->cut.margin_x_permille = (uint32_t)setting("margin_x_permille", 0, 1000);
	follow->cut.margin_y_permille = (uint32_t)setting("margin_y_permille", 0, 1000);
	follow->cut.share_max_permille = (uint32_t)setting("share_max_permille", 1, CUT_RULE_MOST_SHARE);
	outbox->encoding = encoding();
	outbox->jpeg_quality = (int)setting("jpeg_quality", 1, 100);
	outbox->lane = (uint16_t)setting("lane", 0, UINT16_MAX);
	outbox->restarts = (uint64_t)setting("restarts", 0, UINT32_MAX);
}

/*
 * libjpeg looks at the processor when it first works in a thread, on arm64 in /proc/cpuinfo, which this room cannot open
 * once it is ready.
 */
static void
encode_a_first_picture(void)
{
	static const uint8_t grey[8 * 8];
	uint8_t file[1024];

	CHECK(cut_encode(grey, 8, 8, CROP_JPEG, 90, SPACE_OF(file)) > 0);
}

static void
prepare(void)
{
	struct follow_rule follow;
	struct outbox_rule outbox;
	size_t n = find_bytes(CONFIG_FRAME_MAX_WIDTH_PX, CONFIG_FRAME_MAX_HEIGHT_PX);

	read_settings(&follow, &outbox);
	room.by_trigger = setting("by_trigger", 0, 1) == 1;
	room.tests_itself = setting("self_test", 0, 1) == 1;
	room.find_work = take_memory(n);
	CHECK(find_init(&room.find, room.find_work, CONFIG_FRAME_MAX_WIDTH_PX, CONFIG_FRAME_MAX_HEIGHT_PX) == 0);
	luma_init(take_memory(LUMA_BYTES));
	encode_a_first_picture();
	follow_init(&room.follow, take_memory(FOLLOW_BYTES), &follow);
	outbox_init(&room.outbox, take_memory(OUTBOX_BYTES), take_memory(CROP_MESSAGE_MAX), &outbox);
}

static void
tell_vitals(void)
{
	vitals_tell(VITAL_frames_seen, room.count.frames_seen);
	vitals_tell(VITAL_frames_with_plate, room.count.frames_with_plate);
	vitals_tell(VITAL_plates, room.count.plates);
	vitals_tell(VITAL_passages, room.count.passages);
	vitals_tell(VITAL_passages_refused, room.count.refused + (int64_t)room.follow.refused);
	vitals_tell(VITAL_passages_stored, room.count.stored);
	vitals_tell(VITAL_find_us, room.count.find_us);
	vitals_tell(VITAL_passages_unread, room.count.unread);
	vitals_tell(VITAL_plates_left_out, room.count.left_out);
	vitals_tell(VITAL_self_tests, room.count.self_tests);
	vitals_tell(VITAL_doors_resynced, (int64_t)(room.frames.passed_over + room.acks.passed_over));
	vitals_tell(VITAL_arena_peak, (int64_t)arena_peak());
	room.told_us = clock_us(CLOCK_MONOTONIC);
}

static void
release_slot(const struct frame *f)
{
	struct frame_release release = {.slot = f->slot, .sequence = f->sequence};
	uint8_t bytes[32];
	int n = frame_release_encode(&release, SPACE_OF(bytes));

	CHECK(n > 0);
	CHECK(pipe_send(&room.releases, FRAME_RELEASE_TYPE, SPAN(bytes, (size_t)n)) == 0);
}

/* A passage that is over and may leave. Of a vehicle that a trigger told of, only one may, when its time is over. */
static int
waits(struct crop *passage)
{
	return !room.has_vehicle && follow_peek(&room.follow, passage);
}

/* Passages that are over go to the outbox and on to seal, as long as the outbox has places. */
static void
hand_on(void)
{
	struct crop passage;
	int place;

	while (!outbox_full(&room.outbox) && waits(&passage)) {
		place = outbox_put(&room.outbox, &passage);
		follow_release(&room.follow);
		if (place < 0) {
			room.count.refused++;
			log_event(LOG_WARN, "passage_not_kept", "error", -place, "width", passage.views[0].crop.w, "height",
				  passage.views[0].crop.h);
			continue;
		}
		room.count.passages++;
		CHECK(outbox_send(&room.outbox, place, &room.crops) == 0);
	}
}

/* For each frame with a plate its best one's; without any, the scene's once a second. */
static void
tell_light(const struct frame *f, const struct luma *luma, const struct plate *plates, int n)
{
	struct frame_light light = {.sequence = f->sequence, .of = n > 0 ? LIGHT_PLATE : LIGHT_SCENE};
	uint8_t bytes[16];
	int best = 0, size;

	if (n == 0 && f->at_us - room.light_us < SCENE_LIGHT_EVERY_US)
		return;
	room.light_us = f->at_us;
	for (int i = 1; i < n; i++)
		best = plates[i].score_permille > plates[best].score_permille ? i : best;
	light.luma = n > 0 ? light_of_plate(luma, &plates[best].box) : light_of_scene(luma);
	size = frame_light_encode(&light, SPACE_OF(bytes));
	CHECK(size > 0);
	CHECK(pipe_send(&room.releases, FRAME_LIGHT_TYPE, SPAN(bytes, (size_t)size)) == 0);
}

static void
look_at(const struct frame *f, const struct luma *luma)
{
	struct plate plates[FIND_PLATES_MAX];
	int64_t before = clock_us(CLOCK_MONOTONIC);
	int n = find(room.find, luma, plates);

	CHECK(n >= 0);
	room.count.find_us = clock_us(CLOCK_MONOTONIC) - before;
	room.count.frames_seen++;
	room.count.frames_with_plate += n > 0;
	room.count.plates += n;
	tell_light(f, luma, plates, n);
	follow_frame(&room.follow, f, luma, plates, n);
	wipe(plates, sizeof(plates));
}

/* Its passage is the nearest plate's; without one it is a count. */
static void
end_vehicle(void)
{
	struct crop passage;

	if (!room.has_vehicle)
		return;
	room.count.left_out += follow_finish_one(&room.follow);
	room.has_vehicle = 0;
	room.count.unread += !waits(&passage);
}

/* A vehicle that capture could not end, because it was killed, ends when the next one comes. */
static void
begin_vehicle(void)
{
	end_vehicle();
	hand_on();
	room.has_vehicle = 1;
}

static void
take_word(uint8_t type, struct span message)
{
	CHECK(room.by_trigger && message.n == 0 && (type == FRAME_BEGIN_TYPE || type == FRAME_END_TYPE));
	if (type == FRAME_BEGIN_TYPE)
		begin_vehicle();
	else
		end_vehicle();
}

static void
take_frame(struct span message)
{
	struct frame f;
	struct luma luma;
	int err;

	CHECK(frame_decode(&f, message) == 0);
	err = luma_of(&luma, &f, SPAN(room.slots + (size_t)f.slot * FRAME_SLOT_BYTES, FRAME_SLOT_BYTES));
	/* Only formats that are looked at in place need the slot any longer. */
	if (!luma_in_place(f.format))
		release_slot(&f);
	if (err < 0) {
		room.count.frames_seen++;
		log_event(LOG_WARN, "broken_frame", "sequence", f.sequence);
		return;
	}
	look_at(&f, &luma);
	if (luma_in_place(f.format))
		release_slot(&f);
	luma_done();
}

/* A passage that waits for a place holds the frames back. */
static int
may_look(void)
{
	struct crop waiting;

	return !outbox_full(&room.outbox) && !waits(&waiting);
}

/* Frames told to the instance before: hello frees their slots, so what lies there may change at any time. */
static void
pass_over_old_frames(void)
{
	struct span message;
	uint8_t type;
	int got;

	while ((got = pipe_receive(&room.frames, &type, &message)) == 1)
		room.count.unread += type == FRAME_BEGIN_TYPE; /* its frames are gone: it is a count */
	CHECK(got == 0 || got == -EPIPE);
}

/* Returns 1 when there was a frame, 0 when there is none now or none may be taken. */
static int
take_next_frame(void)
{
	struct span message;
	uint8_t type;
	int got;

	if (!may_look())
		return 0;
	got = pipe_receive(&room.frames, &type, &message);
	if (got == -EPIPE) {
		room.end_of_frames = 1;
		return 0;
	}
	CHECK(got >= 0);
	if (got == 0)
		return 0;
	if (type == FRAME_TYPE)
		take_frame(message);
	else
		take_word(type, message);
	hand_on();
	return 1;
}

static void
take_ack(struct span message)
{
	struct crop_ack ack;

	CHECK(crop_ack_decode(&ack, message) == 0);
	if (!outbox_drop(&room.outbox, ack.passage))
		return;
	if (ack.passage == room.self_test) {
		room.count.self_tests += ack.stored == 1;
		room.tests_itself = ack.stored == 0;
		room.self_test = 0;
	} else
		room.count.stored += ack.stored == 1;
}

static void
take_acks(void)
{
	struct span message;
	uint8_t type;
	int got;

	while ((got = pipe_receive(&room.acks, &type, &message)) == 1) {
		if (type == CROP_HELLO_TYPE) {
			CHECK(message.n == 0);
			CHECK(outbox_send_all(&room.outbox, &room.crops) == 0);
		} else {
			CHECK(type == CROP_ACK_TYPE);
			take_ack(message);
		}
	}
	CHECK(got == 0 || got == -EPIPE);
	hand_on();
}

/* What a new firmware cannot do shows here. Until a policy is in force seal takes none, and it is tried again. */
static void
test_itself(void)
{
	struct crop passage;
	int place;

	if (!room.tests_itself || room.self_test != 0 || clock_us(CLOCK_MONOTONIC) < room.self_test_us ||
	    outbox_full(&room.outbox))
		return;
	room.self_test_us = clock_us(CLOCK_MONOTONIC) + SELF_TEST_EVERY_US;
	place = self_test_passage(&passage, room.find, &room.follow.rule.cut, clock_us(CLOCK_REALTIME));
	if (place == 0)
		place = outbox_put(&room.outbox, &passage);
	if (place < 0) {
		log_event(LOG_ERROR, "self_test_failed", "errno", -place);
		room.tests_itself = 0;
		return;
	}
	room.self_test = passage.passage;
	CHECK(outbox_send(&room.outbox, place, &room.crops) == 0);
}

/* Returns 0 once the room is asked to finish. */
static int
wait_and_work(int limit_ms)
{
	struct pollfd fds[] = {{.fd = ROOM_FD_OUT_ACK, .events = POLLIN}, {.fd = ROOM_FD_IN, .events = POLLIN}};
	int go_on = room_wait(fds, may_look() ? 2 : 1, limit_ms);

	take_acks();
	test_itself();
	(void)take_next_frame();
	if (clock_us(CLOCK_MONOTONIC) - room.told_us > VITALS_EVERY_US)
		tell_vitals();
	return go_on;
}

static void
wait_for_acks(void)
{
	struct pollfd acks = {.fd = ROOM_FD_OUT_ACK, .events = POLLIN};

	if (room_wait(&acks, 1, IDLE_MS))
		take_acks();
}

/* What capture had already sent is still looked at; then every vehicle in view has passed. */
static void
drain(void)
{
	int64_t until = clock_us(CLOCK_MONOTONIC) + LAST_ACKS_MS * 1000;

	while (take_next_frame() || (!may_look() && clock_us(CLOCK_MONOTONIC) < until))
		if (!may_look())
			wait_for_acks();
	end_vehicle();
	follow_finish(&room.follow);
	hand_on();
	until = clock_us(CLOCK_MONOTONIC) + LAST_ACKS_MS * 1000;
	while (clock_us(CLOCK_MONOTONIC) < until && !(outbox_empty(&room.outbox) && may_look()))
		wait_for_acks();
	tell_vitals();
}

static void
wipe_all(void)
{
	find_wipe(room.find);
	luma_done();
	outbox_wipe(&room.outbox);
	wipe(frame_buffer, sizeof(frame_buffer));
}

int
main(int argc, char **argv)
{
	room_begin(argc, argv);
	take_doors();
	prepare();
	room_ready();
	pass_over_old_frames();
	take_acks(); /* a seal that has just started says so: what is sent from here on it gets once */
	test_itself();
	CHECK(pipe_send(&room.releases, FRAME_HELLO_TYPE, SPAN(NULL, 0)) == 0);
	while (!room.end_of_frames && wait_and_work(IDLE_MS))
		;
	drain();
	wipe_all();
	return ROOM_EXIT_DONE;
}
