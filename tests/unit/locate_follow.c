/*
 * One vehicle, one passage: whatever the finder misses, whoever drives beside it.
 */
#include "cm.h"

#include <string.h>

#include "locate/follow.h"

enum { W = 1280, H = 720, FRAME_US = 33333, GAP_US = 700000 };

static uint8_t views[FOLLOW_BYTES];
static uint8_t pixels[W * H];
static struct follow follow;
static struct frame frame;
static struct luma luma;

static int
begin(void **state)
{
	const struct follow_rule rule = {
		.cut = {150, 300, 150}, .confirm_frames = 3, .sure_permille = 100, .gap_us = GAP_US, .views = 3,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pixels); i++)
		pixels[i] = (uint8_t)(60 + i % 7 * 20);
	memset(&frame, 0, sizeof(frame));
	frame.width_px = W;
	frame.height_px = H;
	frame.source = SOURCE_SENSOR;
	frame.at_us = 1000000;
	frame.utc_us = 1700000000000000;
	luma = (struct luma){pixels, W, H, W};
	follow_init(&follow, SPACE_OF(views), &rule);
	return 0;
}

static void
pass_time(int64_t us)
{
	frame.at_us += us;
	frame.utc_us += us;
	frame.sequence++;
}

static void
show(const struct plate *plates, int n)
{
	follow_frame(&follow, &frame, &luma, plates, n);
	pass_time(FRAME_US);
}

static struct plate
plate(int x, int y, int w)
{
	return (struct plate){.box = {x, y, w, w / 4}, .score_permille = 700};
}

static void
show_nothing(int64_t us)
{
	for (int64_t end = frame.at_us + us; frame.at_us < end;)
		show(NULL, 0);
}

/* How many passages are over; the last one is left in *last. */
static int
take_all(struct crop *last)
{
	struct crop passage;
	int n = 0;

	while (follow_peek(&follow, &passage)) {
		if (last)
			*last = passage;
		follow_release(&follow);
		n++;
	}
	return n;
}

/* It comes nearer: down, to the right, and larger. */
static struct plate
coming(int i)
{
	return plate(400 + 6 * i, 100 + 12 * i, 60 + 3 * i);
}

static void
a_vehicle_gives_one_passage(void **state)
{
	struct crop passage;

	(void)state;
	for (int i = 0; i < 30; i++)
		show((struct plate[]){coming(i)}, 1);
	assert_int_equal(take_all(NULL), 0);
	show_nothing(GAP_US + 2 * FRAME_US);
	assert_int_equal(take_all(&passage), 1);
	assert_int_equal(passage.frames_seen, 30);
	assert_int_equal(passage.n_views, 3);
	assert_int_equal(passage.direction, CROP_APPROACHING);
	assert_int_equal(passage.source, SOURCE_SENSOR);
	assert_int_equal(passage.frame_width_px, W);
	assert_true(passage.last_utc_us - passage.first_utc_us == 29 * FRAME_US);
}

static void
going_away_is_told_from_coming(void **state)
{
	struct crop passage;

	(void)state;
	for (int i = 29; i >= 0; i--)
		show((struct plate[]){coming(i)}, 1);
	follow_finish(&follow);
	assert_int_equal(take_all(&passage), 1);
	assert_int_equal(passage.direction, CROP_RECEDING);
}

static void
missed_frames_do_not_break_a_passage(void **state)
{
	(void)state;
	for (int i = 0; i < 60; i++)
		show((struct plate[]){coming(i)}, i % 3 == 0 && !(i > 20 && i < 33));
	show_nothing(2 * GAP_US);
	assert_int_equal(take_all(NULL), 1);
}

static void
what_is_seen_too_seldom_was_none(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++)
		show((struct plate[]){coming(i)}, 1);
	show_nothing(2 * GAP_US);
	assert_int_equal(take_all(NULL), 0);
}

static void
what_was_never_sure_was_none(void **state)
{
	struct plate doubtful;

	(void)state;
	for (int i = 0; i < 30; i++) {
		doubtful = coming(i);
		doubtful.score_permille = 681;
		show(&doubtful, 1);
	}
	show_nothing(GAP_US + 2 * FRAME_US);
	assert_int_equal(take_all(NULL), 0);
	for (int i = 0; i < 30; i++) {
		doubtful = coming(i);
		doubtful.score_permille = i < 15 ? 682 : 681;
		show(&doubtful, 1);
	}
	show_nothing(GAP_US + 2 * FRAME_US);
	assert_int_equal(take_all(NULL), 1);
}

static void
two_vehicles_side_by_side_give_two(void **state)
{
	(void)state;
	for (int i = 0; i < 30; i++) {
		struct plate both[] = {coming(i), plate(900, 650 - 15 * i, 150 - 3 * i)};

		show(i % 2 ? both : (struct plate[]){both[1], both[0]}, 2);
	}
	follow_finish(&follow);
	assert_int_equal(take_all(NULL), 2);
}

