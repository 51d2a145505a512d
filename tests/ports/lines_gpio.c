/*
 * What the warden asks the kernel for, word by word; the test plays the chip.
 */
#include "cm.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/gpio.h>
#include <stdarg.h>
#include <string.h>

#include "hal/lines.h"

enum { CHIP_FD = 700, LINE_FD = 701 };

int __wrap_open(const char *path, int flags, ...);
int __wrap_ioctl(int fd, unsigned long request, ...);
int __wrap_fcntl(int fd, int command, ...);
int __wrap_close(int fd);

static struct {
	const char *path;
	int open_errno, line_errno, chip_open, line_open, not_waiting;
	struct gpio_v2_line_request asked;
} kernel;

int
__wrap_open(const char *path, int flags, ...)
{
	assert_true((flags & O_CLOEXEC) != 0);
	assert_string_equal(path, kernel.path);
	errno = kernel.open_errno;
	if (errno)
		return -1;
	kernel.chip_open++;
	return CHIP_FD;
}

int
__wrap_ioctl(int fd, unsigned long request, ...)
{
	struct gpio_v2_line_request *asked;
	va_list args;

	va_start(args, request);
	asked = va_arg(args, struct gpio_v2_line_request *);
	va_end(args);
	assert_int_equal(fd, CHIP_FD);
	assert_true(request == GPIO_V2_GET_LINE_IOCTL);
	kernel.asked = *asked;
	errno = kernel.line_errno;
	if (errno)
		return -1;
	asked->fd = LINE_FD;
	kernel.line_open++;
	return 0;
}

int
__wrap_fcntl(int fd, int command, ...)
{
	assert_int_equal(fd, LINE_FD);
	assert_int_equal(command, F_SETFL);
	kernel.not_waiting = 1;
	return 0;
}

int
__wrap_close(int fd)
{
	assert_int_equal(fd, CHIP_FD);
	kernel.chip_open--;
	return 0;
}

static void
an_input_has_its_edge_and_its_debounce(void **state)
{
	struct hal_line_wish wish = {.name = "gpiochip3:17", .debounce_us = 2500};

	(void)state;
	memset(&kernel, 0, sizeof(kernel));
	kernel.path = "/dev/gpiochip3";
	assert_int_equal(hal_line_request(&wish), LINE_FD);
	assert_int_equal(kernel.asked.num_lines, 1);
	assert_int_equal(kernel.asked.offsets[0], 17);
	assert_string_equal(kernel.asked.consumer, "laneseal");
	assert_int_equal(kernel.asked.config.flags, GPIO_V2_LINE_FLAG_INPUT | GPIO_V2_LINE_FLAG_EDGE_RISING);
	assert_int_equal(kernel.asked.config.num_attrs, 1);
	assert_int_equal(kernel.asked.config.attrs[0].mask, 1);
	assert_int_equal(kernel.asked.config.attrs[0].attr.id, GPIO_V2_LINE_ATTR_ID_DEBOUNCE);
	assert_int_equal(kernel.asked.config.attrs[0].attr.debounce_period_us, 2500);
	assert_true(kernel.not_waiting && kernel.chip_open == 0);
	wish.falling = 1;
	wish.debounce_us = 0;
	assert_int_equal(hal_line_request(&wish), LINE_FD);
	assert_int_equal(kernel.asked.config.flags, GPIO_V2_LINE_FLAG_INPUT | GPIO_V2_LINE_FLAG_EDGE_FALLING);
	assert_int_equal(kernel.asked.config.num_attrs, 0);
}

static void
an_output_is_low_and_tells_no_edges(void **state)
{
	const struct hal_line_wish wish = {.name = "gpiochip0:1", .output = 1, .debounce_us = 5};

	(void)state;
	memset(&kernel, 0, sizeof(kernel));
	kernel.path = "/dev/gpiochip0";
	assert_int_equal(hal_line_request(&wish), LINE_FD);
	assert_int_equal(kernel.asked.config.flags, GPIO_V2_LINE_FLAG_OUTPUT);
	assert_int_equal(kernel.asked.config.num_attrs, 0);
}

static void
what_the_kernel_refuses_is_said(void **state)
{
	const struct hal_line_wish wish = {.name = "gpiochip0:1"};

	(void)state;
	memset(&kernel, 0, sizeof(kernel));
	kernel.path = "/dev/gpiochip0";
	kernel.line_errno = EBUSY;
	assert_int_equal(hal_line_request(&wish), -EBUSY);
	assert_int_equal(kernel.chip_open, 0);
	kernel.open_errno = ENOENT;
	assert_int_equal(hal_line_request(&wish), -ENOENT);
}

static void
only_a_chip_and_a_number_is_a_line(void **state)
{
	static const char *const bad[] = {"",
					  "none",
					  "gpiochip",
					  "gpiochip0",
					  "gpiochip0:",
					  "gpiochip:1",
					  "gpiochip0:1x",
					  "gpiochip0/../x:1",
					  "/dev/gpiochip0:1",
					  "gpiochip0:-1",
					  "gpiochip00000:1",
					  "gpiochip0:12345"};
	struct hal_line_wish wish = {.name = "gpiochip12:1023"};

	(void)state;
	assert_int_equal(hal_line_good_name(wish.name), 1);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(hal_line_good_name(bad[i]), 0);
		wish.name = bad[i];
		assert_int_equal(hal_line_request(&wish), -EINVAL);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_input_has_its_edge_and_its_debounce),
	    cmocka_unit_test(an_output_is_low_and_tells_no_edges),
	    cmocka_unit_test(what_the_kernel_refuses_is_said),
	    cmocka_unit_test(only_a_chip_and_a_number_is_a_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
