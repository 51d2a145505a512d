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

/*
 * A camera over one lane, 2.5 m of road across 1280 pixels where the plate is nearest: 512 px a metre. What it must be
 * able to cut out, and what lies there too and must stay, with the rule of a policy that is not told otherwise.
 */
static void
cuts_the_plates_of_a_lane_and_not_its_windscreens(void **state)
{
	static const struct {
		const char *what;
		int w, h, cut;
	} things[] = {
		{"a European plate, 520 x 110 mm", 266, 56, 1},
		{"the same, 30 degrees askew", 259, 182, 1},
		{"a plate of two lines, 340 x 240 mm", 174, 123, 1},
		{"the same, 30 degrees askew", 212, 194, 1},
		{"a US plate, 305 x 152 mm", 156, 78, 1},
		{"a motorcycle's, 180 x 200 mm", 92, 102, 1},
		{"a plate of 360 pixels, 2 to 1", 360, 180, 1},
		{"a windscreen, 1400 x 550 mm", 717, 282, 0},
		{"half of it", 358, 282, 0},
		{"a side window, 800 x 450 mm", 410, 230, 0},
		{"a driver, 500 x 600 mm", 256, 307, 0},
		{"a head, 160 x 240 mm", 82, 123, 0},
		{"a face, 140 x 190 mm", 72, 97, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(things); i++) {
		struct box crop, box = {300, 300, things[i].w, things[i].h};

		if ((cut_box(&crop, &box, &usual, W, H) == 0) != things[i].cut)
			fail_msg("%s: cut %d", things[i].what, !things[i].cut);
	}
}

/* Every place and size on a coarse grid: what is cut is no wider, taller or larger than its margin and share allow. */
static void
adds_no_more_than_the_margin_to_any_box(void **state)
{
	struct box crop, b;
	int cut = 0;

	(void)state;
	for (b.w = -3; b.w <= W + 40; b.w += 29)
		for (b.h = -3; b.h <= H + 40; b.h += 17)
			for (b.x = -31; b.x <= W; b.x += 97)
				for (b.y = -31; b.y <= H; b.y += 61) {
					if (cut_box(&crop, &b, &usual, W, H) < 0)
						continue;
					cut++;
					assert_true(crop.x >= 0 && crop.y >= 0 && crop.x + crop.w <= W && crop.y + crop.h <= H);
					assert_true(crop.x <= b.x && crop.y <= b.y && crop.x + crop.w >= b.x + b.w);
					assert_true(10 * crop.w <= 13 * b.w + 20 && 10 * crop.h <= 16 * b.h + 20);
					assert_true(10 * b.w >= 8 * b.h && b.w <= 8 * b.h);
					assert_true(crop.w * crop.h * 20 <= W * H * 3);
				}
	assert_true(cut > 1000);
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
		cmocka_unit_test(cuts_the_plates_of_a_lane_and_not_its_windscreens),
		cmocka_unit_test(adds_no_more_than_the_margin_to_any_box),
		cmocka_unit_test(holds_the_share_at_every_box),
		cmocka_unit_test(refuses_a_rule_beyond_the_policy),
		cmocka_unit_test(encodes_or_says_that_it_does_not_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