static void
two_boxes_on_one_plate_give_one(void **state)
{
	(void)state;
	for (int i = 0; i < 30; i++) {
		struct plate both[] = {coming(i), coming(i)};

		both[1].box.x += both[1].box.w * 2 / 3;
		show(both, i < 20 ? 1 : 2);
	}
	follow_finish(&follow);
	assert_int_equal(take_all(NULL), 1);
}

static void
a_vehicle_hidden_by_another_stays_one(void **state)
{
	(void)state;
	for (int i = 0; i < 40; i++) {
		struct plate both[] = {plate(1000 - 20 * i, 400, 100), plate(200 + 20 * i, 430, 120)};

		/* where they meet, only the nearer one is found */
		show(i >= 17 && i <= 24 ? &both[1] : both, i >= 17 && i <= 24 ? 1 : 2);
	}
	follow_finish(&follow);
	assert_int_equal(take_all(NULL), 2);
}

static void
the_next_vehicle_is_another(void **state)
{
	(void)state;
	for (int v = 0; v < 3; v++) {
		for (int i = 0; i < 20; i++)
			show((struct plate[]){coming(i)}, 1);
		show_nothing(GAP_US + 3 * FRAME_US);
	}
	follow_finish(&follow);
	assert_int_equal(take_all(NULL), 3);
}

static void
a_jump_of_time_ends_the_passage(void **state)
{
	(void)state;
	for (int jump = 0; jump < 3; jump++) {
		for (int i = 0; i < 5; i++)
			show((struct plate[]){plate(500, 500, 200)}, 1);
		pass_time(jump == 0 ? GAP_US + 1 : jump == 1 ? -30 * FRAME_US : 0);
	}
	follow_finish(&follow);
	/* the third stands where the second was before the clock moved on: one vehicle */
	assert_int_equal(take_all(NULL), 3);
}

static void
another_picture_size_ends_the_passage(void **state)
{
	struct crop passage;

	(void)state;
	for (int i = 0; i < 5; i++)
		show((struct plate[]){plate(500, 500, 200)}, 1);
	luma.width_px = frame.width_px = 1000;
	for (int i = 0; i < 5; i++)
		show((struct plate[]){plate(500, 500, 200)}, 1);
	assert_int_equal(take_all(&passage), 1);
	assert_int_equal(passage.frame_width_px, W);
	follow_finish(&follow);
	assert_int_equal(take_all(&passage), 1);
	assert_int_equal(passage.frame_width_px, 1000);
}

static void
a_sign_is_told_once_however_it_flickers(void **state)
{
	int told = 0;

	(void)state;
	for (int minute = 0; minute < 5; minute++)
		for (int s = 0; s < 20; s++) {
			for (int i = 0; i < 60; i++)
				show((struct plate[]){plate(700 + i % 2, 200, 90)}, 1);
			show_nothing(GAP_US + 3 * FRAME_US);
			told += take_all(NULL);
		}
	follow_finish(&follow);
	assert_int_equal(told + take_all(NULL), 1);
}

static void
a_vehicle_that_waits_long_is_told_once(void **state)
{
	int told = 0;

	(void)state;
	for (int64_t end = frame.at_us + 3 * (int64_t)FOLLOW_HELD_US; frame.at_us < end;) {
		show((struct plate[]){plate(500, 500, 200)}, 1);
		told += take_all(NULL);
	}
	assert_int_equal(told, 1);
	for (int i = 0; i < 20; i++)
		show((struct plate[]){plate(500, 500 + 8 * i, 200)}, 1);
	show_nothing(2 * GAP_US);
	assert_int_equal(take_all(NULL), 0);
}

static void
the_least_trusted_source_counts(void **state)
{
	struct crop passage;

	(void)state;
	for (int i = 0; i < 6; i++) {
		frame.source = i == 3 ? SOURCE_SYNTHETIC : SOURCE_SENSOR;
		show((struct plate[]){coming(i)}, 1);
	}
	follow_finish(&follow);
	assert_int_equal(take_all(&passage), 1);
	assert_int_equal(passage.source, SOURCE_SYNTHETIC);
}

static void
too_large_a_crop_is_refused_and_counted(void **state)
{
	(void)state;
	for (int i = 0; i < 6; i++)
		show((struct plate[]){{.box = {100, 100, 900, 400}, .score_permille = 900}}, 1);
	follow_finish(&follow);
	assert_int_equal(take_all(NULL), 0);
	assert_int_equal(follow.refused, 1);
}

static void
the_crowd_is_bounded(void **state)
{
	struct plate many[FIND_PLATES_MAX];

	(void)state;
	for (int i = 0; i < FIND_PLATES_MAX; i++)
		many[i] = plate(20 + i % 8 * 150, 100 + i / 8 * 300, 60);
	for (int i = 0; i < 10; i++)
		show(many, FIND_PLATES_MAX);
	follow_finish(&follow);
	assert_int_equal(take_all(NULL), FOLLOW_TRACKS);
}

/* ---- which views are kept ---- */

