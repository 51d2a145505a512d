/*
 * warden/measure.c - opens the rooms' programs and measures what will run.
 *
 * Not measured: the libraries they link and the kernel. That is the image's
 * business; here it is told which build of the firmware made a record.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log_text.h"
#include "warden/measure.h"

static int
hash_file(int fd, uint8_t hash[CRYPTO_HASH_BYTES])
{
	struct stat st;
	void *map;
	int err;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_size <= 0)
		return -ENOEXEC;
	map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED)
		return -errno;
	err = hal_crypto_sha256(&SPAN((const uint8_t *)map, (size_t)st.st_size), 1, hash);
	(void)munmap(map, (size_t)st.st_size);
	return err;
}

static int
open_and_hash(const char *path, int *fd, uint8_t hash[CRYPTO_HASH_BYTES])
{
	int err;

	*fd = open(path, O_RDONLY | O_CLOEXEC);
	err = *fd < 0 ? -errno : hash_file(*fd, hash);
	if (err < 0)
		log_text(LOG_ERROR, "program %s: %s", path, strerror(-err));
	return err;
}

int
measure_open(int programs[ROOM_COUNT], uint8_t firmware[CRYPTO_HASH_BYTES])
{
	uint8_t hashes[1 + ROOM_COUNT][CRYPTO_HASH_BYTES];
	char self[PATH_MAX], path[PATH_MAX + 32];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	int own, err;

	if (n < 0)
		return -errno;
	self[n] = '\0';
	err = open_and_hash("/proc/self/exe", &own, hashes[0]);
	if (err < 0)
		return err;
	(void)close(own);
	*strrchr(self, '/') = '\0';
	for (int room = 0; room < ROOM_COUNT; room++) {
		(void)snprintf(path, sizeof(path), "%s/../libexec/%s", self, wiring_rooms[room]);
		err = open_and_hash(path, &programs[room], hashes[1 + room]);
		if (err < 0)
			return err;
	}
	return hal_crypto_sha256(&SPAN_OF(hashes), 1, firmware);
}
