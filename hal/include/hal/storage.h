/*
 * hal/storage.h - one flat folder of files, and nothing else that a spool may do to a disk.
 *
 * Every change to the disk is one call here, so that a test can count them and stop
 * the world after any of them: tests/lib/storage_sim.c is a disk in memory that loses
 * power, lies and breaks. Product programs are linked with hal/storage/posix.c.
 *
 * What a power cut leaves: the bytes that a file had at its last good hal_storage_sync(),
 * and the names that the folder had at its last good hal_storage_sync_folder(). All that
 * was changed since may be there, or not, in part, in any order.
 *
 * One thread. `folder` is a descriptor of a folder, which stays the caller's; files are
 * small numbers that hal_storage_close() takes back. Every call returns -errno on failure.
 */
#ifndef HAL_STORAGE_H
#define HAL_STORAGE_H

#include "base/base.h"

enum storage_how {
	STORAGE_READ,
	STORAGE_CREATE, /* a new file, to read and write; -EEXIST when the name is taken */
};

enum { STORAGE_NAME_BYTES = 64 };

struct storage_name {
	char name[STORAGE_NAME_BYTES];
	uint64_t bytes;
	int64_t changed_s; /* last written, since 1970, as the unit's clock had it */
};

/* Keeps other processes out until the folder is closed. -EWOULDBLOCK: another has it. */
int hal_storage_lock(int folder) MUST_CHECK;

/*
 * Calls `each` for every regular file; names that are longer than STORAGE_NAME_BYTES
 * and things that are no files come with bytes UINT64_MAX. Order: none.
 */
int hal_storage_list(int folder, void (*each)(void *arg, const struct storage_name *found), void *arg) MUST_CHECK;

/* Bytes of the file system that are free to this process. */
int64_t hal_storage_free(int folder) MUST_CHECK;

int hal_storage_open(int folder, const char *name, enum storage_how how) MUST_CHECK;
void hal_storage_close(int file);

/* Some of what was asked for, as read(2) and write(2): more than nothing, except at the end of the file. */
int64_t hal_storage_read(int file, struct space into, uint64_t at) MUST_CHECK;
int64_t hal_storage_write(int file, struct span bytes, uint64_t at) MUST_CHECK;

/*
 * From here a power cut leaves the file's bytes. After a failure nobody knows what is on
 * the disk, and a second try may say yes without having written: Linux forgets the pages.
 */
int hal_storage_sync(int file) MUST_CHECK;
int hal_storage_sync_folder(int folder) MUST_CHECK;

/* Takes the place of a file that is called `to`. */
int hal_storage_rename(int folder, const char *from, const char *to) MUST_CHECK;
int hal_storage_remove(int folder, const char *name) MUST_CHECK;

#endif
