/*
 * Runs the firmware's net for tools/train/check: takes a picture as two sizes and
 * its bytes, gives the answers of every kernel, and says how long they took.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "locate/net.h"

_Noreturn void
check_failed(const char *file, int line)
{
	fprintf(stderr, "%s:%d\n", file, line);
	abort();
}

static double
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

int
main(void)
{
	uint32_t size[2];

	while (fread(size, sizeof(size), 1, stdin) == 1) {
		size_t stride = size[0] + 2 * NET_PAD_PX, rows = size[1] + 2 * NET_PAD_PX;
		size_t n = net_bytes(&net_search, size[0], size[1]), cells = (size_t)net_cells(size[0]) * net_cells(size[1]);
		uint8_t *plane = malloc(stride * rows), *work = aligned_alloc(64, (n + 63) / 64 * 64);
		uint8_t *first = plane + stride * NET_PAD_PX + NET_PAD_PX;
		struct net_picture picture = {first, stride, size[0], size[1]};

		memset(plane, NET_PAD_GREY, stride * rows);
		for (uint32_t y = 0; y < size[1]; y++)
			if (fread(first + y * stride, size[0], 1, stdin) != 1)
				return 1;
		for (int kind = NET_BEST; kind <= NET_PLAIN; kind++) {
			double best = 1e9;

			for (int i = 0; i < (kind == NET_BEST ? 9 : 2); i++) {
				double start = now_ms(), took;
				const struct net_answer *a = net_run(&net_search, &picture, SPACE(work, n), (enum net_kind)kind);

				took = now_ms() - start;
				best = took < best ? took : best;
				if (i == 0)
					fwrite(a, sizeof(*a), cells, stdout);
			}
			fprintf(stderr, "%ux%u %s %.2f ms, %zu bytes of work\n", size[0], size[1],
			        kind == NET_BEST ? "best" : "plain", best, n);
		}
		free(plane);
		free(work);
	}
	return 0;
}
