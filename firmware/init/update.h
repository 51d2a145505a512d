/*
 * init/update.h - takes a new firmware from the data partition into the other slot, and judges a new one that was booted.
 *
 * A bundle is laid into the folder "update" of the data partition, on the bench: nothing comes to a unit over its network.
 */
#ifndef INIT_UPDATE_H
#define INIT_UPDATE_H

#include <sys/types.h>

#include "base/base.h"

enum update_answer {
	UPDATE_NONE,    /* there is no bundle */
	UPDATE_REFUSED, /* it was put aside, or removed: it runs already */
	UPDATE_LATER,   /* it could not be looked at: not again before the next start */
	UPDATE_READY,   /* it lies in the other slot, which is the first now: start again */
};

/*
 * Looks for the next bundle and installs it: minutes, so in a child of init. Returns enum update_answer as an exit status.
 */
int update_try(void) MUST_CHECK;

/* 1 when there is a bundle. */
int update_waits(void) MUST_CHECK;

/* The unit does its work: this slot is good from now on. 1: so it is remembered; 0: that could not be read or written now. */
int update_slot_is_good(void) MUST_CHECK;

/* It does not. 1: this slot is given up, and the other will be booted; 0: there is no other, so go on trying. */
int update_give_slot_up(void) MUST_CHECK;

#endif
