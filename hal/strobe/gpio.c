/*
 * A line of the kernel's GPIO character device as strobe.
 */
#include <errno.h>
#include <linux/gpio.h>
#include <sys/ioctl.h>

#include "line.h"

int
strobe_line_wanted(void)
{
	return 1;
}

int
strobe_line_set(int fd, int lit)
{
	struct gpio_v2_line_values values = {.bits = lit ? 1 : 0, .mask = 1};

	return ioctl(fd, GPIO_V2_LINE_SET_VALUES_IOCTL, &values) < 0 ? -EIO : 0;
}
