/*
 * warden/rooms.h - starts, watches, restarts and stops the rooms; never waits.
 *
 * Each call of rooms_step() does what is due and says when to come again. Opening
 * goes against the data (uplink first), closing with it (capture first), so
 * that nobody ever speaks to a room that is not there.
 */
#ifndef WARDEN_ROOMS_H
#define WARDEN_ROOMS_H

#include "warden/house.h"

void rooms_init(struct house *h);

/* Takes what the room has told, at most until it is read up. A room that talks nonsense is ended. */
void rooms_listen(struct house *h, enum room room);

/* Takes the exit status of every room that has ended. */
void rooms_reap(struct house *h, int64_t now_us);

/* Begins to close; asking twice changes nothing. */
void rooms_close(struct house *h, const char *why);

/* Returns when to call again, monotonic microseconds, or -1 when every room is gone. */
int64_t rooms_step(struct house *h, int64_t now_us);

#endif
