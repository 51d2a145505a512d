/*
 * capture: takes frames from the camera and tells locate where they lie.
 *
 * It alone holds the camera. With a clock (real sensor, or a simulated one at
 * pace "real") a frame that finds no free place is dropped and counted; at pace
 * "free" it waits for one, so that no simulated frame is lost. With a trigger only the frames
 * of a vehicle that has come go on; with a strobe each exposure that may go on is lit.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

#include "base/clock.h"
#include "base/lock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/pipe.h"
#include "base/room.h"
#include "base/wipe.h"
#include "doors/frame/frame.h"
#include "doors/vitals/vitals.h"
#include "expose.h"
#include "flash.h"
#include "gate.h"
#include "hal/camera.h"
#include "slots.h"

enum {
	READ_LIMIT_MS = 20,       /* longest wait for the camera, after which releases are looked at again */
	RELEASE_LIMIT_MS = 200,
	LAST_RELEASES_MS = 5000,
	TELL_EVERY_US = 500000,
	SILENCE_US = 1000000,     /* a frame is not later than this behind its exposure */
	BROKEN_IN_A_ROW_MAX = 100,
	EXPOSURE_MOST_US = 2000,  /* for plates, where no setting says: 25 km/h is 14 mm in that time */
	GAIN_MOST_MILLI = 8000,
};

struct capture {
	struct hal_camera *camera;
	struct slots slots;
	uint8_t *frames, *spare;  /* the shared memory; one slot of our own for frames to be dropped */
	size_t used_bytes[CONFIG_FRAME_SLOTS]; /* what lies in each */
	struct pipe_out out;
	struct pipe_in releases;
	int real_time, exposes;
	struct gate gate;
	struct flash flash;
	struct expose expose;
	uint64_t sent, dropped, broken, broken_in_a_row, next_sequence, passed_over;
	int64_t told_us;
};

static uint8_t releases_buffer[64];

static uint8_t
format_of(const char *word)
{
	static const struct {
		const char *word;
		uint8_t format;
	} formats[] = {{"grey", PIXEL_GREY}, {"nv12", PIXEL_NV12}, {"yuyv", PIXEL_YUYV}, {"mjpeg", PIXEL_MJPEG}};

	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		if (strcmp(word, formats[i].word) == 0)
			return formats[i].format;
	check_failed(__FILE__, __LINE__); /* the warden has looked at it */
}

static int
open_camera(struct capture *c)
{
	struct hal_camera_wish wish = {
		.name = room_setting_text("camera"),
		.folder_fd = fcntl(ROOM_FD_FOLDER, F_GETFD) >= 0 ? ROOM_FD_FOLDER : -1,
		.format = format_of(room_setting_text("format")),
		.width_px = (uint16_t)room_setting("width_px"),
		.height_px = (uint16_t)room_setting("height_px"),
		.rate_mhz = (uint32_t)room_setting("rate_mhz"),
		.exposure_us = (uint32_t)room_setting("exposure_us"),
		.gain_milli = (uint32_t)room_setting("gain_milli"),
		.silence_ms = (uint32_t)room_setting("silence_ms"),
		.real_time = strcmp(room_setting_text("pace"), "real") == 0,
		.vehicles = (uint32_t)room_setting("vehicles"),
		.still_frames = (uint32_t)room_setting("still_frames"),
		.gap_ms = (uint32_t)room_setting("gap_ms"),
		.restarts = (uint32_t)room_setting("restarts"),
	};

	c->real_time = wish.real_time || !CONFIG(HAL_CAMERA_SIMULATED);
	c->exposes = strcmp(room_setting_text("expose_for"), "plate") == 0;
	if (c->exposes) {
		expose_init(&c->expose, wish.exposure_us ? wish.exposure_us : EXPOSURE_MOST_US, wish.gain_milli ? wish.gain_milli : GAIN_MOST_MILLI);
		wish.exposure_us = c->expose.exposure_us;
		wish.gain_milli = c->expose.gain_milli;
	}
	return hal_camera_open(&c->camera, &wish);
}

