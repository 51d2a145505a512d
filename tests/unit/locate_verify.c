/*
 * The second look's windows show the candidate at its size, the same from whatever
 * picture they are cut, grey beyond the frame; and its answers are read as boxes of the frame.
 */
#include "cm.h"

#include <stdlib.h>
#include <string.h>

#include "locate/levels.h"
#include "locate/verify.h"

enum { W_MAX = 4096, H_MAX = 3000, EXTRA = 77, PAGE = VERIFY_W_PX * VERIFY_H_PX };

static uint8_t picture[(size_t)(W_MAX + EXTRA) * H_MAX];
static struct levels levels;
static struct space levels_work, work;

static int
begin(void **state)
{
	size_t n = levels_bytes(W_MAX, H_MAX), m = verify_bytes();

	(void)state;
	levels_work = SPACE(aligned_alloc(64, (n + 63) / 64 * 64), n);
	work = SPACE(aligned_alloc(64, m), m);
	return levels_work.p && work.p ? 0 : -1;
}

static int
end(void **state)
{
	(void)state;
	free(levels_work.p);
	free(work.p);
	return 0;
}

/* Waves of about a fifth of the frame, so that every size of the frame shows the same. */
static uint8_t
wave(uint32_t i, uint32_t n)
{
	uint32_t phase = i * 5 * 256 / n % 256;

	return (uint8_t)(phase < 128 ? phase : 255 - phase);
}

static struct luma
draw(uint32_t w, uint32_t h, uint32_t stride)
{
	for (uint32_t y = 0; y < h; y++)
		for (uint32_t x = 0; x < w; x++)
			picture[(size_t)y * stride + x] = (uint8_t)(wave(x, w) + wave(y, h));
	return (struct luma){picture, w, h, stride};
}

static struct candidate
box_at(int64_t x, int64_t y, int64_t w, int64_t h)
{
	return (struct candidate){x * BOXES_SUB, y * BOXES_SUB, (x + w) * BOXES_SUB, (y + h) * BOXES_SUB,
				  500};
}

/* Cuts, and copies the window's own pixels out. */
static struct verify_window
cut(uint8_t page[PAGE], const struct luma *luma, struct candidate about)
{
	struct verify_window w;

	memset(work.p, page[0], work.n);
	levels_build(&levels, levels_work, luma);
	w = verify_cut(work, luma, &levels, &about);
	assert_in_range(w.source, 0, levels.n);
	assert_int_equal(w.picture.width_px, VERIFY_W_PX);
	assert_int_equal(w.picture.height_px, VERIFY_H_PX);
	for (uint32_t y = 0; y < VERIFY_H_PX; y++)
		memcpy(page + (size_t)y * VERIFY_W_PX, w.picture.pixels + y * w.picture.stride_bytes,
		       VERIFY_W_PX);
	return w;
}

static int
clearly_different(const uint8_t *a, const uint8_t *b)
{
	int n = 0;

	for (int i = 0; i < PAGE; i++)
		n += abs(a[i] - b[i]) > 12;
	return n;
}

static void
one_scene_gives_one_window_from_every_source(void **state)
{
	static const uint32_t widths[] = {320, 640, 1280, 1920, 2592, 4096};
	uint8_t wanted[PAGE] = {0}, page[PAGE] = {0};
	uint32_t sources = 0;

	(void)state;
	for (uint32_t part = 1; part <= 16; part++)
		for (size_t i = 0; i < ARRAY_SIZE(widths); i++) {
			int64_t w = widths[i], h = w / 2, unit = w * BOXES_SUB, wide = unit * 4 / 5 / part;
			struct candidate about = {unit / 10, unit / 20, unit / 10 + wide,
						  unit / 20 + wide / 4, 500};
			struct luma luma = draw((uint32_t)w, (uint32_t)h, (uint32_t)w);
			struct verify_window window;

			window = cut(i ? page : wanted, &luma, about);
			sources |= 1U << window.source;
			/* The frame's edges, a line of the window each, are softer in some. */
			if (i > 0 && clearly_different(page, wanted) > VERIFY_W_PX + VERIFY_H_PX)
				fail_msg("%ld wide, box 1/%u, source %u: %d", (long)w, part, window.source,
					 clearly_different(page, wanted));
		}
	assert_int_equal(sources, 31); /* the frame and all four levels */
}

