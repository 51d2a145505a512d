/*
 * base/io_file.c - files by name, for programs that may open any.
 *
 * Not linked into locate and seal: they take what they need as descriptors.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"

int64_t
io_load_at(int dirfd, const char *name, struct space into)
{
	int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	int64_t n;

	if (fd < 0)
		return -errno;
	n = io_load(fd, into);
	(void)close(fd);
	return n;
}

static int
write_synced(int dirfd, const char *name, struct span bytes, unsigned int mode)
{
	int fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, (mode_t)mode);
	int err;

	if (fd < 0)
		return -errno;
	err = io_write_all(fd, bytes.p, bytes.n);
	if (err == 0 && fsync(fd) < 0)
		err = -errno;
	if (close(fd) < 0 && err == 0)
		err = -errno;
	return err;
}

static int
sync_folder(int dirfd)
{
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int err = 0;

	if (fd < 0)
		return -errno;
	if (fsync(fd) < 0)
		err = -errno;
	(void)close(fd);
	return err;
}

int
io_replace_at(int dirfd, const char *name, struct span bytes, unsigned int mode)
{
	char fresh[256];
	int n, err;

	n = snprintf(fresh, sizeof(fresh), ".%s.new", name);
	if (n < 0 || (size_t)n >= sizeof(fresh))
		return -ENAMETOOLONG;
	if (strchr(name, '/') || name[0] == '\0')
		return -EINVAL;
	/* One that an earlier power cut left behind may have other rights. */
	if (unlinkat(dirfd, fresh, 0) < 0 && errno != ENOENT)
		return -errno;
	err = write_synced(dirfd, fresh, bytes, mode);
	if (err < 0)
		goto unlink;
	if (renameat(dirfd, fresh, dirfd, name) < 0) {
		err = -errno;
		goto unlink;
	}
	/* When this fails the new file is there, but may be the old one again after a power cut. */
	return sync_folder(dirfd);

unlink:
	(void)unlinkat(dirfd, fresh, 0);
	return err;
}
