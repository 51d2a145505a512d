/*
 * hal/trigger.h - tells when a vehicle comes: a light barrier, an induction loop, a radar's contact.
 *
 * open -> next ... next -> close. One thread. Never waits.
 * A unit without a trigger does not open one: then locate tells vehicles from what it sees.
 */
#ifndef HAL_TRIGGER_H
#define HAL_TRIGGER_H

#include "base/base.h"

struct hal_trigger;

struct hal_trigger_wish {
	const char *name;     /* simulated: "simulated:every=MS[,first=MS][,bounce=N]" or "simulated:lane" */
	int fd;               /* GPIO: the line (hal/lines.h); stays the caller's. -1 with a simulated one */
	uint32_t debounce_us; /* edges closer together than this are one */
};

struct hal_trigger_edge {
	int64_t at_us; /* when the line changed, CLOCK_MONOTONIC microseconds; never before the last one's */
	uint32_t lost; /* edges between the last one and this that nobody can tell any more */
};

/*
 * One trigger a process. Returns 0 and sets *t, or
 *   -EINVAL   the name says nothing that this port knows, or there is no line
 */
int hal_trigger_open(struct hal_trigger **t, const struct hal_trigger_wish *wish) MUST_CHECK;

/*
 * The oldest edge that is not later than until_us.
 *   1         *edge is set
 *   0         there is none yet; an hour of this is no fault
 *   -EIO      the line is gone or speaks nonsense; open it again
 * A later edge is kept for a later call, so that edges and frames can be put in order.
 */
int hal_trigger_next(struct hal_trigger *t, int64_t until_us, struct hal_trigger_edge *edge) MUST_CHECK;

/* NULL is harmless. */
void hal_trigger_close(struct hal_trigger *t);

#endif
