/*
 * warden/spawn.h - starts one room as a process of its own, with what the wiring list gives it and nothing else.
 */
#ifndef WARDEN_SPAWN_H
#define WARDEN_SPAWN_H

#include "warden/house.h"

/* Returns the process id or -errno. A room that cannot be made into what it should be ends at once. */
pid_t spawn_room(const struct house *h, enum room room) MUST_CHECK;

#endif
