/*
 * The progress bar: nothing at all when stderr is a file or a pipe.
 */
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "progress.h"

enum { BAR_CELLS = 30, REDRAW_MS = 100 };

static int shown;

void
progress_show(const char *what, size_t done, size_t of)
{
	static int64_t last_ms;
	int64_t now = clock_ms(CLOCK_MONOTONIC);
	size_t cells = of ? done * BAR_CELLS / of : 0;

	if (of == 0 || now - last_ms < REDRAW_MS || !isatty(STDERR_FILENO))
		return;
	last_ms = now;
	shown = 1;
	(void)fprintf(stderr, "\r  %-9s [", what);
	for (size_t i = 0; i < BAR_CELLS; i++)
		(void)fputc(i < cells ? '#' : ' ', stderr);
	(void)fprintf(stderr, "] %zu of %zu ", done, of);
	(void)fflush(stderr);
}

void
progress_clear(void)
{
	if (shown)
		(void)fprintf(stderr, "\r\033[K");
	shown = 0;
}
