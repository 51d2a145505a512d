/*
 * tools/laneopen/progress.h - a bar on stderr, when that is a terminal.
 */
#ifndef LANEOPEN_PROGRESS_H
#define LANEOPEN_PROGRESS_H

#include <stddef.h>

/* Draws at most ten times a second. */
void progress_show(const char *what, size_t done, size_t of);
/* Takes the bar away before something else is written. */
void progress_clear(void);

#endif
