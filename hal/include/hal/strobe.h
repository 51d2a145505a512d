/*
 * hal/strobe.h - lights a flash while a frame is exposed.
 *
 * open -> pulse ... pulse -> close. One thread. A unit without a flash does not open one.
 */
#ifndef HAL_STROBE_H
#define HAL_STROBE_H

#include "base/base.h"

struct hal_strobe;

/*
 * fd is the line (hal/lines.h) and stays the caller's; simulated: -1. One strobe a process.
 * It is dark afterwards. 0, -EINVAL: there is no line, or -EIO: it does not answer.
 */
int hal_strobe_open(struct hal_strobe **s, int fd) MUST_CHECK;

enum {
	HAL_STROBE_LATE_US = 200
}; /* a pulse later than this would light another part of the frame than the last one did */

/*
 * Waits until at_us (CLOCK_MONOTONIC microseconds), lights, waits length_us, darkens. It takes until then to return.
 * The scheduler adds what it adds: tens of microseconds on an idle machine, more on a busy one.
 *   0        lit, and dark again
 *   -ETIME   at_us was over HAL_STROBE_LATE_US ago: nothing was lit
 *   -EIO     the line does not answer. It may be lit: close, and let the warden ask for it again
 */
int hal_strobe_pulse(struct hal_strobe *s, int64_t at_us, uint32_t length_us) MUST_CHECK;

/* Dark, whatever was before. NULL is harmless. */
void hal_strobe_close(struct hal_strobe *s);

#endif