static int
open_trigger(struct capture *c)
{
	struct hal_trigger_wish wish = {
		.name = room_setting_text("trigger"),
		.fd = fcntl(ROOM_FD_TRIGGER, F_GETFD) >= 0 ? ROOM_FD_TRIGGER : -1,
		.debounce_us = (uint32_t)room_setting("trigger_debounce_us"),
	};

	c->gate.window_us = room_setting("trigger_window_ms") * 1000;
	return strcmp(wish.name, "none") == 0 ? 0 : hal_trigger_open(&c->gate.trigger, &wish);
}

static int
open_strobe(struct capture *c)
{
	int fd = fcntl(ROOM_FD_STROBE, F_GETFD) >= 0 ? ROOM_FD_STROBE : -1;

	c->flash.period_us = 1000000000 / room_setting("rate_mhz");
	c->flash.exposure_us = c->exposes ? c->expose.exposure_us : (uint32_t)room_setting("exposure_us");
	c->flash.lead_us = (uint32_t)room_setting("strobe_lead_us");
	c->flash.longest_us = (uint32_t)room_setting("strobe_longest_us");
	/* Without a clock there is no time at which to light a frame. */
	if (strcmp(room_setting_text("strobe"), "none") == 0 || !c->real_time)
		return 0;
	return hal_strobe_open(&c->flash.strobe, fd);
}

