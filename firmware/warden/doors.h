/*
 * warden/doors.h - makes the pipes of the wiring list.
 */
#ifndef WARDEN_DOORS_H
#define WARDEN_DOORS_H

#include "warden/house.h"

/*
 * Makes every pipe and keeps both ends, so that the next instance of a room gets
 * the pipe of the one that died with all that still lies in it.
 * Returns 0 or -errno, having said what the kernel refuses.
 */
int doors_open(struct house *h) MUST_CHECK;

#endif
