/*
 * The finder finds a drawn plate of every usual shape, nothing where nothing is, and
 * stands every size and picture.
 */
#include "cm.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "drawn.h"
#include "locate/boxes.h"
#include "locate/find.h"
#include "locate/levels.h"

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

/* Every run of a net passes here, and is counted. */
static uint32_t runs;
static uint64_t cells;

const struct net_answer *__real_net_run(const struct net_weights *weights, const struct net_picture *shown,
					struct space memory, const struct net_kernels *kernels);
const struct net_answer *__wrap_net_run(const struct net_weights *weights, const struct net_picture *shown,
					struct space memory, const struct net_kernels *kernels);

const struct net_answer *
__wrap_net_run(const struct net_weights *weights, const struct net_picture *shown, struct space memory,
	       const struct net_kernels *kernels)
{
	runs++;
	cells += net_cells(shown->width_px) * net_cells(shown->height_px);
	return __real_net_run(weights, shown, memory, kernels);
}

static void
every_size_and_picture_ends_well(void **state)
{
	static const uint32_t sizes[][2] = {{1, 1},     {1, 3072},  {4096, 1},  {2, 2},
					    {15, 9},    {33, 16},   {47, 31},   {64, 64},
					    {320, 200}, {641, 363}, {4096, 40}, {30, 3072}};
	struct plate plates[FIND_PLATES_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		for (int pattern = 0; pattern < DRAWN_KINDS; pattern++) {
			uint32_t w = sizes[i][0], h = sizes[i][1], stride = w + noise() % 64;
			struct luma luma = {picture, w, h, stride};
			int n;

			drawn_fill(picture, w, h, stride, (enum drawn)pattern);
			n = find(finder, &luma, plates);
			assert_in_range(n, 0, FIND_PLATES_MAX);
			for (int k = 0; k < n; k++) {
				const struct box *b = &plates[k].box;

				assert_true(b->x >= 0 && b->y >= 0 && b->w > 0 && b->h > 0);
				assert_true(b->x + b->w <= (int)w && b->y + b->h <= (int)h &&
					    plates[k].score_permille <= 1000);
			}
		}
}

/* How many boxes a drawn picture may yield at most, at each of the sizes below. */
static const int boxes_most[DRAWN_KINDS] = {
    [DRAWN_GRILLE] = 1, [DRAWN_BRICKS] = 1, [DRAWN_WINDOWS] = 1,
    [DRAWN_POSTER] = 2, [DRAWN_LANE] = 8,   [DRAWN_PLATES] = FIND_PLATES_MAX,
};

static void
what_is_no_plate_is_not_found_and_the_work_has_a_ceiling(void **state)
{
	static const uint32_t sizes[][2] = {{640, 360}, {1280, 720}, {1920, 1080}, {641, 363}, {4096, 3000}};
	const uint64_t levels_most = (80 * 80 * 4 + 2) / 3, looks_most = BOXES_MOST * 16 * 8;
	struct plate plates[FIND_PLATES_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		for (int what = 0; what < DRAWN_KINDS; what++) {
			struct luma luma = {picture, sizes[i][0], sizes[i][1], sizes[i][0] + 3};
			int n;

			drawn_fill(picture, luma.width_px, luma.height_px, luma.stride_bytes,
				   (enum drawn)what);
			runs = 0;
			cells = 0;
			n = find(finder, &luma, plates);
			assert_in_range(runs, LEVELS_MAX, LEVELS_MAX + BOXES_MOST);
			assert_true(cells <= levels_most + looks_most);
			if (n > boxes_most[what])
				fail_msg("%s, %ux%u: %d boxes, the first %d,%d %dx%d with %u",
					 drawn_names[what], luma.width_px, luma.height_px, n, plates[0].box.x,
					 plates[0].box.y, plates[0].box.w, plates[0].box.h,
					 plates[0].score_permille);
		}
}

static void
drawn_plates_are_found_where_they_are(void **state)
{
	struct luma luma = {picture, 1280, 720, 1280};
	struct plate plates[FIND_PLATES_MAX], again[FIND_PLATES_MAX];
	int n, found = 0;

	(void)state;
	drawn_fill(picture, 1280, 720, 1280, DRAWN_LANE);
	n = find(finder, &luma, plates);
	assert_int_equal(find(finder, &luma, again), n);
	assert_memory_equal(plates, again, (size_t)n * sizeof(plates[0]));
	for (int k = 0; k < n; k++) {
		int x = plates[k].box.x + plates[k].box.w / 2, y = plates[k].box.y + plates[k].box.h / 2;

		/* drawn.c puts their corners at these places */
		for (int i = 0; i < 6; i++)
			found += x > 106 + i % 3 * 426 && x < 106 + i % 3 * 426 + 260 &&
				 y > 90 + i / 3 * 360 && y < 90 + i / 3 * 360 + 60;
	}
	assert_true(found >= 4);
}

static void
plates_far_behind_a_surer_one_are_left_alone(void **state)
{
	enum { W = 1280, H = 720, SMALL_W = 480, SMALL_H = 270, X = 400, Y = 150 };
	struct luma luma = {picture, W, H, W};
	struct plate alone[FIND_PLATES_MAX], plates[FIND_PLATES_MAX];
	int n_alone, n, narrowest = W, widest = 0;

	(void)state;
	memset(picture, 100, (size_t)W * H);
	drawn_fill(picture + Y * W + X, SMALL_W, SMALL_H, W, DRAWN_LANE);
	n_alone = find(finder, &luma, alone);
	for (int i = 0; i < n_alone; i++)
		narrowest = alone[i].box.w < narrowest ? alone[i].box.w : narrowest;
	drawn_fill(picture, W, H, W, DRAWN_LANE);
	drawn_fill(picture + Y * W + X, SMALL_W, SMALL_H, W, DRAWN_LANE);
	n = find(finder, &luma, plates);
	for (int i = 0; i < n; i++) {
		widest = plates[i].box.w > widest ? plates[i].box.w : widest;
		for (int k = 0; k < i; k++) {
			assert_true(plates[k].score_permille >= plates[i].score_permille);
			assert_true(plates[k].box.w <= 3 * plates[i].box.w + 3); /* edges are rounded */
		}
	}
	/* So there was something to leave alone. */
	if (n_alone < 2 || n < 4 || widest <= 3 * narrowest + 3)
		fail_msg("%d alone, %d, narrowest %d, widest %d", n_alone, n, narrowest, widest);
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
	drawn_fill(picture, 640, 360, 640, DRAWN_NOISE);
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
	    cmocka_unit_test_setup_teardown(what_is_no_plate_is_not_found_and_the_work_has_a_ceiling, begin,
					    end),
	    cmocka_unit_test_setup_teardown(drawn_plates_are_found_where_they_are, begin, end),
	    cmocka_unit_test_setup_teardown(plates_far_behind_a_surer_one_are_left_alone, begin, end),
	    cmocka_unit_test_setup_teardown(larger_than_agreed_is_refused, begin, end),
	    cmocka_unit_test_setup_teardown(nothing_is_left_after_wiping, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
