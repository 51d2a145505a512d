/*
 * Which frames are a vehicle's, and when its exposures are lit.
 */
#include "cm.h"

#include <errno.h>

#include "capture/flash.h"
#include "capture/gate.h"

/* ---- the trigger and the strobe are played ---- */

struct hal_trigger {
	int64_t at_us[16];
	uint32_t lost[16];
	int n, taken, broken;
};

struct hal_strobe {
	int64_t at_us;
	uint32_t length_us;
	int answer, pulses;
};

int
hal_trigger_next(struct hal_trigger *t, int64_t until_us, struct hal_trigger_edge *edge)
{
	if (t->broken)
		return -EIO;
	if (t->taken == t->n || t->at_us[t->taken] > until_us)
		return 0;
	*edge = (struct hal_trigger_edge){t->at_us[t->taken], t->lost[t->taken]};
	t->taken++;
	return 1;
}

int
hal_strobe_pulse(struct hal_strobe *s, int64_t at_us, uint32_t length_us)
{
	s->at_us = at_us;
	s->length_us = length_us;
	s->pulses++;
	return s->answer;
}

/* Frames 10 us apart from 0 on: what is told, as letters, and how many frames go on between. */
static const char *
run(struct gate *g, char *text, int frames)
{
	char *p = text;

	for (int i = 0; i < frames; i++) {
		int event;

		while ((event = gate_next(g, i * 10)) > 0)
			*p++ = event == GATE_BEGIN ? 'B' : 'E';
		assert_int_equal(event, 0);
		if (gate_lets(g, i * 10))
			*p++ = '.';
	}
	*p = '\0';
	return text;
}

static void
each_edge_has_its_window_and_no_other_frame_goes_on(void **state)
{
	struct hal_trigger t = {.at_us = {35, 200}, .n = 2};
	struct gate g = {.trigger = &t, .window_us = 30};
	char text[200];

	(void)state;
	assert_string_equal(run(&g, text, 40), "B...EB...E");
	assert_true(g.triggers == 2 && !g.inside);
}

static void
a_vehicle_close_behind_ends_the_one_before(void **state)
{
	struct hal_trigger t = {.at_us = {35, 55, 56}, .n = 3};
	struct gate g = {.trigger = &t, .window_us = 50};
	char text[200];

	(void)state;
	assert_string_equal(run(&g, text, 40), "B..EBEB.....E");
	assert_true(g.triggers == 3);
}

/* Edges that waited while capture was started again: each is a vehicle, though its frames are gone. */
static void
what_is_long_over_is_still_told(void **state)
{
	struct hal_trigger t = {.at_us = {1, 2, 3}, .n = 3, .lost = {0, 0, 4}};
	struct gate g = {.trigger = &t, .window_us = 5};
	int begun = 0, event;

	(void)state;
	while ((event = gate_next(&g, 1000)) > 0)
		begun += event == GATE_BEGIN;
	assert_int_equal(begun, 3);
	assert_true(g.triggers == 3 && g.lost == 4 && !g.inside && !gate_lets(&g, 1000));
}

static void
without_a_trigger_all_go_on(void **state)
{
	struct gate g = {.trigger = NULL};

	(void)state;
	assert_int_equal(gate_next(&g, 1000), 0);
	assert_int_equal(gate_lets(&g, 1000), 1);
}

static void
a_trigger_that_is_gone_is_an_error(void **state)
{
	struct hal_trigger t = {.broken = 1};
	struct gate g = {.trigger = &t};

	(void)state;
	assert_int_equal(gate_next(&g, 1000), -EIO);
}

static void
the_next_exposure_that_can_be_lit_is_lit(void **state)
{
	struct hal_strobe s = {.answer = 0};
	struct flash f = {.strobe = &s, .period_us = 40000, .lead_us = 100, .longest_us = 5000};
	const struct frame frame = {.at_us = 1000000, .exposure_us = 800};

	(void)state;
	flash_plan(&f, &frame, 1012000);
	assert_int_equal(flash_work(&f, 1012000, 22000), 0);
	assert_int_equal(s.pulses, 0); /* not due for another while */
	assert_int_equal(flash_work(&f, 1030000, 22000), 0);
	assert_true(s.pulses == 1 && s.at_us == 1039900 && s.length_us == 1000 && f.pulses == 1 &&
		    f.missed == 0);
	assert_int_equal(flash_work(&f, 1050000, 22000), 0);
	assert_int_equal(s.pulses, 1); /* once for each frame */
	/* A frame that comes more than two periods late: two exposures stay dark. */
	flash_plan(&f, &frame, 1085000);
	assert_int_equal(flash_work(&f, 1100000, 22000), 0);
	assert_true(s.at_us == 1119900 && f.missed == 2);
}

static void
the_lamp_is_spared_and_nothing_is_guessed(void **state)
{
	struct hal_strobe s = {.answer = -ETIME};
	struct flash f = {.strobe = &s, .period_us = 40000, .lead_us = 100, .longest_us = 500};
	struct frame frame = {.at_us = 1000000, .exposure_us = 20000};

	(void)state;
	flash_plan(&f, &frame, 1001000);
	assert_int_equal(flash_work(&f, 1030000, 22000), 0);
	assert_true(s.length_us == 500 && f.missed == 1 && f.pulses == 0);
	frame.exposure_us = 0; /* not known */
	flash_plan(&f, &frame, 1041000);
	assert_int_equal(flash_work(&f, 1070000, 22000), 0);
	assert_int_equal(s.pulses, 1);
	s.answer = -EIO;
	f.exposure_us = 100; /* but it was wished for */
	flash_plan(&f, &frame, 1041000);
	assert_int_equal(flash_work(&f, 1070000, 22000), -EIO);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_edge_has_its_window_and_no_other_frame_goes_on),
	    cmocka_unit_test(a_vehicle_close_behind_ends_the_one_before),
	    cmocka_unit_test(what_is_long_over_is_still_told),
	    cmocka_unit_test(without_a_trigger_all_go_on),
	    cmocka_unit_test(a_trigger_that_is_gone_is_an_error),
	    cmocka_unit_test(the_next_exposure_that_can_be_lit_is_lit),
	    cmocka_unit_test(the_lamp_is_spared_and_nothing_is_guessed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
