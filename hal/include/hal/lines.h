/*
 * hal/lines.h - one line of a GPIO chip: a wire that a sensor drives, or that lights a flash.
 *
 * For the warden. It asks the kernel for the line and hands capture the descriptor of that line
 * alone: a room that was taken over cannot reach the chip's other lines. Closing it gives the line back.
 */
#ifndef HAL_LINES_H
#define HAL_LINES_H

#include "base/base.h"

struct hal_line_wish {
	const char *name; /* "gpiochip0:12": the chip's device in /dev, and the line's number on it */
	int output;       /* 1: it is driven, low at first; 0: its edges are told */
	int falling;      /* input: 1 when the falling edge is the one that counts */
	uint32_t
	    debounce_us; /* input: level changes shorter than this are none; the kernel or the chip sees to it */
};

/* 1 when the text is of that form. */
int hal_line_good_name(const char *name) MUST_CHECK;

/*
 * The line's descriptor, not waiting when read, or
 *   -ENOENT   there is no such chip
 *   -EINVAL   the chip has no such line, or cannot do what is wished
 *   -EBUSY    another program, or a driver, has the line
 *   -errno    what open(2) said
 */
int hal_line_request(const struct hal_line_wish *wish) MUST_CHECK;

#endif
