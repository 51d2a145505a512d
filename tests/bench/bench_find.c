/*
 * Milliseconds the finder takes for one frame, on a picture with texture, edges and
 * plates all over: a busy lane, not an empty one. Median of many, processor time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "locate/find.h"

enum { W_MAX = 1920, H_MAX = 1080, ROUNDS = 31 };

static uint8_t picture[W_MAX * H_MAX];

static uint32_t
dice(uint32_t n)
{
	static uint32_t seed = 2463534242u;

	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed % n;
}

static void
paint(uint32_t w, uint32_t x0, uint32_t y0, uint32_t wide, uint32_t high, uint32_t value)
{
	for (uint32_t y = y0; y < y0 + high; y++)
		for (uint32_t x = x0; x < x0 + wide; x++)
			picture[y * w + x] = (uint8_t)(value + dice(16));
}

static void
draw(uint32_t w, uint32_t h)
{
	paint(w, 0, 0, w, h, 110);
	for (int i = 0; i < 60; i++) {
		uint32_t wide = 20 + dice(w / 6), high = 20 + dice(h / 6);

		paint(w, dice(w - wide), dice(h - high), wide, high, 40 + dice(180));
	}
	for (int i = 0; i < 6; i++) {
		uint32_t wide = 80 + dice(w / 8), high = wide / 4, x = dice(w - wide), y = dice(h - high);

		paint(w, x, y, wide, high, 220);
		for (uint32_t c = 0; c < 7; c++)
			for (uint32_t s = 0; s < 3; s++)
				paint(w, x + wide * (2 * c * 3 + 2 * s + 3) / 48, y + high / 5, wide / 48 + 1, high * 3 / 5, 30);
	}
}

static double
now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void
measure(struct find *f, uint32_t w, uint32_t h)
{
	struct luma luma = {picture, w, h, w};
	struct plate plates[FIND_PLATES_MAX];
	double ms[ROUNDS];
	int n = 0;

	draw(w, h);
	for (int i = 0; i < ROUNDS; i++) {
		ms[i] = now_ms();
		n = find(f, &luma, plates);
		ms[i] = now_ms() - ms[i];
	}
	qsort(ms, ROUNDS, sizeof(ms[0]), compare);
	printf("find %ux%u: median %.2f ms, most %.2f ms, %d boxes\n", w, h, ms[ROUNDS / 2], ms[ROUNDS - 1], n);
}

int
main(void)
{
	size_t n = (find_bytes(W_MAX, H_MAX) + 63) / 64 * 64;
	uint8_t *work = aligned_alloc(64, n);
	struct find *f;

	if (!work || find_init(&f, SPACE(work, n), W_MAX, H_MAX) < 0)
		return 1;
	measure(f, 640, 360);
	measure(f, 1280, 720);
	measure(f, 1920, 1080);
	free(work);
	return 0;
}