static void
take_memory(struct capture *c)
{
	/* Frames of a capture that was killed: nobody is left who would wipe them. */
	CHECK(fallocate(ROOM_FD_FRAMES, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, FRAME_POOL_BYTES) == 0);
	c->frames = mmap(NULL, FRAME_POOL_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, ROOM_FD_FRAMES, 0);
	CHECK(c->frames != MAP_FAILED);
	c->spare = mmap(NULL, FRAME_SLOT_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	CHECK(c->spare != MAP_FAILED);
	memory_hide_shared(c->frames, FRAME_POOL_BYTES);
	memory_hide(c->spare, FRAME_SLOT_BYTES);
}

static uint8_t *
slot_of(const struct capture *c, int slot)
{
	return slot < 0 ? c->spare : c->frames + (size_t)slot * FRAME_SLOT_BYTES;
}

static void
tell(struct capture *c, int always)
{
	int64_t now = clock_us(CLOCK_MONOTONIC);

	if (!always && now - c->told_us < TELL_EVERY_US)
		return;
	c->told_us = now;
	vitals_tell(VITAL_frames, (int64_t)c->sent);
	vitals_tell(VITAL_frames_dropped, (int64_t)c->dropped);
	vitals_tell(VITAL_frames_passed_over, (int64_t)c->passed_over);
	vitals_tell(VITAL_triggers, (int64_t)c->gate.triggers);
	vitals_tell(VITAL_triggers_lost, (int64_t)c->gate.lost);
	vitals_tell(VITAL_strobes, (int64_t)c->flash.pulses);
	vitals_tell(VITAL_strobes_missed, (int64_t)c->flash.missed);
	vitals_tell(VITAL_frames_bad, (int64_t)c->broken);
	vitals_tell(VITAL_pictures_skipped, (int64_t)hal_camera_skipped(c->camera));
}

/* A frame that locate has done with is gone, not just free to be overwritten: the next one may be an hour away. */
static void
wipe_released(struct capture *c)
{
	for (int i = 0; i < CONFIG_FRAME_SLOTS; i++) {
		if (c->slots.of[i].busy || c->used_bytes[i] == 0)
			continue;
		wipe(slot_of(c, i), c->used_bytes[i]);
		c->used_bytes[i] = 0;
	}
}

/* A camera that cannot be told while it runs stays as it is. */
static void
take_light(struct capture *c, struct span message)
{
	struct frame_light light;

	CHECK(frame_light_decode(&light, message) == 0);
	if (!c->exposes || !expose_take(&c->expose, &light, c->next_sequence))
		return;
	if (hal_camera_expose(c->camera, c->expose.exposure_us, c->expose.gain_milli) < 0) {
		log_event(LOG_WARN, "camera_exposure_not_settable", "exposure_us", c->expose.exposure_us, "gain_milli", c->expose.gain_milli);
		c->exposes = 0;
	}
	c->flash.exposure_us = c->expose.exposure_us;
	vitals_tell(VITAL_exposure_us, c->expose.exposure_us);
	vitals_tell(VITAL_gain_milli, c->expose.gain_milli);
}

static void
take_releases(struct capture *c)
{
	struct frame_release release;
	struct span message;
	uint8_t type;
	int got;

	while ((got = pipe_receive(&c->releases, &type, &message)) == 1) {
		if (type == FRAME_HELLO_TYPE && message.n == 0) {
			slots_take_back_all(&c->slots);
			continue;
		}
		if (type == FRAME_LIGHT_TYPE) {
			take_light(c, message);
			continue;
		}
		CHECK(type == FRAME_RELEASE_TYPE && frame_release_decode(&release, message) == 0);
		slots_take_back(&c->slots, release.slot, release.sequence);
	}
	CHECK(got == 0 || got == -EPIPE);
	wipe_released(c);
}

static void
send_frame(struct capture *c, const struct frame *f)
{
	uint8_t message[FRAME_MESSAGE_MAX];
	int n = frame_encode(f, SPACE_OF(message));

	CHECK(n > 0);
	CHECK(pipe_send(&c->out, FRAME_TYPE, SPAN(message, (size_t)n)) == 0);
	slots_give(&c->slots, f->slot, f->sequence);
	c->used_bytes[f->slot] = f->size_bytes;
	c->sent++;
}

static void
send_word(struct capture *c, uint8_t type)
{
	CHECK(pipe_send(&c->out, type, SPAN(NULL, 0)) == 0);
}

/* Tells locate of each vehicle that has come, and whose time is over, until then. 0 or -EIO. */
static int
look_at_trigger(struct capture *c, int64_t until_us)
{
	int event;

	while ((event = gate_next(&c->gate, until_us)) > 0) {
		send_word(c, event == GATE_BEGIN ? FRAME_BEGIN_TYPE : FRAME_END_TYPE);
		tell(c, 1); /* a vehicle is counted even if this room is killed the moment after */
	}
	if (event < 0)
		log_event(LOG_ERROR, "trigger_failed", "error", -event);
	return event;
}

/* A frame that belongs to no vehicle is not kept until the next one overwrites it. */
static void
pass_over(struct capture *c, int slot, size_t n)
{
	c->passed_over++;
	wipe(slot_of(c, slot), n);
}

/* No frame for a while is no fault: with a trigger at the sensor's own pin there is none until a vehicle comes. */
static int
no_frame(struct capture *c)
{
	return c->real_time ? look_at_trigger(c, clock_us(CLOCK_MONOTONIC) - SILENCE_US) : 0;
}

/* One frame from the camera, sent on or dropped. Returns 1, 0 when none came, or the camera's error. */
static int
take_frame(struct capture *c, int slot)
{
	struct frame f = {.slot = slot < 0 ? 0 : (uint32_t)slot};
	int err, got = hal_camera_read(c->camera, SPACE(slot_of(c, slot), FRAME_SLOT_BYTES), &f, READ_LIMIT_MS);

	if (got == -EIO) {
		c->broken++;
		return ++c->broken_in_a_row < BROKEN_IN_A_ROW_MAX ? 0 : -EIO;
	}
	if (got != 1)
		return got < 0 ? got : no_frame(c);
	c->broken_in_a_row = 0;
	/* What the camera itself lost is missing from its count. */
	c->dropped += f.sequence > c->next_sequence ? f.sequence - c->next_sequence : 0;
	c->next_sequence = f.sequence + 1;
	err = look_at_trigger(c, f.at_us);
	if (err < 0)
		return err;
	if (gate_lets(&c->gate, f.at_us + c->flash.period_us))
		flash_plan(&c->flash, &f, clock_us(CLOCK_MONOTONIC));
	if (!gate_lets(&c->gate, f.at_us))
		pass_over(c, slot, f.size_bytes);
	else if (slot < 0)
		c->dropped++;
	else
		send_frame(c, &f);
	return 1;
}

/* Until the camera ends (-ENODATA), fails, or the warden asks to leave (0). */
static int
work(struct capture *c)
{
	struct pollfd back = {.fd = ROOM_FD_OUT_ACK, .events = POLLIN};

	for (;;) {
		int slot = slots_peek(&c->slots), got;

		if (!room_wait(&back, 1, slot >= 0 || c->real_time ? 0 : RELEASE_LIMIT_MS))
			return 0;
		if (back.revents != 0)
			take_releases(c);
		slot = slots_peek(&c->slots);
		tell(c, 0);
		if (slot < 0 && !c->real_time)
			continue;
		got = flash_work(&c->flash, clock_us(CLOCK_MONOTONIC), (READ_LIMIT_MS + 2) * 1000);
		if (got < 0)
			log_event(LOG_ERROR, "strobe_failed", "error", -got);
		else
			got = take_frame(c, slot);
		if (got < 0)
			return got;
	}
}

static int
any_busy(const struct capture *c)
{
	for (int i = 0; i < CONFIG_FRAME_SLOTS; i++)
		if (c->slots.of[i].busy)
			return 1;
	return 0;
}

/*
 * Waits for locate to have done with the last frames, and wipes them. Not wiped:
 * what locate has not given back by then; it goes with the shared memory when
 * the warden lets go of it, or is overwritten by the next capture.
 */
static void
wipe_frames(struct capture *c)
{
	struct pollfd back = {.fd = ROOM_FD_OUT_ACK, .events = POLLIN};
	int64_t until = clock_us(CLOCK_MONOTONIC) + LAST_RELEASES_MS * 1000;

	take_releases(c);
	while (any_busy(c) && clock_us(CLOCK_MONOTONIC) < until)
		if (room_wait(&back, 1, RELEASE_LIMIT_MS))
			take_releases(c);
	(void)madvise(c->spare, FRAME_SLOT_BYTES, MADV_DONTNEED);
	(void)munmap(c->spare, FRAME_SLOT_BYTES);
}

int
main(int argc, char **argv)
{
	/* For libraries: errors alone in the log, and no waiting for a tracing daemon that no unit has. */
	static char locale[] = "LC_ALL=C", zone[] = "TZ=UTC0", errors[] = "LIBCAMERA_LOG_LEVELS=*:ERROR", plain[] = "LIBCAMERA_LOG_NO_COLOR=1",
		    no_tracing[] = "LTTNG_UST_REGISTER_TIMEOUT=0";
	static char *const environment[] = {locale, zone, errors, plain, no_tracing, NULL};
	static struct capture c;
	int err;

	room_begin(argc, argv);
	/* libcamera and what it links start threads, some before this line, and perhaps processes: all live inside the walls. */
	if (CONFIG(HAL_CAMERA_LIBCAMERA))
		lock_close_and_begin_again(argv, environment);
	pipe_out_init(&c.out, ROOM_FD_OUT);
	pipe_in_init(&c.releases, ROOM_FD_OUT_ACK, SPACE_OF(releases_buffer));
	slots_init(&c.slots);
	take_memory(&c);
	err = open_camera(&c);
	if (err < 0) {
		log_event(LOG_ERROR, "camera_cannot_be_opened", "error", -err);
		/* A simulated camera will be the same next time; a real one may be plugged in again. */
		return err == -EINVAL || CONFIG(HAL_CAMERA_SIMULATED) ? ROOM_EXIT_SETTINGS : 1;
	}
	err = open_trigger(&c);
	if (err == 0)
		err = open_strobe(&c);
	if (err < 0) {
		log_event(LOG_ERROR, "trigger_or_strobe_refused", "error", -err);
		return ROOM_EXIT_SETTINGS;
	}
	room_ready();
	/* The capture before this one may have left a vehicle open. */
	if (c.gate.trigger)
		send_word(&c, FRAME_END_TYPE);
	err = work(&c);
	if (c.gate.inside)
		send_word(&c, FRAME_END_TYPE);
	hal_strobe_close(c.flash.strobe);
	hal_trigger_close(c.gate.trigger);
	tell(&c, 1);
	wipe_frames(&c);
	hal_camera_close(c.camera);
	log_event(LOG_NOTE, "camera_closed", "frames", c.sent, "dropped", c.dropped, "bad", c.broken);
	if (err < 0 && err != -ENODATA) {
		log_event(LOG_ERROR, "camera_failed", "error", -err);
		return 1;
	}
	return ROOM_EXIT_DONE;
}
