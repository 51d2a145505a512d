/*
 * The GPIO strobe: the test plays the kernel's ioctl(2).
 */
#include <errno.h>
#include <linux/gpio.h>
#include <stdarg.h>

#include "strobe_port.h"

enum { LINE_FD = 700 };

int __wrap_ioctl(int fd, unsigned long request, ...);

static struct {
	int lit, broken;
	int64_t lit_us, length_us;
} line;

int
__wrap_ioctl(int fd, unsigned long request, ...)
{
	const struct gpio_v2_line_values *values;
	va_list args;

	va_start(args, request);
	values = va_arg(args, const struct gpio_v2_line_values *);
	va_end(args);
	assert_int_equal(fd, LINE_FD);
	assert_true(request == GPIO_V2_LINE_SET_VALUES_IOCTL);
	assert_true(values->mask == 1 && values->bits <= 1);
	if (line.broken) {
		errno = ENODEV;
		return -1;
	}
	if (values->bits && !line.lit)
		line.lit_us = port_now();
	if (!values->bits && line.lit)
		line.length_us = port_now() - line.lit_us;
	line.lit = (int)values->bits;
	return 0;
}

int
port_line(void)
{
	return LINE_FD;
}

int
port_looks(int *lit, int64_t *lit_us, int64_t *length_us)
{
	*lit = line.lit;
	*lit_us = line.lit_us;
	*length_us = line.length_us;
	return 1;
}

static void
a_lamp_that_was_left_lit_goes_dark(void **state)
{
	struct hal_strobe *s;

	(void)state;
	line.lit = 1;
	assert_int_equal(hal_strobe_open(&s, LINE_FD), 0);
	assert_int_equal(line.lit, 0);
	line.lit = 1;
	hal_strobe_close(s);
	assert_int_equal(line.lit, 0);
}

static void
a_line_that_does_not_answer_is_an_error(void **state)
{
	struct hal_strobe *s;

	(void)state;
	assert_int_equal(hal_strobe_open(&s, -1), -EINVAL);
	assert_int_equal(hal_strobe_open(&s, LINE_FD), 0);
	line.broken = 1;
	assert_int_equal(hal_strobe_pulse(s, port_now() + 100, 100), -EIO);
	hal_strobe_close(s);
	assert_int_equal(hal_strobe_open(&s, LINE_FD), -EIO);
	line.broken = 0;
}

int
port_own_tests(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_lamp_that_was_left_lit_goes_dark),
	    cmocka_unit_test(a_line_that_does_not_answer_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
