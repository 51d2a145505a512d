/*
 * hal/strobe.h, kept by every strobe: lit at its time for its length, not when it is too late, dark at the end. The clock is
 * played here: it moves when somebody sleeps, and a little when it is read.
 */
#include <errno.h>
#include <time.h>

#include "strobe_port.h"

int __wrap_clock_gettime(clockid_t clock, struct timespec *t);
int __wrap_clock_nanosleep(clockid_t clock, int flags, const struct timespec *wish, struct timespec *left);

static int64_t clock_us = 5000000;
static int interrupted;

int64_t
port_now(void)
{
	return clock_us;
}

int
__wrap_clock_gettime(clockid_t clock, struct timespec *t)
{
	(void)clock;
	clock_us++;
	*t = (struct timespec){.tv_sec = clock_us / 1000000, .tv_nsec = clock_us % 1000000 * 1000};
	return 0;
}

/* Every other sleep is cut short by a signal. */
int
__wrap_clock_nanosleep(clockid_t clock, int flags, const struct timespec *wish, struct timespec *left)
{
	int64_t us = wish->tv_sec * (int64_t)1000000 + wish->tv_nsec / 1000;

	assert_int_equal(clock, CLOCK_MONOTONIC);
	assert_int_equal(flags, 0);
	assert_null(left);
	interrupted = !interrupted;
	clock_us += interrupted ? us / 2 : us;
	return interrupted ? EINTR : 0;
}

static void
lit_at_its_time_for_its_length(void **state)
{
	int64_t lit_us, length_us;
	struct hal_strobe *s;
	int lit;

	(void)state;
	assert_int_equal(hal_strobe_open(&s, port_line()), 0);
	for (int i = 0; i < 50; i++) {
		int64_t at = port_now() + 1000 + 137 * i;
		uint32_t length = 20 + 30 * (uint32_t)i;

		assert_int_equal(hal_strobe_pulse(s, at, length), 0);
		assert_in_range(port_now(), at + length, at + length + 20);
		if (!port_looks(&lit, &lit_us, &length_us))
			continue;
		assert_int_equal(lit, 0);
		assert_in_range(lit_us, at, at + 10);
		assert_in_range(length_us, length, length + 10);
	}
	hal_strobe_close(s);
}

static void
what_is_too_late_is_not_lit(void **state)
{
	int64_t before_us = 0, lit_us = 0, length_us;
	struct hal_strobe *s;
	int lit, looks;

	(void)state;
	assert_int_equal(hal_strobe_open(&s, port_line()), 0);
	looks = port_looks(&lit, &before_us, &length_us);
	assert_int_equal(hal_strobe_pulse(s, port_now() - HAL_STROBE_LATE_US - 10, 100), -ETIME);
	if (looks)
		assert_int_equal(port_looks(&lit, &lit_us, &length_us), 1);
	assert_true(lit_us == (looks ? before_us : 0));
	assert_int_equal(hal_strobe_pulse(s, port_now() - HAL_STROBE_LATE_US / 2, 100), 0);
	hal_strobe_close(s);
	hal_strobe_close(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lit_at_its_time_for_its_length),
	    cmocka_unit_test(what_is_too_late_is_not_lit),
	};
	int bad = cmocka_run_group_tests(tests, NULL, NULL);

	return bad + port_own_tests();
}
