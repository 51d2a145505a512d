/*
 * hal/clock.h - what time it is, and how far that may be trusted.
 */
#ifndef HAL_CLOCK_H
#define HAL_CLOCK_H

#include "base/base.h"

struct hal_clock_state {
	int64_t utc_us;    /* microseconds since 1970 */
	uint8_t quality;   /* as enum clock_quality of record/entry.h: 1 free, 2 synchronised, 3 holdover */
	uint32_t error_ms; /* the kernel's estimate of the largest error, see adjtimex(2) */
};

int hal_clock_read(struct hal_clock_state *state) MUST_CHECK;

#endif
