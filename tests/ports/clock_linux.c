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
	    cmocka_unit_test(free_then_synchronised_then_holding_over),
	    cmocka_unit_test(a_kernel_that_does_not_answer_is_an_error),
	    cmocka_unit_test(the_time_is_the_wall_clock_in_microseconds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
