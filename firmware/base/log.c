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

void
log_numbers(enum log_level level, const char *event, const struct log_number *numbers, size_t n)
{
	struct line l = {.n = 0};

	put_char(&l, '<');
	put_number(&l, level);
	put_text(&l, ">" PROGRAM_NAME ": ");
	put_text(&l, event);
	for (size_t i = 0; i < n; i++) {
		put_char(&l, ' ');
		put_text(&l, numbers[i].name);
		put_char(&l, '=');
		put_number(&l, numbers[i].value);
	}
	l.text[l.n++] = '\n';
	/* A log that nobody can take is no reason to stop the lane. */
	if (write(STDERR_FILENO, l.text, l.n) < 0)
		return;
}
