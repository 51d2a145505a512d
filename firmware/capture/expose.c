/*
 * The exposure that shows plates well. See expose.h.
 */
#include "capture/expose.h"

enum {
	FRAMES_UNDER_WAY = 6,     /* taken before a change reaches the sensor; a camera has about so many buffers */
	SCENE_AFTER_FRAMES = 150, /* without a plate */
	NEAR_PERMILLE = 150,      /* so far off nothing is changed */
	BLACK = 8, WHITE = 250,   /* beyond, how far beyond cannot be seen */
};

void
expose_init(struct expose *e, uint32_t exposure_most_us, uint32_t gain_most_milli)
{
	*e = (struct expose){.exposure_most_us = exposure_most_us < EXPOSE_LEAST_US ? EXPOSE_LEAST_US : exposure_most_us,
			     .gain_most_milli = gain_most_milli < EXPOSE_GAIN_LEAST_MILLI ? EXPOSE_GAIN_LEAST_MILLI : gain_most_milli,
			     .gain_milli = EXPOSE_GAIN_LEAST_MILLI};
	e->exposure_us = e->exposure_most_us / 4 < EXPOSE_LEAST_US ? EXPOSE_LEAST_US : e->exposure_most_us / 4;
}

/* How much more light is wanted, in thousandths; never more than twice or less than half at once. */
static uint32_t
wanted_permille(uint8_t luma, uint32_t target)
{
	uint32_t share;

	if (luma <= BLACK)
		return 2000;
	if (luma >= WHITE)
		return 500;
	share = target * 1000 / luma;
	return share > 2000 ? 2000 : share < 500 ? 500 : share;
}

static int
set_light(struct expose *e, uint64_t light)
{
	uint64_t exposure = light / EXPOSE_GAIN_LEAST_MILLI, gain;
	uint32_t exposure_before = e->exposure_us, gain_before = e->gain_milli;

	exposure = exposure > e->exposure_most_us ? e->exposure_most_us : exposure < EXPOSE_LEAST_US ? EXPOSE_LEAST_US : exposure;
	gain = exposure < e->exposure_most_us ? EXPOSE_GAIN_LEAST_MILLI : light / exposure;
	gain = gain > e->gain_most_milli ? e->gain_most_milli : gain < EXPOSE_GAIN_LEAST_MILLI ? EXPOSE_GAIN_LEAST_MILLI : gain;
	e->exposure_us = (uint32_t)exposure;
	e->gain_milli = (uint32_t)gain;
	return e->exposure_us != exposure_before || e->gain_milli != gain_before;
}

int
expose_take(struct expose *e, const struct frame_light *light, uint64_t newest)
{
	uint32_t permille;
	int goes;

	if (light->of == LIGHT_PLATE) {
		e->plate_at = light->sequence;
		e->any_plate = 1;
	} else if (e->any_plate && light->sequence < e->plate_at + SCENE_AFTER_FRAMES) {
		return 0;
	}
	if (light->sequence < e->after)
		return 0;
	permille = wanted_permille(light->luma, light->of == LIGHT_PLATE ? EXPOSE_PLATE_LUMA : EXPOSE_SCENE_LUMA);
	if (permille > 1000 - NEAR_PERMILLE && permille < 1000 + NEAR_PERMILLE)
		return 0;
	goes = permille > 1000 ? 1 : -1;
	/* It went too far, perhaps since the camera's gain does more than it says: half of the way back, or it swings for ever. */
	if (goes == -e->went)
		permille = (permille + 1000) / 2;
	e->went = goes;
	if (!set_light(e, (uint64_t)e->exposure_us * e->gain_milli * permille / 1000))
		return 0;
	e->after = newest + 1 + FRAMES_UNDER_WAY;
	return 1;
}
