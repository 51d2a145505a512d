/*
 * tools/common/file.h - whole files in, and new files out that never replace an old one.
 *
 * Every function names the file and the trouble on stderr before it returns a
 * negative errno.
 */
#ifndef TOOLS_COMMON_FILE_H
#define TOOLS_COMMON_FILE_H

#include "base/base.h"

/*
 * Reads a file of at most `most` bytes into memory of its own, with a zero byte
 * behind it that is not counted. The caller gives it to file_free().
 */
int file_load(const char *path, size_t most, struct space *bytes) MUST_CHECK;
/* Wipes and frees; an empty space is harmless. */
void file_free(struct space *bytes);

/* "dir/name" in memory of its own; the caller frees it. Never NULL. */
char *file_path(const char *dir, const char *name);

/* Makes the folder, only for its owner, unless it is there. */
int file_make_folder(const char *path) MUST_CHECK;
/* 0 when nothing has this name, else -EEXIST. */
int file_must_be_new(const char *path) MUST_CHECK;
/*
 * Makes a file that must not exist, and puts it and its folder's entry on the disk
 * before it returns. On failure nothing is left behind.
 */
int file_create(const char *path, unsigned int mode, struct span bytes) MUST_CHECK;

#endif
