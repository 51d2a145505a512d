/*
 * The finder finds a drawn plate of every usual shape, nothing where nothing is, and
 * stands every size and picture.
 */
#include "cm.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "locate/find.h"

enum { W_MAX = 4096, H_MAX = 3072, STRIDE_MAX = W_MAX + 64 };

static uint8_t picture[(size_t)STRIDE_MAX * H_MAX];
static struct find *finder;
static struct space work;

static int
begin(void **state)
{
	size_t n = (find_bytes(W_MAX, H_MAX) + 63) / 64 * 64;

	(void)state;
	work = SPACE(aligned_alloc(64, n), n);
	assert_non_null(work.p);
	return find_init(&finder, work, W_MAX, H_MAX);
}

static int
end(void **state)
{
	(void)state;
	free(work.p);
	return 0;
}

static uint32_t
noise(void)
{
	static uint32_t seed = 2463534242u;

	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed;
}

enum pattern { BLACK, WHITE, NOISE, CHECKS, STRIPES, SLOPE, PATTERNS };

static void
fill(enum pattern pattern, uint32_t w, uint32_t h, uint32_t stride)
{
	for (uint32_t y = 0; y < h; y++)
		for (uint32_t x = 0; x < w; x++) {
			const uint8_t value[PATTERNS] = {
				[BLACK] = 0,
				[WHITE] = 255,
				[NOISE] = (uint8_t)noise(),
				[CHECKS] = (x / 3 + y / 3) % 2 ? 255 : 0,
				[STRIPES] = x / 2 % 2 ? 255 : 0,
				[SLOPE] = (uint8_t)((x + y) / 8),
			};

			picture[(size_t)y * stride + x] = value[pattern];
		}
}

static void
every_size_and_picture_ends_well(void **state)
{
	static const uint32_t sizes[][2] = {{1, 1}, {1, 3072}, {4096, 1}, {2, 2}, {15, 9}, {33, 16}, {47, 31}, {64, 64},
					    {320, 200}, {641, 363}, {4096, 40}, {30, 3072}};
	struct plate plates[FIND_PLATES_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		for (int pattern = 0; pattern < PATTERNS; pattern++) {
			uint32_t w = sizes[i][0], h = sizes[i][1], stride = w + noise() % 64;
			struct luma luma = {picture, w, h, stride};
			int n;

			fill((enum pattern)pattern, w, h, stride);
			n = find(finder, &luma, plates);
			assert_in_range(n, 0, FIND_PLATES_MAX);
			for (int k = 0; k < n; k++) {
				const struct box *b = &plates[k].box;

				assert_true(b->x >= 0 && b->y >= 0 && b->w > 0 && b->h > 0);
				assert_true(b->x + b->w <= (int)w && b->y + b->h <= (int)h && plates[k].score_permille <= 1000);
			}
			if (pattern == BLACK || pattern == WHITE || pattern == SLOPE)
				assert_int_equal(n, 0);
		}
}

static void
work_for_the_largest_frame_is_bounded(void **state)
{
	struct luma luma = {picture, W_MAX, H_MAX, STRIDE_MAX};
	struct plate plates[FIND_PLATES_MAX];

	(void)state;
	for (int pattern = NOISE; pattern < PATTERNS; pattern++) {
		clock_t before = clock();
		int n;

		fill((enum pattern)pattern, W_MAX, H_MAX, STRIDE_MAX);
		before = clock();
		n = find(finder, &luma, plates);
		assert_in_range(n, 0, FIND_PLATES_MAX);
		/* with sanitizers; the product takes a tenth of it */
		assert_true((clock() - before) / CLOCKS_PER_SEC < 10);
	}
}

static void
larger_than_agreed_is_refused(void **state)
{
	struct luma luma = {picture, W_MAX + 1, 10, STRIDE_MAX};
	struct plate plates[FIND_PLATES_MAX];

	(void)state;
	assert_int_equal(find(finder, &luma, plates), -EINVAL);
	luma = (struct luma){picture, 10, H_MAX + 1, 16};
	assert_int_equal(find(finder, &luma, plates), -EINVAL);
}

static void
nothing_is_left_after_wiping(void **state)
{
	struct luma luma = {picture, 640, 360, 640};
	struct plate plates[FIND_PLATES_MAX];
	size_t left = 0;

	(void)state;
	fill(NOISE, 640, 360, 640);
	assert_true(find(finder, &luma, plates) >= 0);
	find_wipe(finder);
	for (size_t i = work.n / 16; i < work.n; i++)
		left += work.p[i] != 0;
	assert_int_equal(left, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_size_and_picture_ends_well, begin, end),
		cmocka_unit_test_setup_teardown(work_for_the_largest_frame_is_bounded, begin, end),
		cmocka_unit_test_setup_teardown(larger_than_agreed_is_refused, begin, end),
		cmocka_unit_test_setup_teardown(nothing_is_left_after_wiping, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
