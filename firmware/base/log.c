/*
 * base/log.c - composes a line of an event and numbers, and writes it at once.
 *
 * Formats by hand: stdio buffers, locks and may allocate, and this is called
 * after fork and from malloc itself.
 */
#include <unistd.h>

#include "base/log.h"

struct line {
	char text[512];
	size_t n;
};

static void
put_char(struct line *l, char c)
{
	/* The last place is kept for the newline. */
	if (l->n < sizeof(l->text) - 1)
		l->text[l->n++] = c;
}

static void
put_text(struct line *l, const char *s)
{
	for (; *s; s++)
		put_char(l, *s >= ' ' && *s <= '~' ? *s : '?');
}

static void
put_number(struct line *l, int64_t v)
{
	char digits[20];
	size_t n = 0;
	uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;

	do
		digits[n++] = (char)('0' + u % 10);
	while (u /= 10);
	if (v < 0)
		put_char(l, '-');
	while (n > 0)
		put_char(l, digits[--n]);
}

/* Event and numbers as a line, without its newline, for which there is always a place. */
static void
compose(struct line *l, enum log_level level, const char *event, const struct log_number *numbers, size_t n)
{
	put_char(l, '<');
	put_number(l, level);
	put_text(l, ">" PROGRAM_NAME ": ");
	put_text(l, event);
	for (size_t i = 0; i < n; i++) {
		put_char(l, ' ');
		put_text(l, numbers[i].name);
		put_char(l, '=');
		put_number(l, numbers[i].value);
	}
	l->text[l->n++] = '\n';
}

void
log_line(const char *line, size_t n)
{
	static int64_t lost;

	/* A log that nobody can take is no reason to stop the lane. */
	if (lost > 0) {
		const struct log_number lines = {"lines", lost};
		struct line l = {.n = 0};

		compose(&l, LOG_WARN, "log_lines_lost", &lines, 1);
		if (write(STDERR_FILENO, l.text, l.n) >= 0)
			lost = 0;
	}
	if (lost > 0 || write(STDERR_FILENO, line, n) < 0)
		lost++;
}

void
log_numbers(enum log_level level, const char *event, const struct log_number *numbers, size_t n)
{
	struct line l = {.n = 0};

	compose(&l, level, event, numbers, n);
	log_line(l.text, l.n);
}
