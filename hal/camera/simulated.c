/*
 * The simulated camera port: picks the source by the name's prefix, keeps the
 * pace, and turns luma into the wished pixel format. Colour is neutral: nothing
 * behind this door looks at it.
 */
#include <errno.h>
#include <stdalign.h>
#include <string.h>
#include <sys/mman.h>

#include "base/clock.h"
#include "base/log_text.h"
#include "base/wipe.h"
#include "hal/picture.h"
#include "barrier.h"
#include "simulated.h"

enum {
	LUMA_BYTES = CONFIG_FRAME_MAX_WIDTH_PX * CONFIG_FRAME_MAX_HEIGHT_PX,
	JPEG_QUALITY = 92,
	USUAL_US = 1000,
	LATE_US = 100000, /* a source that is later than this by the clock goes on from now */
};

struct hal_camera {
	const struct simulated_source *source;
	alignas(16) uint8_t state[SIMULATED_STATE_BYTES];
	struct space luma, jpeg; /* jpeg: what was encoded of `luma` */
	size_t jpeg_n;
	struct shot shot;
	int waiting;             /* `shot` has been made but its time has not come */
	uint8_t format;
	uint32_t exposure_us, gain_milli; /* 0: as the source has it */
	int real_time;
	int64_t start_us, start_utc_us, last_us, shifted_us;
	uint64_t sequence;
};

/* One camera a process, as with a real sensor. */
static struct hal_camera the_camera;

