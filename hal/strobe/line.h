/*
 * hal/strobe/line.h - what is different in the two strobes: how the line is set. strobe.c keeps the time.
 */
#ifndef HAL_STROBE_LINE_H
#define HAL_STROBE_LINE_H

#include "base/base.h"

/* 1 when a strobe of this port needs a descriptor. */
int strobe_line_wanted(void) MUST_CHECK;
/* 0 or -EIO. */
int strobe_line_set(int fd, int lit);

#endif
