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
same_answers(const struct net_weights *weights, int kind, uint32_t w, uint32_t h)
{
	struct net_picture p = draw(kind, w, h);
	size_t n = net_cells(w) * net_cells(h) * sizeof(struct net_answer);
	size_t room = (net_bytes(weights, w, h) + 63) / 64 * 64;
	struct space a = SPACE(aligned_alloc(64, room), room), b = SPACE(aligned_alloc(64, room), room);
	const struct net_answer *wanted;

	assert_non_null(a.p);
	assert_non_null(b.p);
	/* What the memory held before must not matter. */
	memset(a.p, 0x55, room);
	wanted = net_run(weights, &p, a, &net_plain);
	for (uint32_t i = 0; net_kernels_at(i); i++) {
		memset(b.p, 0xaa, room);
		if (memcmp(wanted, net_run(weights, &p, b, net_kernels_at(i)), n) != 0)
			fail_msg("%s differs from plain C, picture %d, %ux%u", net_kernels_at(i)->name, kind,
				 w, h);
	}
	free(a.p);
	free(b.p);
}

static void
every_kernel_gives_the_same_answers(void **state)
{
	(void)state;
	printf("kernels here:");
	for (uint32_t i = 0; net_kernels_at(i); i++)
		printf(" %s", net_kernels_at(i)->name);
	printf("\n");
	for (int kind = 0; kind < 4; kind++)
		for (uint32_t w = 1; w <= MOST_W; w += w < 40 ? 3 : 31)
			same_answers(&net_search, kind, w, 1 + w * 37 % MOST_H);
	for (int kind = 0; kind < 4; kind++)
		same_answers(&net_verify, kind, 128, 64);
}

enum { WIDE_MOST = 96, WEIGHTS_MOST = 3 * 4 * WIDE_MOST * WIDE_MOST };

static int8_t extreme[WEIGHTS_MOST], depth_extreme[3 * 4 * WIDE_MOST];
static int32_t scales[WIDE_MOST], biases[WIDE_MOST];

/* Of every width a net may have, with the largest weights there are: sums as far out as they can be. */
static struct net_weights
extreme_net(uint32_t wide)
{
	const struct net_rescale r = {scales, biases, 12};
	struct net_weights net = {
	    .wide = wide,
	    .n_blocks = 3,
	    .stem = {extreme, r, 3, 4, 8},
	    .middle = {extreme, r, 3, 24, 32},
	    .blocks = {{{depth_extreme, r, 32}, {extreme, r, 1, 32, wide}},
		       {{depth_extreme, r, wide}, {extreme, r, 1, wide, wide}},
		       {{depth_extreme, r, wide}, {extreme, r, 1, wide, wide}}},
	    .head = {extreme, r, 1, wide, 8},
	};

	for (size_t i = 0; i < ARRAY_SIZE(extreme); i++)
		extreme[i] = noise() % 8 == 0 ? (int8_t)(noise() % 127 - 63) : noise() % 3 ? 63 : -63;
	for (size_t i = 0; i < ARRAY_SIZE(depth_extreme); i++)
		depth_extreme[i] = i % 4 == 3 ? 0 : noise() % 3 ? 63 : -63;
	for (size_t i = 0; i < WIDE_MOST; i++) {
		scales[i] = 1 + noise() % 20;
		biases[i] = (noise() - 128) * 4096;
	}
	return net;
}

static void
every_kernel_bears_every_width_and_the_largest_sums(void **state)
{
	(void)state;
	for (uint32_t wide = 32; wide <= WIDE_MOST; wide += 32) {
		struct net_weights net = extreme_net(wide);

		for (int kind = 0; kind < 4; kind++)
			same_answers(&net, kind, 128, 64);
		same_answers(&net, 0, 77, 45);
	}
}

static void
a_picture_with_something_in_it_is_told_from_a_blank_one(void **state)
{
	static _Alignas(64) uint8_t work[1 << 20];
	struct net_picture p = draw(1, 160, 96);
	struct net_answer blank;

	(void)state;
	assert_true(net_bytes(&net_search, 160, 96) <= sizeof(work));
	blank = net_run(&net_search, &p, SPACE_OF(work), &net_plain)[66];
	p = draw(2, 160, 96);
	assert_memory_not_equal(&blank, &net_run(&net_search, &p, SPACE_OF(work), &net_plain)[66],
				sizeof(blank));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_kernel_gives_the_same_answers),
	    cmocka_unit_test(every_kernel_bears_every_width_and_the_largest_sums),
	    cmocka_unit_test(a_picture_with_something_in_it_is_told_from_a_blank_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
