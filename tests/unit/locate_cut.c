/*
 * Nothing but a plate-sized crop leaves locate, whatever the finder says.
 */
#include "cm.h"

#include <errno.h>
#include <string.h>

#include "doors/crop/crop.h"
#include "locate/cut.h"

enum { W = 1280, H = 720 };

static const struct cut_rule usual = {CUT_RULE_DEFAULT_X, CUT_RULE_DEFAULT_Y, CUT_RULE_DEFAULT_SHARE};

static void
gives_a_plate_its_margin(void **state)
{
	struct box crop, plate = {600, 400, 200, 50};

	(void)state;
	assert_int_equal(cut_box(&crop, &plate, &usual, W, H), 0);
	assert_int_equal(crop.x, 570);
	assert_int_equal(crop.y, 385);
	assert_int_equal(crop.w, 260);
	assert_int_equal(crop.h, 80);
	assert_true(crop.w * crop.h <= 4 * plate.w * plate.h);
}

static void
stays_inside_the_frame(void **state)
{
	static const struct box plates[] = {{0, 0, 100, 30}, {W - 100, H - 30, 100, 30}, {5, H - 31, 100, 30}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(plates); i++) {
		struct box crop;

		assert_int_equal(cut_box(&crop, &plates[i], &usual, W, H), 0);
		assert_true(crop.x >= 0 && crop.y >= 0 && crop.x + crop.w <= W && crop.y + crop.h <= H);
		assert_true(crop.x <= plates[i].x && crop.x + crop.w >= plates[i].x + plates[i].w);
	}
}

static void
refuses_what_a_hostile_finder_says(void **state)
{
	static const struct {
		const char *what;
		struct box box;
	} hostile[] = {
		{"the whole frame", {0, 0, W, H}},
		{"half the frame", {0, 0, W, H / 2}},
		{"a windscreen", {300, 150, 500, 300}},
		{"a face", {600, 200, 60, 90}},
		{"a standing strip", {600, 100, 40, 400}},
		{"a lying strip", {0, 100, W, 10}},
		{"nothing", {10, 10, 0, 0}},
		{"less than nothing", {10, 10, -5, -5}},
		{"too small to read", {10, 10, 7, 7}},
		{"left of the frame", {-1, 10, 100, 30}},
		{"above the frame", {10, -1, 100, 30}},
		{"right of the frame", {W - 99, 10, 100, 30}},
		{"below the frame", {10, H - 29, 100, 30}},
		{"far away", {INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX}},
		{"far away, the other way", {INT32_MIN, INT32_MIN, INT32_MIN, INT32_MIN}},
		{"a size that wraps", {1, 1, INT32_MAX, INT32_MAX}},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(hostile); i++) {
		struct box crop;

		if (cut_box(&crop, &hostile[i].box, &usual, W, H) != -EPERM)
			fail_msg("cut out %s", hostile[i].what);
	}
}

static void
holds_the_share_at_every_box(void **state)
{
	const struct cut_rule wide = {1000, 1000, 250}, narrow = {150, 300, 1};
	struct box crop, b;

	(void)state;
	for (b.w = 8; b.w <= W; b.w += 37)
		for (b.h = 8; b.h <= H; b.h += 23)
			for (int at = 0; at < 2; at++) {
				b.x = at ? W - b.w : 0;
				b.y = at ? H - b.h : 0;
				if (cut_box(&crop, &b, &wide, W, H) == 0)
					assert_true(crop.w * crop.h * 4 <= W * H);
				if (cut_box(&crop, &b, &narrow, W, H) == 0)
					assert_true(crop.w * crop.h * 1000 <= W * H);
			}
}

static void
refuses_a_rule_beyond_the_policy(void **state)
{
	static const struct cut_rule rules[] = {{1001, 0, 100}, {0, 1001, 100}, {0, 0, 251}, {UINT32_MAX, UINT32_MAX, UINT32_MAX}};
	const struct box plate = {600, 400, 100, 30};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		struct box crop;

		assert_int_equal(cut_box(&crop, &plate, &rules[i], W, H), -EPERM);
	}
}

static void
encodes_or_says_that_it_does_not_fit(void **state)
{
	static uint8_t pixels[260 * 80], out[100000];

	(void)state;
	for (size_t i = 0; i < sizeof(pixels); i++)
		pixels[i] = (uint8_t)(i * i >> 5);
	for (uint8_t encoding = CROP_JPEG; encoding <= CROP_PNG; encoding++) {
		int64_t n = cut_encode(pixels, 260, 80, encoding, 90, SPACE_OF(out));

		assert_true(n > 100);
		for (size_t room = 0; room < (size_t)n; room += 131)
			assert_int_equal(cut_encode(pixels, 260, 80, encoding, 90, SPACE(out, room)), -ENOSPC);
		assert_true(cut_encode(pixels, 260, 80, encoding, 90, SPACE_OF(out)) == n);
		assert_true(cut_encode(pixels, 1, 1, encoding, 90, SPACE_OF(out)) > 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_a_plate_its_margin),
		cmocka_unit_test(stays_inside_the_frame),
		cmocka_unit_test(refuses_what_a_hostile_finder_says),
		cmocka_unit_test(holds_the_share_at_every_box),
		cmocka_unit_test(refuses_a_rule_beyond_the_policy),
		cmocka_unit_test(encodes_or_says_that_it_does_not_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