static void
a_box_fills_half_of_its_window(void **state)
{
	static const int64_t boxes[][2] = {{24, 6},   {64, 16},   {90, 30},   {200, 50},
					   {100, 90}, {400, 110}, {1100, 300}};
	uint8_t page[PAGE] = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(boxes); i++) {
		int64_t w = boxes[i][0], h = boxes[i][1], x0 = 30, y0 = 50;
		int64_t scale_w = w > 2 * h ? w : 2 * h; /* this many frame pixels are 64 of the window */
		struct luma luma = {picture, 1280, 720, 1280};
		struct verify_window window;

		memset(picture, 40, sizeof(picture));
		for (int64_t y = y0; y < y0 + h; y++)
			memset(picture + y * 1280 + x0, 220, (size_t)w);
		window = cut(page, &luma, box_at(x0, y0, w, h));
		for (int64_t y = 0; y < VERIFY_H_PX; y++)
			for (int64_t x = 0; x < VERIFY_W_PX; x++) {
				/* doubled distance from the middle, in frame pixels */
				int64_t dx = llabs(2 * x + 1 - VERIFY_W_PX) * scale_w / 64;
				int64_t dy = llabs(2 * y + 1 - VERIFY_H_PX) * scale_w / 64,
					soft = scale_w / 16 + 2;
				uint8_t got = page[y * VERIFY_W_PX + x];

				if (dx < w - soft && dy < h - soft)
					assert_int_equal(got, 220);
				else if ((dx > w + soft || dy > h + soft) && got != 40)
					assert_true(window.left < 0 || window.top < 0);
			}
	}
}

static void
beyond_the_frame_is_grey(void **state)
{
	struct luma luma = {picture, 640, 360, 650};
	uint8_t page[PAGE] = {0};

	(void)state;
	memset(picture, 200, sizeof(picture));
	(void)cut(page, &luma, box_at(-64, -32, 128, 64)); /* centred on the corner, two pixels to one */
	for (int y = 0; y < VERIFY_H_PX; y++)
		for (int x = 0; x < VERIFY_W_PX; x++)
			assert_int_equal(page[y * VERIFY_W_PX + x], x < 64 || y < 32 ? NET_PAD_GREY : 200);
	(void)cut(page, &luma, box_at(640 - 32, 360 - 16, 64, 32));
	for (int y = 0; y < VERIFY_H_PX; y++)
		for (int x = 0; x < VERIFY_W_PX; x++)
			assert_int_equal(page[y * VERIFY_W_PX + x], x >= 64 || y >= 32 ? NET_PAD_GREY : 200);
	(void)cut(page, &luma, box_at(-5000, 3000, 64, 32));
	for (int i = 0; i < PAGE; i++)
		assert_int_equal(page[i], NET_PAD_GREY);
}

static void
every_size_and_stride_gives_the_same_window_twice(void **state)
{
	static const uint32_t sizes[][2] = {{1, 1},     {1, 3000},  {4096, 1},    {2, 2},
					    {15, 9},    {33, 16},   {641, 363},   {1279, 719},
					    {4096, 40}, {30, 3000}, {4096, 3000}, {3001, 2999}};
	static const int64_t places[][4] = {
	    {0, 0, 1, 1},     {-20, -20, 40, 40}, {5, 5, 4096, 10},     {3, 0, 10, 3000},
	    {7, 9, 64, 16},   {100, 50, 33, 11},  {0, 0, 4096, 3000},   {-9999, -9999, 20000, 20000},
	    {900, 600, 0, 0}, {20, 10, -5, -5},   {4000, 2990, 300, 90}};
	uint8_t once[PAGE], again[PAGE];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		for (size_t k = 0; k < ARRAY_SIZE(places); k++) {
			const int64_t *p = places[k];
			struct luma luma = draw(sizes[i][0], sizes[i][1], sizes[i][0]);
			struct verify_window a, b;

			once[0] = 0x55; /* what the memory held before must not matter */
			a = cut(once, &luma, box_at(p[0], p[1], p[2], p[3]));
			luma = draw(sizes[i][0], sizes[i][1], sizes[i][0] + EXTRA);
			again[0] = 0xaa;
			b = cut(again, &luma, box_at(p[0], p[1], p[2], p[3]));
			assert_memory_equal(once, again, PAGE);
			assert_true(a.left == b.left && a.top == b.top && a.step == b.step &&
				    a.source == b.source);
		}
}

