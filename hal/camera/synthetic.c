/*
 * The camera "synthetic:SEED[,option...]": a drawn lane, see hal/scene.h.
 */
#include <errno.h>
#include <string.h>

#include "base/log_text.h"
#include "hal/scene.h"
#include "simulated.h"

enum { BARRIER_M = 12 /* from the camera; plates are a thirtieth of the picture's width there */ };

struct synthetic {
	struct scene *scene;
	struct space work, luma;
	uint64_t index;
	uint32_t width_px, height_px, rate_mhz;
};
_Static_assert(sizeof(struct synthetic) <= SIMULATED_STATE_BYTES, "state fits");

static void
synthetic_close(void *state)
{
	struct synthetic *s = state;

	pages_free(s->work.p, s->work.n);
	s->work = SPACE(NULL, 0);
}

static int
wish_of(struct scene_wish *out, const char *name, const struct hal_camera_wish *wish)
{
	const char *why, *at;

	*out = (struct scene_wish){.restarts = wish->restarts, .vehicles = wish->vehicles, .width_px = wish->width_px,
				   .height_px = wish->height_px, .rate_mhz = wish->rate_mhz,
				   .exposure_us = wish->exposure_us};
	if (scene_parse(out, name, &why, &at) < 0) {
		log_text(LOG_ERROR, "camera synthetic:%s: at '%s': %s", name, at, why);
		return -EINVAL;
	}
	if (scene_bytes(wish->width_px, wish->height_px) == 0) {
		log_text(LOG_ERROR, "camera synthetic: a frame of %u x %u cannot be drawn; 16 to 8192", wish->width_px,
			 wish->height_px);
		return -EINVAL;
	}
	return 0;
}

static int
synthetic_open(void *state, const char *name, const struct hal_camera_wish *wish, struct space luma)
{
	struct synthetic *s = state;
	struct scene_wish scene;
	int err;

	err = wish_of(&scene, name, wish);
	if (err < 0)
		return err;
	s->luma = luma;
	s->width_px = wish->width_px;
	s->height_px = wish->height_px;
	s->rate_mhz = wish->rate_mhz;
	s->work.n = scene_bytes(wish->width_px, wish->height_px);
	s->work.p = pages_take(s->work.n);
	if (s->work.p == NULL)
		return -ENOMEM;
	err = scene_init(&s->scene, s->work, &scene);
	if (err < 0)
		synthetic_close(s);
	return err;
}

static int
synthetic_next(void *state, struct shot *shot)
{
	struct synthetic *s = state;

	if (!scene_draw(s->scene, s->index, s->luma.p, NULL))
		return -ENODATA;
	*shot = (struct shot){.width_px = s->width_px, .height_px = s->height_px, .fresh = 1,
			      .at_us = (int64_t)(s->index * 1000000000u / s->rate_mhz)};
	scene_exposure(s->scene, &shot->exposure_us, &shot->gain_milli);
	shot->vehicles_in = scene_nearer(s->scene, BARRIER_M);
	s->index++;
	return 1;
}

static uint64_t
synthetic_skip_to(void *state, int64_t at_us)
{
	struct synthetic *s = state;
	uint64_t index = (uint64_t)at_us * s->rate_mhz / 1000000000u, over = index > s->index ? index - s->index : 0;

	s->index += over;
	return over;
}

static uint64_t
synthetic_skipped(const void *state)
{
	(void)state;
	return 0;
}

const struct simulated_source source_synthetic = {
	.prefix = "synthetic:",
	.kind = SOURCE_SYNTHETIC,
	.open = synthetic_open,
	.next = synthetic_next,
	.skip_to = synthetic_skip_to,
	.skipped = synthetic_skipped,
	.close = synthetic_close,
};
