/*
 * A line of the kernel's GPIO character device as trigger: each read(2) gives one edge with the time
 * the kernel saw it. The warden asked for the line, with its edge and debounce; a line keeps its edges
 * while capture is started again, so none is lost with it.
 */
#include <errno.h>
#include <linux/gpio.h>
#include <string.h>
#include <unistd.h>

#include "hal/trigger.h"

struct hal_trigger {
	int open, fd;
	uint32_t debounce_us;
	uint32_t sequence; /* of the last edge; the kernel begins with 1 */
	int64_t last_us;
	int waiting; /* `next` was read but its time had not come */
	struct hal_trigger_edge next;
};

static struct hal_trigger the_trigger;

int
hal_trigger_open(struct hal_trigger **out, const struct hal_trigger_wish *wish)
{
	struct hal_trigger *t = &the_trigger;

	CHECK(!t->open);
	if (wish->fd < 0)
		return -EINVAL;
	*t = (struct hal_trigger){.open = 1, .fd = wish->fd, .debounce_us = wish->debounce_us};
	*out = t;
	return 0;
}

/* 1, 0 when the line has told all, or -EIO. */
static int
read_edge(struct hal_trigger *t)
{
	struct gpio_v2_line_event event;
	ssize_t n = read(t->fd, &event, sizeof(event));

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -EIO;
	if (n != (ssize_t)sizeof(event) || event.line_seqno == t->sequence)
		return -EIO;
	/* A debounced edge is told when the level has been quiet for that long: the change itself was earlier. */
	t->next.at_us = (int64_t)(event.timestamp_ns / 1000) - t->debounce_us;
	if (t->next.at_us < t->last_us)
		t->next.at_us = t->last_us;
	/* The kernel dropped its oldest when 256 waited. What a capture before this one has taken is not lost. */
	t->next.lost = t->sequence == 0 ? 0 : event.line_seqno - t->sequence - 1;
	t->sequence = event.line_seqno;
	t->last_us = t->next.at_us;
	return 1;
}

int
hal_trigger_next(struct hal_trigger *t, int64_t until_us, struct hal_trigger_edge *edge)
{
	if (!t->waiting) {
		int got = read_edge(t);

		if (got <= 0)
			return got;
		t->waiting = 1;
	}
	if (t->next.at_us > until_us)
		return 0;
	*edge = t->next;
	t->waiting = 0;
	return 1;
}

void
hal_trigger_close(struct hal_trigger *t)
{
	if (t)
		memset(t, 0, sizeof(*t));
}
