/*
 * warden/things.h - opens what rooms hold beside their pipes: memory, folders, files.
 */
#ifndef WARDEN_THINGS_H
#define WARDEN_THINGS_H

#include "warden/house.h"

/*
 * The state folder, before all else: the policy's newest version lies there.
 * Made (0700) when it is not there, and locked: one laneseald a folder.
 * Mistakes are complained about (settings). -EWOULDBLOCK: another one runs there.
 */
int things_open_state(struct house *h) MUST_CHECK;

/* All the others. Mistakes are complained about (settings); returns -errno for a fault of the unit. */
int things_open(struct house *h) MUST_CHECK;

/*
 * A new open file of the thing, with its own position, for one instance of a
 * room; the caller closes it. -ENOENT: this unit does without.
 */
int things_lend(const struct house *h, enum thing thing) MUST_CHECK;

/* A sealed memory of that many bytes; with content it cannot be written any more. A descriptor or -errno. */
int things_fixed_memory(const char *name, size_t bytes, struct span content) MUST_CHECK;

#endif
