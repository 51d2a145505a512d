/*
 * What the drawn lane costs: milliseconds of one core for each frame of 1280 x 720, by day and by night.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "hal/scene.h"

enum { W = 1280, H = 720, FRAMES = 600 };

static void
measure(const char *name, struct space work, uint8_t *luma)
{
	struct scene_wish wish = {.width_px = W, .height_px = H, .rate_mhz = 30000};
	const char *why, *at;
	struct scene *scene;
	double all = 0, worst = 0;

	CHECK(scene_parse(&wish, name, &why, &at) == 0 && scene_init(&scene, work, &wish) == 0);
	for (uint64_t i = 0; i < FRAMES; i++) {
		int64_t began_us = clock_us(CLOCK_PROCESS_CPUTIME_ID);
		double took;

		CHECK(scene_draw(scene, i, luma, NULL) == 1);
		took = (double)(clock_us(CLOCK_PROCESS_CPUTIME_ID) - began_us) / 1e3;
		all += took;
		worst = took > worst ? took : worst;
	}
	printf("synthetic:%-10s %.2f ms a frame, %.2f the slowest (1280x720, %d frames)\n", name, all / FRAMES, worst, FRAMES);
}

int
main(void)
{
	struct space work = {aligned_alloc(64, scene_bytes(W, H)), scene_bytes(W, H)};
	uint8_t *luma = malloc((size_t)W * H);

	CHECK(work.p != NULL && luma != NULL);
	measure("7,day,dry", work, luma);
	measure("7,night", work, luma);
	measure("7,rain", work, luma);
	free(work.p);
	free(luma);
	return 0;
}
