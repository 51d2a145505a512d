/*
 * Keeps the time of pulses, for both strobes.
 */
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "hal/strobe.h"
#include "line.h"

struct hal_strobe {
	int open, fd;
};

static struct hal_strobe the_strobe;

int
hal_strobe_open(struct hal_strobe **out, int fd)
{
	struct hal_strobe *s = &the_strobe;

	CHECK(!s->open);
	if (fd < 0 && strobe_line_wanted())
		return -EINVAL;
	/* The one before may have been killed while it was lit. */
	if (strobe_line_set(fd, 0) < 0)
		return -EIO;
	*s = (struct hal_strobe){.open = 1, .fd = fd};
	*out = s;
	return 0;
}

/* From now, and again when a signal came between. */
static void
wait_until(int64_t at_us)
{
	for (int64_t left; (left = at_us - clock_us(CLOCK_MONOTONIC)) > 0;) {
		struct timespec pause = {.tv_sec = left / 1000000, .tv_nsec = left % 1000000 * 1000};

		(void)clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
	}
}

int
hal_strobe_pulse(struct hal_strobe *s, int64_t at_us, uint32_t length_us)
{
	int err;

	if (clock_us(CLOCK_MONOTONIC) > at_us + HAL_STROBE_LATE_US)
		return -ETIME;
	wait_until(at_us);
	err = strobe_line_set(s->fd, 1);
	if (err == 0)
		wait_until(clock_us(CLOCK_MONOTONIC) + length_us);
	return strobe_line_set(s->fd, 0) < 0 ? -EIO : err;
}

void
hal_strobe_close(struct hal_strobe *s)
{
	if (s == NULL)
		return;
	(void)strobe_line_set(s->fd, 0);
	memset(s, 0, sizeof(*s));
}