static void
answers_are_boxes_of_the_frame(void **state)
{
	static struct net_answer answers[PAGE / NET_CELL_PX / NET_CELL_PX];
	static struct candidates cells;
	struct luma luma = draw(1280, 720, 1280);
	struct candidate about = box_at(300, 200, 128, 48), got;
	uint8_t page[PAGE] = {0};
	struct verify_window w = cut(page, &luma, about);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(answers); i++)
		answers[i] = (struct net_answer){.heat = -2000};
	got = verify_read(&w, answers, &about, &cells);
	assert_int_equal(got.permille, 0);
	/* A surer cell far from the candidate does not answer for it. */
	answers[0] = (struct net_answer){.heat = 2000};
	got = verify_read(&w, answers, &about, &cells);
	assert_int_equal(got.permille, 0);
	/* 64 x 24 pixels of the window about its middle: the lower right of the four cells there. */
	answers[4 * 16 + 8] =
	    (struct net_answer){.heat = 1000, .x = -128, .y = -128, .log_w = 177, .log_h = 177};
	got = verify_read(&w, answers, &about, &cells);
	assert_in_range(got.permille, 970, 990);
	assert_in_range(got.left, 299 * BOXES_SUB, 301 * BOXES_SUB);
	assert_in_range(got.right, 427 * BOXES_SUB, 429 * BOXES_SUB);
	assert_in_range(got.top, 199 * BOXES_SUB, 201 * BOXES_SUB);
	assert_in_range(got.bottom, 247 * BOXES_SUB, 249 * BOXES_SUB);
}

static void
a_mirrored_window_is_answered_for_too(void **state)
{
	static struct net_answer answers[VERIFY_CELLS], mirrored[VERIFY_CELLS];
	struct luma luma = draw(1280, 720, 1280);
	struct candidate about = box_at(300, 200, 128, 48);
	uint8_t page[PAGE] = {0};
	struct verify_window w = cut(page, &luma, about);

	(void)state;
	verify_mirror(&w);
	for (uint32_t y = 0; y < VERIFY_H_PX; y++)
		for (uint32_t x = 0; x < VERIFY_W_PX; x++)
			assert_int_equal(w.picture.pixels[y * w.picture.stride_bytes + x],
					 page[(y + 1) * VERIFY_W_PX - 1 - x]);
	answers[16 + 2] = (struct net_answer){.heat = 100, .x = 40, .y = 10, .log_w = 8, .log_h = -6};
	mirrored[16 + 13] = (struct net_answer){.heat = 300, .x = -20, .y = 30, .log_w = 4, .log_h = -2};
	mirrored[16 + 2].heat = 70; /* of another place */
	verify_mean(answers, mirrored);
	assert_int_equal(answers[16 + 2].heat, 200);
	assert_int_equal(answers[16 + 2].x, 30);
	assert_int_equal(answers[16 + 2].y, 20);
	assert_int_equal(answers[16 + 2].log_w, 6);
	assert_int_equal(answers[16 + 2].log_h, -4);
	assert_int_equal(answers[16 + 13].heat, 35);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(one_scene_gives_one_window_from_every_source, begin, end),
	    cmocka_unit_test_setup_teardown(a_box_fills_half_of_its_window, begin, end),
	    cmocka_unit_test_setup_teardown(beyond_the_frame_is_grey, begin, end),
	    cmocka_unit_test_setup_teardown(every_size_and_stride_gives_the_same_window_twice, begin, end),
	    cmocka_unit_test_setup_teardown(answers_are_boxes_of_the_frame, begin, end),
	    cmocka_unit_test_setup_teardown(a_mirrored_window_is_answered_for_too, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
