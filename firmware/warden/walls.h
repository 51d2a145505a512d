/*
 * warden/walls.h - the walls that a room cannot put up itself: its user, its namespaces, its limits.
 *
 * walls_plan once, walls_enter in each child before exec. What the room closes by
 * itself afterwards is in base/lock.h.
 */
#ifndef WARDEN_WALLS_H
#define WARDEN_WALLS_H

#include <sys/types.h>

#include "warden/wiring.h"

enum spaces {
	SPACES_NONE,     /* rooms stay in the namespaces of the warden */
	SPACES_DIRECT,   /* made with the warden's rights */
	SPACES_OF_USER,  /* made inside a user namespace of the room's own */
};

/*
 * Processes and threads of a room; those that need none lower it to 0 (syscalls.def). The kernel counts by user, and where a room
 * has no user namespace of its own the same room of every unit on the machine is the same user: then it is for all of them together.
 */
enum {
	WALLS_PROCESSES_MAX = CONFIG(HAL_CAMERA_LIBCAMERA) ? 64 : 8,
	WALLS_UNITS_MAX = 16, /* side by side on one machine */
};

struct walls {
	int own_uids;        /* each room runs as CONFIG_HARDEN_UID_FIRST + room */
	enum spaces spaces;
	int uids_error, spaces_error; /* why not, -errno; 0: the board does without, or nothing is lacking */
};

/*
 * Finds out what this process may do, by trying. Returns 0, or -errno when something
 * the board wants does not work although this process has the right to it.
 */
int walls_plan(struct walls *w) MUST_CHECK;

/* A warning for each wall that is weaker than the board wants because of who started laneseald. */
void walls_say_weaker(const struct walls *w);

/* The same, handed on. `text` is the callee's only during the call. */
void walls_weaker(const struct walls *w, void (*say)(void *to, const char *text), void *to);

/* The user and group of a room; -1 (as uid_t) when it is the warden's own. */
uid_t walls_uid(const struct walls *w, enum room room);

/* In the child that will be the room, after everything is opened. with_network: it keeps the machine's. Returns 0 or -errno. */
int walls_enter(const struct walls *w, enum room room, int with_network) MUST_CHECK;

#endif
