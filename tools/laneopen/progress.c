/*
 * The progress bar: nothing at all when stderr is a file or a pipe.
 */
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "progress.h"

enum { BAR_CELLS = 30, REDRAW_MS = 100 };

static int shown;

static long long
now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void
progress_show(const char *what, size_t done, size_t of)
{
	static long long last_ms;
	long long now = now_ms();
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
