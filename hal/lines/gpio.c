/*
 * The kernel's GPIO character device, second version of its ABI (Linux 5.10), asked directly: two
 * ioctls. libgpiod cannot take over a line that another process asked for, and its two versions in
 * Debian (1.6, 2.2) share no interface.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/gpio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "hal/lines.h"

enum { CHIP_CHARS = 24, EVENTS_KEPT = 256 /* edges that wait while capture is started again */ };

int
hal_line_good_name(const char *name)
{
	static const char digits[] = "0123456789";
	size_t chip, line;

	if (strncmp(name, "gpiochip", 8) != 0)
		return 0;
	chip = strspn(name + 8, digits);
	if (chip < 1 || chip > 4 || name[8 + chip] != ':')
		return 0;
	line = strspn(name + 9 + chip, digits);
	return line >= 1 && line <= 4 && name[9 + chip + line] == '\0';
}

static void
say_wish(struct gpio_v2_line_request *request, const struct hal_line_wish *wish)
{
	const char *colon = strchr(wish->name, ':');

	memset(request, 0, sizeof(*request));
	request->num_lines = 1;
	request->offsets[0] = (uint32_t)strtoul(colon + 1, NULL, 10);
	(void)snprintf(request->consumer, sizeof(request->consumer), "laneseal");
	if (wish->output) {
		request->config.flags = GPIO_V2_LINE_FLAG_OUTPUT; /* without a value for it: low */
		return;
	}
	request->event_buffer_size = EVENTS_KEPT;
	request->config.flags = GPIO_V2_LINE_FLAG_INPUT | (wish->falling ? GPIO_V2_LINE_FLAG_EDGE_FALLING
									 : GPIO_V2_LINE_FLAG_EDGE_RISING);
	if (wish->debounce_us == 0)
		return;
	request->config.num_attrs = 1;
	request->config.attrs[0].mask = 1;
	request->config.attrs[0].attr.id = GPIO_V2_LINE_ATTR_ID_DEBOUNCE;
	request->config.attrs[0].attr.debounce_period_us = wish->debounce_us;
}

int
hal_line_request(const struct hal_line_wish *wish)
{
	struct gpio_v2_line_request request;
	char path[CHIP_CHARS];
	int chip, err = 0;

	if (!hal_line_good_name(wish->name))
		return -EINVAL;
	(void)snprintf(path, sizeof(path), "/dev/%.*s", (int)strcspn(wish->name, ":"), wish->name);
	chip = open(path, O_RDONLY | O_CLOEXEC);
	if (chip < 0)
		return -errno;
	say_wish(&request, wish);
	if (ioctl(chip, GPIO_V2_GET_LINE_IOCTL, &request) < 0)
		err = -errno;
	(void)close(chip);
	if (err < 0)
		return err;
	/* The kernel gives it closing at exec already. */
	if (fcntl(request.fd, F_SETFL, O_NONBLOCK) < 0) {
		err = -errno;
		(void)close(request.fd);
		return err;
	}
	return request.fd;
}
