/*
 * init/init.h - the first program of a unit, twice: in the first memory disk it makes the root of verified
 * blocks (root.c), and on that root it is process 1 (unit.c).
 *
 * There is no shell, no login and no getty in the image, and nothing here starts one.
 * When this program ends the kernel panics, and panic= on the command line starts the unit again.
 */
#ifndef INIT_INIT_H
#define INIT_INIT_H

#include "base/base.h"

enum { INIT_PATH_BYTES = 300 };

/* What the image says it is made of: lines of the recipe, in the memory disk. */
#define INIT_MODULES "/modules.list"
#define INIT_VERITY  "/verity"

/* Makes the root and goes over to it; returns only when it could not. */
void init_make_root(void);

/* Runs the unit; returns only when it cannot go on. */
void init_run_unit(void);

/* Mounts the one writable partition at /data, mended if it must be. 0 or -errno; what it did, or could not do, has been said. */
int init_open_data(void) MUST_CHECK;

/* Cameras that are there belong to capture's group from now on. Again and again, since they come and go. */
void init_give_cameras(void);

/* Says how many USB interfaces there are that nothing here drives, whenever that changes. */
void init_look_at_usb(void);

/*
 * The block device of a partition, by its name in the partition table, as /dev/NAME. Waits up to limit_s for it.
 * 0 or -ENODEV.
 */
int init_find_part(char path[INIT_PATH_BYTES], const char *name, unsigned int limit_s) MUST_CHECK;

/* Makes the folder and mounts there; says what failed. 0 or -errno. */
int init_mount(const char *what, const char *at, const char *type, unsigned long flags,
	       const char *options) MUST_CHECK;

/* Runs a program of the image to its end; returns its exit status, or -errno. */
int init_run(const char *const argv[]) MUST_CHECK;

#endif