static void
the_sharpest_and_largest_are_kept(void **state)
{
	struct crop passage;

	(void)state;
	for (int i = 0; i < 30; i++) {
		int blurred = i < 10 || i >= 13;

		for (size_t p = 0; p < sizeof(pixels); p++)
			pixels[p] = (uint8_t)(blurred ? 100 + p % 8 : p % 8 * 30 + 10);
		show((struct plate[]){plate(400 + 4 * i, 300, 120)}, 1);
	}
	follow_finish(&follow);
	assert_int_equal(take_all(&passage), 1);
	for (uint32_t v = 0; v < 3; v++) {
		int64_t frame_of = (passage.views[v].utc_us - passage.first_utc_us) / FRAME_US;

		assert_in_range(frame_of, 10, 12);
	}
}

static void
a_burnt_plate_and_one_at_the_edge_lose(void **state)
{
	struct crop passage;

	(void)state;
	for (int i = 0; i < 6; i++) {
		for (size_t p = 0; p < sizeof(pixels); p++)
			pixels[p] = i == 2 && p % 8 ? 255 : (uint8_t)(p % 8 * 30 + 10);
		show((struct plate[]){plate(1160 - 25 * i, 300, 120)}, 1);
	}
	follow_finish(&follow);
	assert_int_equal(take_all(&passage), 1);
	for (uint32_t v = 0; v < 3; v++)
		assert_in_range((passage.views[v].utc_us - passage.first_utc_us) / FRAME_US, 3, 5);
}

static void
pixels_are_copied_and_wiped(void **state)
{
	struct crop passage;
	const struct crop_view *view = &passage.views[0];

	(void)state;
	memset(pixels, 0, sizeof(pixels));
	for (int y = 0; y < H; y++)
		for (int x = 0; x < W; x++)
			pixels[y * W + x] = (uint8_t)(x * 3 + y);
	for (int i = 0; i < 4; i++)
		show((struct plate[]){coming(i)}, 1);
	memset(pixels, 0, sizeof(pixels));
	follow_finish(&follow);
	assert_int_equal(follow_peek(&follow, &passage), 1);
	assert_int_equal(view->bytes.n, view->crop.w * view->crop.h);
	for (int y = 0; y < view->crop.h; y++)
		for (int x = 0; x < view->crop.w; x++)
			assert_int_equal(view->bytes.p[y * view->crop.w + x], (uint8_t)((view->crop.x + x) * 3 + view->crop.y + y));
	follow_release(&follow);
	for (size_t i = 0; i < sizeof(views); i++)
		if (views[i] != 0)
			fail_msg("pixels are left at %zu", i);
}

/* A trigger told of one vehicle: the nearest plate is its own, and the others are given up, and wiped. */
static void
a_trigger_gives_one_passage_or_none(void **state)
{
	struct crop passage;

	(void)state;
	for (int i = 0; i < 20; i++)
		show((struct plate[]){plate(100 + i, 600, 60), coming(i), plate(1000, 100 + i, 50)}, 3);
	assert_int_equal(follow_finish_one(&follow), 2);
	assert_int_equal(take_all(&passage), 1);
	assert_int_equal(passage.direction, CROP_APPROACHING);
	for (size_t i = 0; i < sizeof(views); i++)
		if (views[i] != 0)
			fail_msg("pixels are left at %zu", i);
	show_nothing(3 * FRAME_US);
	assert_int_equal(follow_finish_one(&follow), 0);
	assert_int_equal(take_all(NULL), 0);
	show((struct plate[]){coming(0)}, 1); /* once is not sure */
	assert_int_equal(follow_finish_one(&follow), 0);
	assert_int_equal(take_all(NULL), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_vehicle_gives_one_passage, begin),
		cmocka_unit_test_setup(going_away_is_told_from_coming, begin),
		cmocka_unit_test_setup(missed_frames_do_not_break_a_passage, begin),
		cmocka_unit_test_setup(what_is_seen_too_seldom_was_none, begin),
		cmocka_unit_test_setup(what_was_never_sure_was_none, begin),
		cmocka_unit_test_setup(two_vehicles_side_by_side_give_two, begin),
		cmocka_unit_test_setup(two_boxes_on_one_plate_give_one, begin),
		cmocka_unit_test_setup(a_vehicle_hidden_by_another_stays_one, begin),
		cmocka_unit_test_setup(the_next_vehicle_is_another, begin),
		cmocka_unit_test_setup(a_jump_of_time_ends_the_passage, begin),
		cmocka_unit_test_setup(another_picture_size_ends_the_passage, begin),
		cmocka_unit_test_setup(a_sign_is_told_once_however_it_flickers, begin),
		cmocka_unit_test_setup(a_vehicle_that_waits_long_is_told_once, begin),
		cmocka_unit_test_setup(the_least_trusted_source_counts, begin),
		cmocka_unit_test_setup(too_large_a_crop_is_refused_and_counted, begin),
		cmocka_unit_test_setup(the_crowd_is_bounded, begin),
		cmocka_unit_test_setup(the_sharpest_and_largest_are_kept, begin),
		cmocka_unit_test_setup(a_burnt_plate_and_one_at_the_edge_lose, begin),
		cmocka_unit_test_setup(pixels_are_copied_and_wiped, begin),
		cmocka_unit_test_setup(a_trigger_gives_one_passage_or_none, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
