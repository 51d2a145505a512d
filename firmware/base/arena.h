/*
 * base/arena.h - a room's fixed memory for libraries.
 *
 * Our own code in capture, locate and seal does not allocate after start; the
 * libraries it stands on do (OpenSSL for each key agreement, libjpeg for each
 * picture). Linking arena.c gives such a room malloc(3) over one fixed, locked
 * region: nothing is asked of the kernel after start, everything freed is wiped,
 * and when it is full the room ends. ARENA_KIB comes from the room's build.mk.
 * Left out of sanitizer builds, which bring their own malloc.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/base.h"

size_t arena_used(void);
size_t arena_peak(void);

#endif
