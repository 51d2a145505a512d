/*
 * base/io.c - reads and writes that are whole or have failed, on descriptors that are open already.
 */
#include <errno.h>
#include <unistd.h>

#include "base/io.h"

int
io_read_all(int fd, void *p, size_t n)
{
	uint8_t *at = p;

	while (n > 0) {
		ssize_t got = read(fd, at, n);

		if (got == 0)
			return -EPIPE;
		if (got < 0 && errno != EINTR)
			return -errno;
		if (got > 0) {
			at += got;
			n -= (size_t)got;
		}
	}
	return 0;
}

int
io_write_all(int fd, const void *p, size_t n)
{
	const uint8_t *at = p;

	while (n > 0) {
		ssize_t put = write(fd, at, n);

		if (put < 0 && errno != EINTR)
			return -errno;
		if (put > 0) {
			at += put;
			n -= (size_t)put;
		}
	}
	return 0;
}

int64_t
io_load(int fd, struct space into)
{
	size_t have = 0;
	uint8_t more;

	for (;;) {
		int full = have == into.n;
		ssize_t got = pread(fd, full ? &more : into.p + have, full ? 1 : into.n - have, (off_t)have);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			return (int64_t)have;
		if (full)
			return -EFBIG;
		have += (size_t)got;
	}
}
