/*
 * uplink/pace.h - when the next try is due.
 *
 * After a failure the wait doubles, and a random part of it is taken, so that a
 * thousand units do not all come back in the same second. With a cadence, tries
 * begin at fixed ticks only: who watches the wire learns that the unit is alive,
 * not when vehicles came.
 */
#ifndef UPLINK_PACE_H
#define UPLINK_PACE_H

#include "uplink/destination.h"

enum {
	PACE_FIRST_MS = 1000,
	PACE_LAST_MS = 5 * 60 * 1000,        /* when it may mend itself */
	PACE_PERSON_LAST_MS = 15 * 60 * 1000, /* when a person has to mend something */
};

struct pace {
	int64_t cadence_ms;   /* 0: at once */
	int64_t began_ms;     /* the ticks count from here */
	int64_t wait_ms;      /* the next failure's, before chance */
	int64_t not_before_ms;
};

void pace_init(struct pace *p, int64_t cadence_ms, int64_t now_ms);
/* How a try that ended at now_ms went. `chance` is any random number. */
void pace_tried(struct pace *p, const struct attempt *a, int64_t now_ms, uint32_t chance);
/* Milliseconds until the next try may begin: 0 is now. */
int64_t pace_left_ms(const struct pace *p, int64_t now_ms) MUST_CHECK;

#endif
