/*
 * doors/health/health.h - how the unit is, from the warden to spool, which signs it.
 *
 * The one door by which something comes from above the seal that is not sealed: counts and
 * states from the closed list of record/health.h, nothing else. docs/DOORS.md, "health".
 */
#ifndef DOORS_HEALTH_H
#define DOORS_HEALTH_H

#include "base/base.h"
#include "record/health.h"

enum { HEALTH_TYPE = 1, HEALTH_MESSAGE_BYTES = 8 * HEALTH_COUNT };

/* h->n is HEALTH_COUNT: warden and spool are of one release. The length, or -ENOSPC. */
int health_encode(const struct record_health *h, struct space into) MUST_CHECK;
/* 0, or -EBADMSG: another length. */
int health_decode(struct record_health *h, struct span bytes) MUST_CHECK;

#endif
