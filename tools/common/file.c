/*
 * Files of the tools: read whole with a limit, or made anew. A key that was
 * overwritten opens nothing any more, so there is no way here to replace a file.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/wipe.h"
#include "file.h"
#include "say.h"

static int
open_regular(const char *path, size_t most, size_t *size)
{
	struct stat st;
	int fd, err;

	/* Without O_NONBLOCK a named pipe would hold the tool for ever. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 || fstat(fd, &st) < 0) {
		err = -errno;
		say_trouble("%s: cannot read it: %s", path, strerror(-err));
		goto close;
	}
	err = -EINVAL;
	if (!S_ISREG(st.st_mode)) {
		say_trouble("%s: is not a file", path);
		goto close;
	}
	if ((uint64_t)st.st_size > most) {
		say_trouble("%s: has %lld bytes, more than the %zu that such a file may have", path,
			    (long long)st.st_size, most);
		goto close;
	}
	*size = (size_t)st.st_size;
	return fd;

close:
	if (fd >= 0)
		(void)close(fd);
	return err;
}

int
file_load(const char *path, size_t most, struct space *bytes)
{
	size_t size = 0;
	int fd, err;

	*bytes = SPACE(NULL, 0);
	fd = open_regular(path, most, &size);
	if (fd < 0)
		return fd;
	*bytes = SPACE(malloc(size + 1), size);
	CHECK(bytes->p);
	bytes->p[size] = 0;
	err = io_read_all(fd, bytes->p, size);
	(void)close(fd);
	if (err < 0) {
		say_trouble("%s: cannot read it: %s", path, strerror(-err));
		file_free(bytes);
	}
	return err;
}

void
file_free(struct space *bytes)
{
	if (bytes->p)
		wipe(bytes->p, bytes->n);
	free(bytes->p);
	*bytes = SPACE(NULL, 0);
}

char *
file_path(const char *dir, const char *name)
{
	char *path;

	CHECK(asprintf(&path, "%s/%s", dir, name) > 0);
	return path;
}

int
file_make_folder(const char *path)
{
	struct stat st;
	int err;

	if (mkdir(path, 0700) == 0)
		return 0;
	err = -errno;
	if (err == -EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return 0;
	say_trouble("%s: cannot make this folder: %s", path, strerror(-err));
	return err;
}

int
file_must_be_new(const char *path)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return 0;
	say_trouble(
	    "%s: is there already and is not overwritten; name another folder or file, or move it away",
	    path);
	return -EEXIST;
}

static int
sync_folder_of(const char *path)
{
	char *copy = strdup(path);
	int fd, err = 0;

	CHECK(copy);
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(copy);
	if (fd < 0)
		return -errno;
	if (fsync(fd) < 0)
		err = -errno;
	(void)close(fd);
	return err;
}

int
file_create(const char *path, unsigned int mode, struct span bytes)
{
	int fd, err;

	err = file_must_be_new(path);
	if (err < 0)
		return err;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, (mode_t)mode);
	if (fd < 0) {
		err = -errno;
		say_trouble("%s: cannot make this file: %s", path, strerror(-err));
		return err;
	}
	err = io_write_all(fd, bytes.p, bytes.n);
	/* The umask may have taken bits that others need of a public file. */
	if (err == 0 && (fchmod(fd, (mode_t)mode) < 0 || fsync(fd) < 0))
		err = -errno;
	if (close(fd) < 0 && err == 0)
		err = -errno;
	if (err == 0)
		err = sync_folder_of(path);
	if (err == 0)
		return 0;
	say_trouble("%s: cannot write it: %s", path, strerror(-err));
	(void)unlink(path);
	return err;
}
