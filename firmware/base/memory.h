/*
 * base/memory.h - memory that holds pixels or keys: never in swap, in a core file or in another process.
 *
 * memory_lock_all() at the start; memory_hide() for each region that will hold what
 * must not be seen. Wiping is its owner's affair (base/wipe.h).
 */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include "base/base.h"

/*
 * Locks all memory of this process, present and future, as its pages come into use
 * (mlockall). An ordinary user's limit (RLIMIT_MEMLOCK, 8 MiB on Debian) is too small
 * for that; then memory_hide() locks what it is given, as far as the limit goes.
 */
void memory_lock_all(void);

/* Kept out of core files and out of processes started later, and locked. A refusal is counted, not an error. */
void memory_hide(void *p, size_t n);

/* The same for memory that is shared on purpose, which stays out of processes started later altogether. */
void memory_hide_shared(void *p, size_t n);

/*
 * Before the right to lock memory is given up: when the limit is too small for what
 * may be mapped later, only what there is stays locked.
 */
void memory_settle(void);

/* 1 when all memory is locked. */
int memory_is_locked(void);

/* How often the kernel refused to lock memory. */
int64_t memory_refused(void);

/* 0, or -errno when the limit would allow all memory to be locked and the kernel refused all the same. */
int memory_demand(void) MUST_CHECK;

#endif
