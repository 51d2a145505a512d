/*
 * capture/expose.h - the exposure that shows plates well, whatever the scene does.
 *
 * A plate that throws the light back is white in a picture exposed for a dark lane, and black against the sun; only its own
 * brightness, which locate measures, tells. Longer exposure comes first, up to the longest that still
 * shows a moving plate sharp; then gain. No plate for a while: the scene's mean, so that the next one is found at all.
 */
#ifndef CAPTURE_EXPOSE_H
#define CAPTURE_EXPOSE_H

#include "doors/frame/frame.h"

enum {
	EXPOSE_PLATE_LUMA = 170,  /* what a plate's light parts are brought to */
	EXPOSE_SCENE_LUMA = 100,
	EXPOSE_LEAST_US = 50,
	EXPOSE_GAIN_LEAST_MILLI = 1000,
};

struct expose {
	uint32_t exposure_us, gain_milli; /* as they should be now */
	uint32_t exposure_most_us, gain_most_milli;
	uint64_t after, plate_at;         /* frames before `after` were taken with the exposure before; the last plate's frame */
	int any_plate, went;              /* went: 1 brighter, -1 darker at the last change, 0 none yet */
};

/* Starts with a quarter of the longest exposure, and no gain. */
void expose_init(struct expose *e, uint32_t exposure_most_us, uint32_t gain_most_milli);

/* What locate saw; `newest` is the newest frame that was sent to it. Returns 1 when exposure or gain have changed. */
int expose_take(struct expose *e, const struct frame_light *light, uint64_t newest) MUST_CHECK;

#endif
