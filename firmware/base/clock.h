/*
 * base/clock.h - what one of the kernel's clocks shows, as a number.
 *
 * CLOCK_MONOTONIC to wait by and to measure by. CLOCK_REALTIME may jump: for what people or certificates call the time.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <time.h>

#include "base/base.h"

/* Microseconds. A clock that the kernel does not have is our own mistake: there is no error. */
static inline int64_t
clock_us(clockid_t clock)
{
	struct timespec t;

	CHECK(clock_gettime(clock, &t) == 0);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* Milliseconds, rounded down. */
static inline int64_t
clock_ms(clockid_t clock)
{
	return clock_us(clock) / 1000;
}

#endif
