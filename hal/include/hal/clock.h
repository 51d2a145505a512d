/*
 * hal/clock.h - what time it is, how far that may be trusted, and where it comes from.
 *
 * open -> read ... read. One thread. Nothing to close.
 */
#ifndef HAL_CLOCK_H
#define HAL_CLOCK_H

#include "base/base.h"

struct hal_clock_state {
	int64_t utc_us;      /* microseconds since 1970; somebody may set it to anything */
	int64_t running_us;  /* since the machine started, sleep included; nobody can set it */
	uint8_t quality;     /* as enum clock_quality of record/entry.h: 1 free, 2 synchronised, 3 holdover */
	uint8_t source;      /* as enum clock_source there */
	uint32_t error_ms;   /* the kernel's estimate of the largest error, see adjtimex(2) */
	uint32_t holdover_s; /* with holdover: since a read last found the clock synchronised; else 0 */
};

/* Finds out where the time came from when the machine started. Before the room is closed in: it reads a file. */
void hal_clock_open(void);

/*
 * Whether the clock was ever synchronised is known from reading it: read it from time to time.
 * 0, or -errno: the kernel does not answer.
 */
int hal_clock_read(struct hal_clock_state *state) MUST_CHECK;

#endif
