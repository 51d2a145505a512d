/*
 * Runs one of the firmware's nets for tools/train/check. "names" lists this
 * processor's kernels; "search" and "verify" take pictures as two sizes and their bytes,
 * give the answers of every kernel, and say how long they took.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "locate/net_kernels.h"

_Noreturn void
check_failed(const char *file, int line)
{
	fprintf(stderr, "%s:%d\n", file, line);
	abort();
}

static void
run_all(const struct net_weights *weights, const struct net_picture *picture)
{
	size_t n = (net_bytes(weights, picture->width_px, picture->height_px) + 63) / 64 * 64;
	size_t cells = (size_t)net_cells(picture->width_px) * net_cells(picture->height_px);
	uint8_t *work = aligned_alloc(64, n);
	const struct net_kernels *kernels;

	for (uint32_t kind = 0; (kernels = net_kernels_at(kind)) != NULL; kind++) {
		double best = 1e9;

		for (int i = 0; i < 5; i++) {
			int64_t began_us = clock_us(CLOCK_MONOTONIC);
			const struct net_answer *a = net_run(weights, picture, SPACE(work, n), kernels);
			double took = (double)(clock_us(CLOCK_MONOTONIC) - began_us) / 1e3;

			best = took < best ? took : best;
			if (i == 0)
				fwrite(a, sizeof(*a), cells, stdout);
		}
		fprintf(stderr, "%ux%u %s %.2f ms, %zu bytes of work\n", picture->width_px, picture->height_px,
		        kernels->name, best, n);
	}
	free(work);
}

static int
run_pictures(const struct net_weights *weights)
{
	uint32_t size[2];

	while (fread(size, sizeof(size), 1, stdin) == 1) {
		size_t stride = size[0] + 2 * NET_PAD_PX, rows = size[1] + 2 * NET_PAD_PX;
		uint8_t *plane = malloc(stride * rows), *first = plane + stride * NET_PAD_PX + NET_PAD_PX;
		struct net_picture picture = {first, stride, size[0], size[1]};

		memset(plane, NET_PAD_GREY, stride * rows);
		for (uint32_t y = 0; y < size[1]; y++)
			if (fread(first + y * stride, size[0], 1, stdin) != 1)
				return 1;
		run_all(weights, &picture);
		free(plane);
	}
	return 0;
}

int
main(int argc, char **argv)
{
	const char *what = argc == 2 ? argv[1] : "";

	if (strcmp(what, "names") == 0) {
		for (uint32_t i = 0; net_kernels_at(i); i++)
			puts(net_kernels_at(i)->name);
		return 0;
	}
	if (strcmp(what, "search") == 0)
		return run_pictures(&net_search);
	if (strcmp(what, "verify") == 0)
		return run_pictures(&net_verify);
	fprintf(stderr, "net_driver names|search|verify\n");
	return 2;
}
