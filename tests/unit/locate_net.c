/*
 * The net's kernels: what the vector code of this processor answers equals what
 * plain C answers, for every size, on pictures of every kind.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cm.h"

#include "locate/net.h"
#include "locate/net_kernels.h"

enum { MOST_W = 200, MOST_H = 120, STRIDE = MOST_W + 2 * NET_PAD_PX };

static uint8_t plane[STRIDE * (MOST_H + 2 * NET_PAD_PX)];
static uint32_t seed = 1;

static uint8_t
noise(void)
{
	seed = seed * 1664525u + 1013904223u;
	return (uint8_t)(seed >> 24);
}

static uint8_t
pixel(int kind, uint32_t x, uint32_t y)
{
	switch (kind) {
	case 0:
		return noise();
	case 1:
		return 255;
	case 2:
		return (x / 3 + y / 5) % 2 ? 255 : 0;
	default:
		return (uint8_t)(x * 2 + y);
	}
}

static struct net_picture
draw(int kind, uint32_t w, uint32_t h)
{
	struct net_picture p = {plane + NET_PAD_PX * STRIDE + NET_PAD_PX, STRIDE, w, h};

	memset(plane, NET_PAD_GREY, sizeof(plane));
	for (uint32_t y = 0; y < h; y++)
		for (uint32_t x = 0; x < w; x++)
			plane[(y + NET_PAD_PX) * STRIDE + NET_PAD_PX + x] = pixel(kind, x, y);
	return p;
}

static void
same_answers(int kind, uint32_t w, uint32_t h)
{
	struct net_picture p = draw(kind, w, h);
	size_t n = net_cells(w) * net_cells(h) * sizeof(struct net_answer), room = (net_bytes(&net_search, w, h) + 63) / 64 * 64;
	struct space a = SPACE(aligned_alloc(64, room), room), b = SPACE(aligned_alloc(64, room), room);
	const struct net_answer *best, *plain;

	assert_non_null(a.p);
	assert_non_null(b.p);
	/* What the memory held before must not matter. */
	memset(a.p, 0x55, room);
	memset(b.p, 0xaa, room);
	best = net_run(&net_search, &p, a, NET_BEST);
	plain = net_run(&net_search, &p, b, NET_PLAIN);
	assert_memory_equal(best, plain, n);
	free(a.p);
	free(b.p);
}

static void
every_kernel_gives_the_same_answers(void **state)
{
	(void)state;
	if (net_avx2() == NULL)
		printf("skipped: this processor has no AVX2, plain C is compared with itself\n");
	for (int kind = 0; kind < 4; kind++)
		for (uint32_t w = 1; w <= MOST_W; w += w < 40 ? 3 : 31)
			same_answers(kind, w, 1 + w * 37 % MOST_H);
}

static void
a_picture_with_something_in_it_is_told_from_a_blank_one(void **state)
{
	static _Alignas(64) uint8_t work[1 << 20];
	struct net_picture p = draw(1, 160, 96);
	struct net_answer blank;

	(void)state;
	assert_true(net_bytes(&net_search, 160, 96) <= sizeof(work));
	blank = net_run(&net_search, &p, SPACE_OF(work), NET_PLAIN)[66];
	p = draw(2, 160, 96);
	assert_memory_not_equal(&blank, &net_run(&net_search, &p, SPACE_OF(work), NET_PLAIN)[66], sizeof(blank));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kernel_gives_the_same_answers),
		cmocka_unit_test(a_picture_with_something_in_it_is_told_from_a_blank_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
