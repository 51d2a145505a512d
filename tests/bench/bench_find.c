/*
 * Milliseconds the finder takes for one frame, on a busy drawn lane, and the memory it
 * needs. Median of many, processor time. With a number as argument: looks at the
 * 1280x720 frame so many times and says nothing, for a counter of instructions.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "drawn.h"
#include "locate/find.h"
#include "locate/net_kernels.h"

enum { W_MAX = 2592, H_MAX = 1944, ROUNDS = 31 };

static uint8_t picture[W_MAX * H_MAX];
static const uint32_t sizes[][2] = {{640, 360}, {1280, 720}, {1920, 1080}, {2592, 1944}};

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static struct find *
begin(uint32_t w, uint32_t h, struct space *work)
{
	size_t n = (find_bytes(w, h) + 63) / 64 * 64;
	struct find *f;

	*work = SPACE(aligned_alloc(64, n), n);
	if (!work->p || find_init(&f, *work, w, h) < 0)
		exit(1);
	return f;
}

static int
look(struct find *f, uint32_t w, uint32_t h)
{
	struct luma luma = {picture, w, h, w};
	struct plate plates[FIND_PLATES_MAX];

	return find(f, &luma, plates);
}

static size_t
bytes_of_dot(const struct net_dot *layer)
{
	return (size_t)layer->rows * layer->run * layer->outputs + 2 * sizeof(int32_t) * layer->outputs;
}

static size_t
weights_bytes(const struct net_weights *w)
{
	size_t n = bytes_of_dot(&w->stem) + bytes_of_dot(&w->middle) + bytes_of_dot(&w->head);

	for (uint32_t i = 0; i < w->n_blocks; i++)
		n += bytes_of_dot(&w->blocks[i].point) +
		     (3 * 4 + 2 * sizeof(int32_t)) * w->blocks[i].depth.channels;
	return n;
}

static void
measure(uint32_t w, uint32_t h)
{
	size_t weights = weights_bytes(&net_search) + weights_bytes(&net_verify);
	struct space work;
	struct find *f = begin(w, h, &work);
	double ms[ROUNDS];
	int n = 0;

	drawn_fill(picture, w, h, w, DRAWN_LANE);
	for (int i = 0; i < ROUNDS; i++) {
		int64_t began_us = clock_us(CLOCK_PROCESS_CPUTIME_ID);

		n = look(f, w, h);
		ms[i] = (double)(clock_us(CLOCK_PROCESS_CPUTIME_ID) - began_us) / 1e3;
	}
	qsort(ms, ROUNDS, sizeof(ms[0]), compare);
	printf(
	    "find %4ux%-4u %s: median %.2f ms, most %.2f ms, %d boxes; weights %zu kB and work %zu kB are %.2f MB\n",
	    w, h, net_kernels_at(0)->name, ms[ROUNDS / 2], ms[ROUNDS - 1], n, weights / 1000, work.n / 1000,
	    (double)(weights + work.n) / 1e6);
	free(work.p);
}

int
main(int argc, char **argv)
{
	if (argc == 2) {
		struct space work;
		struct find *f = begin(1280, 720, &work);

		drawn_fill(picture, 1280, 720, 1280, DRAWN_LANE);
		for (int i = atoi(argv[1]); i > 0; i--)
			(void)look(f, 1280, 720);
		free(work.p);
		return 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		measure(sizes[i][0], sizes[i][1]);
	return 0;
}
