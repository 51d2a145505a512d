/*
 * The storage port on a file system of the kernel. Nothing here retries, rounds or
 * forgives: what an error means is for the spool to decide.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "hal/storage.h"

int
hal_storage_lock(int folder)
{
	return flock(folder, LOCK_EX | LOCK_NB) < 0 ? -errno : 0;
}

static void
look_at(int folder, const char *name, struct storage_name *found)
{
	struct stat s;

	(void)snprintf(found->name, sizeof(found->name), "%.*s", (int)sizeof(found->name) - 1, name);
	found->bytes = UINT64_MAX;
	if (strlen(name) >= sizeof(found->name) || fstatat(folder, name, &s, AT_SYMLINK_NOFOLLOW) < 0 ||
	    !S_ISREG(s.st_mode))
		return;
	found->bytes = (uint64_t)s.st_size;
	found->changed_s = s.st_mtim.tv_sec;
}

int
hal_storage_list(int folder, void (*each)(void *arg, const struct storage_name *found), void *arg)
{
	/* Opened anew: the place in the listing belongs to the open file, which the warden's descriptor shares. */
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct storage_name found;
	const struct dirent *d;
	int err;

	if (dir == NULL) {
		err = -errno;
		if (fd >= 0)
			(void)close(fd);
		return err;
	}
	for (errno = 0; (d = readdir(dir)) != NULL; errno = 0) {
		if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
			continue;
		look_at(folder, d->d_name, &found);
		each(arg, &found);
	}
	err = -errno;
	(void)closedir(dir);
	return err;
}

int64_t
hal_storage_free(int folder)
{
	struct statvfs fs;

	if (fstatvfs(folder, &fs) < 0)
		return -errno;
	return (int64_t)((uint64_t)fs.f_bavail * fs.f_frsize & INT64_MAX);
}

int
hal_storage_open(int folder, const char *name, enum storage_how how)
{
	int flags = how == STORAGE_READ ? O_RDONLY : O_RDWR | O_CREAT | O_EXCL;
	int fd = openat(folder, name, flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);

	return fd < 0 ? -errno : fd;
}

void
hal_storage_close(int file)
{
	(void)close(file);
}

int64_t
hal_storage_read(int file, struct space into, uint64_t at)
{
	ssize_t n = pread(file, into.p, into.n, (off_t)at);

	return n < 0 ? -errno : n;
}

int64_t
hal_storage_write(int file, struct span bytes, uint64_t at)
{
	ssize_t n = pwrite(file, bytes.p, bytes.n, (off_t)at);

	return n < 0 ? -errno : n;
}

int
hal_storage_sync(int file)
{
	return fdatasync(file) < 0 ? -errno : 0;
}

int
hal_storage_sync_folder(int folder)
{
	return fsync(folder) < 0 ? -errno : 0;
}

int
hal_storage_rename(int folder, const char *from, const char *to)
{
	return renameat(folder, from, folder, to) < 0 ? -errno : 0;
}

int
hal_storage_remove(int folder, const char *name)
{
	return unlinkat(folder, name, 0) < 0 ? -errno : 0;
}
