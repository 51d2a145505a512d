/*
 * Simulated triggers, in the frames' own time: one edge every so often, with contacts that bounce if wished,
 * or a light barrier across the drawn lane (the camera "synthetic:" tells when a vehicle drives into it).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../camera/barrier.h"
#include "hal/trigger.h"

enum { BOUNCE_US = 200, FIRST_MS = 1000, MOST_MS = 86400000, BOUNCES_MOST = 100 };

struct hal_trigger {
	int open, lane, started;
	int64_t every_us, first_us, start_us;
	uint32_t debounce_us, bounces, bounce; /* bounce: which of this contact's edges is next */
	uint64_t contact;                      /* how many there were before */
	int64_t raw_us;                        /* the last raw edge; 0: none */
	int64_t waiting_us; /* lane: a crossing that was taken but whose time had not come; 0: none */
};

static struct hal_trigger the_trigger;

/* "key=NUMBER" at *text, up to a comma or the end; moves on. -1: not so, or too large. */
static int64_t
take_number(const char **text, const char *key, int64_t most)
{
	size_t n = strlen(key);
	char *end;
	long long value;

	if (strncmp(*text, key, n) != 0 || strspn(*text + n, "0123456789") == 0)
		return -1;
	value = strtoll(*text + n, &end, 10);
	if ((*end != '\0' && (*end != ',' || end[1] == '\0')) || value > most)
		return -1;
	*text = *end ? end + 1 : end;
	return value;
}

static int
parse(struct hal_trigger *t, const char *text)
{
	int64_t value = take_number(&text, "every=", MOST_MS);

	t->every_us = value * 1000;
	t->first_us = FIRST_MS * 1000;
	if (value < 1)
		return -EINVAL;
	if (strncmp(text, "first=", 6) == 0) {
		value = take_number(&text, "first=", MOST_MS);
		if (value < 0)
			return -EINVAL;
		t->first_us = value * 1000;
	}
	if (strncmp(text, "bounce=", 7) == 0) {
		value = take_number(&text, "bounce=", BOUNCES_MOST);
		if (value < 0)
			return -EINVAL;
		t->bounces = (uint32_t)value;
	}
	return *text == '\0' && t->every_us > (int64_t)t->bounces * BOUNCE_US ? 0 : -EINVAL;
}

int
hal_trigger_open(struct hal_trigger **out, const struct hal_trigger_wish *wish)
{
	struct hal_trigger *t = &the_trigger;
	int err;

	CHECK(!t->open);
	if (strncmp(wish->name, "simulated:", 10) != 0)
		return -EINVAL;
	memset(t, 0, sizeof(*t));
	t->debounce_us = wish->debounce_us;
	t->lane = strcmp(wish->name + 10, "lane") == 0;
	err = t->lane ? 0 : parse(t, wish->name + 10);
	if (err < 0)
		return err;
	t->open = 1;
	*out = t;
	return 0;
}

/* The next raw edge not later than until_us; 0: none. */
static int64_t
raw_edge(struct hal_trigger *t, int64_t until_us)
{
	int64_t at_us;

	if (t->lane) {
		if (t->waiting_us == 0)
			t->waiting_us = barrier_take();
		at_us = t->waiting_us;
		if (at_us == 0 || at_us > until_us)
			return 0;
		t->waiting_us = 0;
		return at_us;
	}
	at_us =
	    t->start_us + t->first_us + (int64_t)t->contact * t->every_us + (int64_t)t->bounce * BOUNCE_US;
	if (at_us > until_us)
		return 0;
	if (t->bounce++ == t->bounces) {
		t->bounce = 0;
		t->contact++;
	}
	return at_us;
}

int
hal_trigger_next(struct hal_trigger *t, int64_t until_us, struct hal_trigger_edge *edge)
{
	int64_t at_us;

	if (!t->started) {
		t->started = 1;
		t->start_us = until_us;
	}
	while ((at_us = raw_edge(t, until_us)) != 0) {
		int again = t->raw_us != 0 && at_us - t->raw_us < t->debounce_us;

		t->raw_us = at_us;
		if (again)
			continue;
		*edge = (struct hal_trigger_edge){.at_us = at_us};
		return 1;
	}
	return 0;
}

void
hal_trigger_close(struct hal_trigger *t)
{
	if (t)
		memset(t, 0, sizeof(*t));
}
