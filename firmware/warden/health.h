/*
 * warden/health.h - says how the unit is, so that spool signs it into the chain.
 */
#ifndef WARDEN_HEALTH_H
#define WARDEN_HEALTH_H

#include "warden/house.h"

/*
 * Sends one statement to spool and sets h->health_us, when the next is due. Never waits: what
 * finds the pipe full is left out, since the next one says more.
 */
void health_tell(struct house *h, int64_t now_us);

#endif
