/*
 * The net's kernels: whatever this processor has must answer as plain C does,
 * for every size and every picture.
 */
#include "cm.h"

#include <string.h>

#include "locate/net.h"

enum { SIDE_MAX = 200, STRIDE = SIDE_MAX + 2 * NET_PAD_PX };

static uint8_t plane[STRIDE * STRIDE];
static _Alignas(64) uint8_t work[2][1 << 21];

static void
fill(uint32_t w, uint32_t h, uint32_t seed, uint32_t coarse)
{
	memset(plane, NET_PAD_GREY, sizeof(plane));
	for (uint32_t y = 0; y < h; y++)
		for (uint32_t x = 0; x < w; x++) {
			uint32_t v = (x / coarse * 2654435761U) ^ (y / coarse * 2246822519U) ^ seed;

			plane[(y + NET_PAD_PX) * STRIDE + x + NET_PAD_PX] = (uint8_t)((v * 2654435761U) >> 24);
		}
}

static void
kernels_agree(void **state)
{
	static const uint32_t sizes[][2] = {{1, 1}, {8, 8}, {9, 3}, {3, 99}, {64, 40}, {161, 97}, {200, 200}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		uint32_t w = sizes[i][0], h = sizes[i][1];
		size_t n = (size_t)net_cells(w) * net_cells(h) * sizeof(struct net_answer);
		struct net_picture p = {plane + NET_PAD_PX * STRIDE + NET_PAD_PX, STRIDE, w, h};

		assert_true(net_bytes(w, h) <= sizeof(work[0]));
		for (uint32_t seed = 0; seed < 6; seed++) {
			fill(w, h, seed * 77777, 1 + 2 * seed);
			assert_memory_equal(net_run(&p, SPACE(work[0], net_bytes(w, h)), NET_BEST),
			                    net_run(&p, SPACE(work[1], net_bytes(w, h)), NET_PLAIN), n);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(kernels_agree)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
