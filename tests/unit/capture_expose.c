/*
 * Exposure follows plates: a sensor in the test answers to it, bright and dark plates come to the same
 * luma, scenes count only when no plate was there for long, and what was seen under the exposure before counts no more.
 */
#include "capture/expose.h"
#include "cm.h"

enum { MOST_US = 2000, MOST_GAIN = 8000, DELAY = 4 };

/* What a plate looks like that has luma `at_1ms` after one millisecond without gain. */
static uint8_t
seen(const struct expose *e, uint32_t at_1ms)
{
	uint64_t luma = (uint64_t)at_1ms * e->exposure_us * e->gain_milli / 1000000;

	return luma > 255 ? 255 : (uint8_t)luma;
}

/* Frames whose exposure is DELAY frames old, as with a real sensor. Returns how many changes there were. */
static int
run(struct expose *e, uint32_t at_1ms, uint8_t of, uint64_t from, uint64_t frames)
{
	uint8_t lumas[DELAY];
	int changes = 0;

	for (int i = 0; i < DELAY; i++)
		lumas[i] = seen(e, at_1ms);
	for (uint64_t i = 0; i < frames; i++) {
		const struct frame_light light = {.sequence = from + i, .of = of, .luma = lumas[i % DELAY]};

		lumas[i % DELAY] = seen(e, at_1ms);
		changes += expose_take(e, &light, from + i);
	}
	return changes;
}

static void
bright_and_dark_plates_come_to_the_same(void **state)
{
	static const uint32_t plates[] = {15, 60, 170, 400, 1500, 3000};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(plates); i++) {
		struct expose e;

		expose_init(&e, MOST_US, MOST_GAIN);
		(void)run(&e, plates[i], LIGHT_PLATE, 0, 120);
		assert_in_range(seen(&e, plates[i]), EXPOSE_PLATE_LUMA * 8 / 10, EXPOSE_PLATE_LUMA * 12 / 10);
		/* And rests there. */
		assert_int_equal(run(&e, plates[i], LIGHT_PLATE, 1000, 100), 0);
		/* Gain is for what the longest exposure does not reach. */
		assert_true(e.gain_milli == EXPOSE_GAIN_LEAST_MILLI || e.exposure_us == MOST_US);
	}
}

/* A camera whose gain of 2 is one of 6. */
static void
gain_that_does_more_than_it_says_does_not_swing(void **state)
{
	static const uint32_t plates[] = {30, 37, 45, 60};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(plates); i++) {
		struct expose e;
		uint8_t luma = 0;
		int rested = 0;

		expose_init(&e, MOST_US, 2000);
		for (uint64_t n = 0; n < 400; n++) {
			uint64_t gain = 1000 + (e.gain_milli - 1000) * 5, lit = plates[i] * gain * e.exposure_us / 1000000;
			struct frame_light light = {.sequence = n, .of = LIGHT_PLATE};

			luma = lit > 255 ? 255 : (uint8_t)lit;
			light.luma = luma;
			rested = expose_take(&e, &light, n) ? 0 : rested + 1;
		}
		assert_in_range(luma, EXPOSE_PLATE_LUMA * 8 / 10, EXPOSE_PLATE_LUMA * 12 / 10);
		assert_true(rested > 200);
	}
}

static void
limits_hold(void **state)
{
	struct expose e;

	(void)state;
	expose_init(&e, MOST_US, MOST_GAIN);
	(void)run(&e, 0, LIGHT_PLATE, 0, 300);
	assert_int_equal(e.exposure_us, MOST_US);
	assert_int_equal(e.gain_milli, MOST_GAIN);
	assert_int_equal(run(&e, 0, LIGHT_PLATE, 1000, 100), 0);
	(void)run(&e, 100000, LIGHT_PLATE, 2000, 300);
	assert_int_equal(e.exposure_us, EXPOSE_LEAST_US);
	assert_int_equal(e.gain_milli, EXPOSE_GAIN_LEAST_MILLI);
	expose_init(&e, 0, 0);
	assert_int_equal(e.exposure_us, EXPOSE_LEAST_US);
	assert_int_equal(run(&e, 0, LIGHT_PLATE, 0, 100), 0);
}

/* A dark lane behind a white plate must not make the plate white out. */
static void
the_scene_counts_only_where_no_plate_is(void **state)
{
	struct expose e;
	uint32_t exposure_us;

	(void)state;
	expose_init(&e, MOST_US, MOST_GAIN);
	assert_true(run(&e, 20, LIGHT_SCENE, 0, 100) > 0);
	assert_in_range(seen(&e, 20), EXPOSE_SCENE_LUMA * 8 / 10, EXPOSE_SCENE_LUMA * 12 / 10);
	(void)run(&e, 400, LIGHT_PLATE, 200, 100);
	exposure_us = e.exposure_us;
	assert_int_equal(run(&e, 5, LIGHT_SCENE, 300, 100), 0);
	assert_int_equal(e.exposure_us, exposure_us);
	assert_true(run(&e, 5, LIGHT_SCENE, 600, 100) > 0);
}

static void
what_was_seen_before_a_change_counts_no_more(void **state)
{
	struct expose e;
	struct frame_light light = {.sequence = 10, .of = LIGHT_PLATE, .luma = 40};

	(void)state;
	expose_init(&e, MOST_US, MOST_GAIN);
	assert_int_equal(expose_take(&e, &light, 12), 1);
	for (light.sequence = 11; light.sequence < 19; light.sequence++)
		assert_int_equal(expose_take(&e, &light, light.sequence), 0);
	assert_int_equal(expose_take(&e, &light, light.sequence), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bright_and_dark_plates_come_to_the_same),
		cmocka_unit_test(gain_that_does_more_than_it_says_does_not_swing),
		cmocka_unit_test(limits_hold),
		cmocka_unit_test(the_scene_counts_only_where_no_plate_is),
		cmocka_unit_test(what_was_seen_before_a_change_counts_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
