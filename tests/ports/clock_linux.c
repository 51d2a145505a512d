/*
 * What the clock port makes of what the kernel says: adjtimex(2) is played here.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/timex.h>
#include <time.h>

#include <cmocka.h>

#include "hal/clock.h"
#include "record/entry.h"

int __wrap_adjtimex(struct timex *t);
int __real_clock_gettime(clockid_t clock, struct timespec *t);
int __wrap_clock_gettime(clockid_t clock, struct timespec *t);

static int running_ahead_s;

int
__wrap_clock_gettime(clockid_t clock, struct timespec *t)
{
	int err = __real_clock_gettime(clock, t);

	if (clock == CLOCK_BOOTTIME)
		t->tv_sec += running_ahead_s;
	return err;
}

static struct {
	int answer, status;
	long maxerror;
} kernel;

int
__wrap_adjtimex(struct timex *t)
{
	assert_int_equal(t->modes, 0); /* it only ever asks */
	if (kernel.answer < 0) {
		errno = -kernel.answer;
		return -1;
	}
	t->status = kernel.status;
	t->maxerror = kernel.maxerror;
	return kernel.answer;
}

static uint8_t
quality(int answer, int status, long maxerror, uint32_t error_ms)
{
	struct hal_clock_state s;

	kernel.answer = answer;
	kernel.status = status;
	kernel.maxerror = maxerror;
	assert_int_equal(hal_clock_read(&s), 0);
	assert_int_equal(s.error_ms, error_ms);
	return s.quality;
}

static void
free_then_synchronised_then_holding_over(void **state)
{
	(void)state;
	assert_int_equal(quality(TIME_ERROR, STA_UNSYNC, 16000000, 16000), CLOCK_FREE);
	assert_int_equal(quality(TIME_OK, 0, 1, 1), CLOCK_SYNCED);
	assert_int_equal(quality(TIME_OK, STA_PLL, 2001, 3), CLOCK_SYNCED);
	assert_int_equal(quality(TIME_INS, 0, 0, 0), CLOCK_SYNCED);
	assert_int_equal(quality(TIME_ERROR, STA_UNSYNC, 500000, 500), CLOCK_HOLDOVER);
	assert_int_equal(quality(TIME_ERROR, 0, -1, UINT32_MAX), CLOCK_HOLDOVER);
}

/* Synchronised is told with its source; then the kernel forgets, and the source is what it was. */
static void
the_source_is_what_the_kernel_knows(void **state)
{
	struct hal_clock_state s;

	(void)state;
	assert_int_equal(quality(TIME_OK, STA_PPSSIGNAL | STA_PLL, 1, 1), CLOCK_SYNCED);
	assert_int_equal(hal_clock_read(&s), 0);
	assert_int_equal(s.source, CLOCK_SOURCE_PULSE);
	assert_int_equal(s.holdover_s, 0);
	assert_int_equal(quality(TIME_OK, STA_PLL, 1, 1), CLOCK_SYNCED);
	assert_int_equal(hal_clock_read(&s), 0);
	assert_int_equal(s.source, CLOCK_SOURCE_DAEMON);
	running_ahead_s = 100;
	assert_int_equal(quality(TIME_ERROR, STA_UNSYNC, 1, 1), CLOCK_HOLDOVER);
	assert_int_equal(hal_clock_read(&s), 0);
	assert_int_equal(s.source, CLOCK_SOURCE_DAEMON);
	assert_in_range(s.holdover_s, 100, 160);
	assert_int_equal(quality(TIME_OK, 0, 1, 1), CLOCK_SYNCED);
	running_ahead_s = 0;
}

static void
before_it_was_ever_synchronised_there_is_no_daemon(void **state)
{
	struct hal_clock_state s;

	(void)state;
	kernel.answer = TIME_ERROR;
	kernel.status = STA_UNSYNC;
	hal_clock_open();
	assert_int_equal(hal_clock_read(&s), 0);
	assert_true(s.source == CLOCK_SOURCE_NONE || s.source == CLOCK_SOURCE_RTC);
	assert_int_equal(s.holdover_s, 0);
	assert_true(s.running_us > 0);
}

static void
a_kernel_that_does_not_answer_is_an_error(void **state)
{
	struct hal_clock_state s;

	(void)state;
	kernel.answer = -EPERM;
	assert_int_equal(hal_clock_read(&s), -EPERM);
}

static void
the_time_is_the_wall_clock_in_microseconds(void **state)
{
	struct hal_clock_state s;
	struct timespec before, after;

	(void)state;
	kernel.answer = TIME_OK;
	assert_int_equal(clock_gettime(CLOCK_REALTIME, &before), 0);
	assert_int_equal(hal_clock_read(&s), 0);
	assert_int_equal(clock_gettime(CLOCK_REALTIME, &after), 0);
	assert_true(s.utc_us >= (int64_t)before.tv_sec * 1000000 + before.tv_nsec / 1000);
	assert_true(s.utc_us <= (int64_t)after.tv_sec * 1000000 + after.tv_nsec / 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(before_it_was_ever_synchronised_there_is_no_daemon),
	    cmocka_unit_test(free_then_synchronised_then_holding_over),
	    cmocka_unit_test(the_source_is_what_the_kernel_knows),
	    cmocka_unit_test(a_kernel_that_does_not_answer_is_an_error),
	    cmocka_unit_test(the_time_is_the_wall_clock_in_microseconds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