void *
pages_take(size_t n)
{
	void *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

void
pages_free(void *p, size_t n)
{
	if (p == NULL)
		return;
	/* Pages that were never used hold nothing; writing to all would take the memory just to clear it. */
	if (madvise(p, n, MADV_DONTNEED) < 0)
		wipe(p, n);
	(void)munmap(p, n);
}

static const struct simulated_source *
source_of(const char **name)
{
	static const struct simulated_source *const sources[] = {&source_synthetic, &source_replay};

	for (size_t i = 0; i < ARRAY_SIZE(sources); i++) {
		size_t n = strlen(sources[i]->prefix);

		if (strncmp(*name, sources[i]->prefix, n) == 0) {
			*name += n;
			return sources[i];
		}
	}
	log_text(LOG_ERROR, "camera '%s': there is no such camera here; replay:DIR, replay:FILE.y4m or synthetic:SEED", *name);
	return NULL;
}

static int
check_wish(const struct hal_camera_wish *w)
{
	if (w->format < PIXEL_GREY || w->format > PIXEL_MJPEG || w->rate_mhz < 1 || w->rate_mhz > 1000000 ||
	    w->width_px < 1 || w->width_px > CONFIG_FRAME_MAX_WIDTH_PX || w->height_px < 1 ||
	    w->height_px > CONFIG_FRAME_MAX_HEIGHT_PX) {
		log_text(LOG_ERROR, "camera: format %d, %d x %d pixels, %lld mHz: not possible here", w->format, w->width_px,
			 w->height_px, (long long)w->rate_mhz);
		return -EINVAL;
	}
	return 0;
}

static int
take_memory(struct hal_camera *cam)
{
	cam->luma = SPACE(pages_take(LUMA_BYTES), LUMA_BYTES);
	if (cam->luma.p == NULL)
		return -ENOMEM;
	if (cam->format != PIXEL_MJPEG)
		return 0;
	cam->jpeg = SPACE(pages_take(LUMA_BYTES), LUMA_BYTES);
	return cam->jpeg.p == NULL ? -ENOMEM : 0;
}

static void
give_memory(struct hal_camera *cam)
{
	pages_free(cam->luma.p, cam->luma.n);
	pages_free(cam->jpeg.p, cam->jpeg.n);
	wipe(cam, sizeof(*cam));
}

int
hal_camera_open(struct hal_camera **out, const struct hal_camera_wish *wish)
{
	struct hal_camera *cam = &the_camera;
	const char *name = wish->name;
	int err;

	CHECK(cam->source == NULL);
	err = check_wish(wish);
	if (err < 0)
		return err;
	memset(cam, 0, sizeof(*cam));
	barrier_clear();
	cam->source = source_of(&name);
	if (cam->source == NULL)
		return -ENODEV;
	cam->format = wish->format;
	cam->real_time = wish->real_time;
	err = take_memory(cam);
	if (err == 0)
		err = cam->source->open(cam->state, name, wish, cam->luma);
	if (err < 0) {
		give_memory(cam);
		return err;
	}
	cam->start_us = clock_us(CLOCK_MONOTONIC);
	cam->start_utc_us = clock_us(CLOCK_REALTIME);
	*out = cam;
	return 0;
}

static void
to_nv12(const struct shot *s, const uint8_t *luma, uint8_t *out)
{
	size_t plane = (size_t)s->width_px * s->height_px;

	memcpy(out, luma, plane);
	memset(out + plane, 128, (size_t)s->width_px * ((s->height_px + 1) / 2));
}

static void
to_yuyv(const struct shot *s, const uint8_t *luma, uint8_t *out)
{
	for (size_t i = 0; i < (size_t)s->width_px * s->height_px; i++) {
		out[2 * i] = luma[i];
		out[2 * i + 1] = 128;
	}
}

/* The file's own bytes where they can be had, else encoded once for as long as the picture stands. */
static int64_t
to_mjpeg(struct hal_camera *cam, struct space slot)
{
	const struct shot *s = &cam->shot;
	struct span from = s->jpeg;

	if (from.n == 0 && (s->fresh || cam->jpeg_n == 0)) {
		int64_t n = picture_to_jpeg(cam->luma.p, s->width_px, s->height_px, s->width_px, JPEG_QUALITY, cam->jpeg);

		if (n < 0)
			return n;
		cam->jpeg_n = (size_t)n;
	}
	if (from.n == 0)
		from = SPAN(cam->jpeg.p, cam->jpeg_n);
	if (from.n > slot.n)
		return -ENOSPC;
	memcpy(slot.p, from.p, from.n);
	return (int64_t)from.n;
}

/* What the sensor would have seen with another exposure than the source had: brighter or darker, no more noise and no more blur. */
static void
expose(struct hal_camera *cam)
{
	struct shot *s = &cam->shot;
	uint64_t had = (uint64_t)(s->exposure_us ? s->exposure_us : USUAL_US) * (s->gain_milli ? s->gain_milli : 1000);
	uint64_t has = (uint64_t)cam->exposure_us * cam->gain_milli, share = has * 1024 / had;
	size_t n = (size_t)s->width_px * s->height_px;

	if (cam->exposure_us == 0)
		return;
	for (size_t i = 0; i < n; i++) {
		uint64_t luma = cam->luma.p[i] * share / 1024;

		cam->luma.p[i] = luma > 255 ? 255 : (uint8_t)luma;
	}
	s->exposure_us = cam->exposure_us;
	s->gain_milli = cam->gain_milli;
}

/* Puts the shot into the slot and says what lies there; -EIO when it does not fit. */
static int
fill_slot(struct hal_camera *cam, struct space slot, struct frame *f)
{
	const struct shot *s = &cam->shot;
	uint32_t stride = cam->format == PIXEL_MJPEG ? 0 : cam->format == PIXEL_YUYV ? 2 * s->width_px : s->width_px;
	size_t n = frame_bytes(cam->format, stride, s->height_px);
	int64_t packed;

	if (n > slot.n)
		return -EIO;
	switch (cam->format) {
	case PIXEL_GREY: memcpy(slot.p, cam->luma.p, n); break;
	case PIXEL_NV12: to_nv12(s, cam->luma.p, slot.p); break;
	case PIXEL_YUYV: to_yuyv(s, cam->luma.p, slot.p); break;
	default:
		packed = to_mjpeg(cam, slot);
		if (packed < 0)
			return -EIO;
		n = (size_t)packed;
	}
	f->size_bytes = (uint32_t)n;
	f->stride_bytes = stride;
	return 0;
}

/*
 * Waits until the shot's time has come. 1 when it has, 0 when limit_ms ran out
 * first. One that is far too late moves the whole lane to now.
 */
static int
keep_pace(struct hal_camera *cam, int limit_ms)
{
	int64_t due = cam->start_us + cam->shifted_us + cam->shot.at_us;
	int64_t now = clock_us(CLOCK_MONOTONIC), wait = due - now;
	struct timespec pause;

	if (!cam->real_time)
		return 1;
	if (wait < -LATE_US && cam->source->skip_to == NULL)
		cam->shifted_us -= wait;
	if (wait < -LATE_US && cam->source->skip_to != NULL)
		cam->sequence += cam->source->skip_to(cam->state, now - cam->start_us);
	if (wait <= 0)
		return 1;
	if (limit_ms >= 0 && wait > (int64_t)limit_ms * 1000)
		wait = (int64_t)limit_ms * 1000;
	pause = (struct timespec){.tv_sec = wait / 1000000, .tv_nsec = wait % 1000000 * 1000};
	(void)clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
	return clock_us(CLOCK_MONOTONIC) >= due;
}

int
hal_camera_read(struct hal_camera *cam, struct space slot, struct frame *f, int limit_ms)
{
	int64_t at_us;
	int err;

	if (!cam->waiting) {
		err = cam->source->next(cam->state, &cam->shot);
		if (err < 0)
			return err;
		expose(cam);
		cam->waiting = 1;
	}
	if (!keep_pace(cam, limit_ms))
		return 0;
	cam->waiting = 0;
	at_us = cam->start_us + cam->shifted_us + cam->shot.at_us;
	cam->last_us = at_us > cam->last_us ? at_us : cam->last_us;
	barrier_see(cam->shot.vehicles_in, cam->last_us);
	*f = (struct frame){
		.slot = f->slot,
		.width_px = (uint16_t)cam->shot.width_px,
		.height_px = (uint16_t)cam->shot.height_px,
		.format = cam->format,
		.source = cam->source->kind,
		.sequence = cam->sequence++,
		.at_us = cam->last_us,
		.utc_us = cam->start_utc_us + cam->last_us - cam->start_us,
		.exposure_us = cam->shot.exposure_us,
		.gain_milli = cam->shot.gain_milli,
	};
	memcpy(f->name, cam->shot.name, sizeof(f->name));
	err = fill_slot(cam, slot, f);
	return err < 0 ? err : 1;
}

/* Only frames that are drawn anew each time can be: a picture of a file is what it is. */
int
hal_camera_expose(struct hal_camera *cam, uint32_t exposure_us, uint32_t gain_milli)
{
	if (cam->source != &source_synthetic || exposure_us == 0 || gain_milli == 0)
		return -ENOTSUP;
	cam->exposure_us = exposure_us;
	cam->gain_milli = gain_milli;
	return 0;
}

uint64_t
hal_camera_skipped(const struct hal_camera *cam)
{
	return cam->source->skipped(cam->state);
}

void
hal_camera_close(struct hal_camera *cam)
{
	if (cam == NULL)
		return;
	cam->source->close(cam->state);
	give_memory(cam);
}
