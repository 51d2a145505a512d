/*
 * init/newest.h - the highest rollback index that was ever found good here.
 *
 * It lies in the data partition and is only raised, so that a unit which fell back does not take what is older than the release it fell back
 * from. A data partition that was made anew has forgotten it; then the index of what runs counts alone.
 */
#ifndef INIT_NEWEST_H
#define INIT_NEWEST_H

#include "base/base.h"

/* 0: none is known. A file that cannot be read is said, and as good as none. */
unsigned long newest_read(const char *folder) MUST_CHECK;

/* Remembers this one, unless a higher one is known. A disk that does not take it is said. */
void newest_raise(const char *folder, unsigned long rollback);

#endif
