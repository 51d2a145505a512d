/*
 * base/io.h - whole reads and writes, and files that survive a power cut.
 */
#ifndef BASE_IO_H
#define BASE_IO_H

#include "base/base.h"

/* Reads until n bytes are there. Returns 0, -EPIPE when the file ends before, or another -errno. */
int io_read_all(int fd, void *p, size_t n) MUST_CHECK;

/* Writes all n bytes. Returns 0 or -errno. */
int io_write_all(int fd, const void *p, size_t n) MUST_CHECK;

/*
 * Reads a whole open file from its beginning, wherever its offset is: a room that
 * was restarted gets the same open file again.
 * Returns its length, -EFBIG when it is longer than `into`, or another -errno.
 */
int64_t io_load(int fd, struct space into) MUST_CHECK;

/* The rest is in io_file.c, which locate and seal are not linked with. */

/*
 * Reads a whole file that is at most `room` bytes long.
 * Returns its length, -EFBIG when it is longer, or another -errno.
 */
int64_t io_load_at(int dirfd, const char *name, struct space into) MUST_CHECK;

/*
 * Writes `name` in `dirfd` so that after a power cut either the old file or the
 * whole new one is there: write ".name.new", fsync, rename, fsync the folder.
 * Returns 0 or -errno; on failure nothing is left behind.
 */
int io_replace_at(int dirfd, const char *name, struct span bytes, unsigned int mode) MUST_CHECK;

#endif
