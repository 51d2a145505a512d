/*
 * The device port of the tests. The product links device_linux.c; this file lies under tests/ and no build.mk of a tool can name it.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "disk.h"

enum { BLOCK = DEVICE_ALIGN_BYTES, OLD = 0xa5 };

struct disk disks[DISKS_MAX];
size_t n_disks;
atomic_int disk_stop;

struct device_file {
	struct disk *disk;
};

static uint8_t *
memory(uint64_t bytes)
{
	uint8_t *p =
	    mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	assert(p != MAP_FAILED);
	return p;
}

struct disk *
disk_add(const char *folder, const char *name, const char *serial, uint64_t bytes)
{
	struct disk *d = &disks[n_disks];
	int fd;

	assert(n_disks < DISKS_MAX && bytes % BLOCK == 0);
	*d = (struct disk){.cache = memory(bytes), .stable = memory(bytes), .dirty = memory(bytes / BLOCK)};
	(void)snprintf(d->device.path, sizeof(d->device.path), "%s/%s", folder, name);
	fd = open(d->device.path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
	assert(fd >= 0);
	(void)close(fd);
	(void)snprintf(d->device.serial, sizeof(d->device.serial), "%s", serial);
	(void)snprintf(d->device.model, sizeof(d->device.model), "Drawn");
	d->device.bytes = bytes;
	d->device.removable = 1;
	d->device.major = 8;
	d->device.minor = (unsigned int)n_disks * 16;
	/* Old bytes only where a flash looks first: the rest of a large disk stays unmapped. */
	memset(d->cache, OLD, bytes < (8 << 20) ? bytes : 8 << 20);
	memcpy(d->stable, d->cache, bytes < (8 << 20) ? bytes : 8 << 20);
	n_disks++;
	return d;
}

void
disk_cut_power(struct disk *d, unsigned int seed)
{
	for (uint64_t i = 0; i < d->device.bytes / BLOCK; i++) {
		if (!d->dirty[i])
			continue;
		seed = seed * 1103515245u + 12345u;
		if (seed >> 30 & 1)
			memcpy(d->stable + i * BLOCK, d->cache + i * BLOCK, BLOCK);
		else
			memcpy(d->cache + i * BLOCK, d->stable + i * BLOCK, BLOCK);
		d->dirty[i] = 0;
	}
}

void
disk_heal(struct disk *d)
{
	d->ops = d->fail_at = d->stop_at = 0;
	d->gone = d->open_err = 0;
	d->bad_from = d->bad_to = 0;
}

void
disks_free(void)
{
	for (size_t i = 0; i < n_disks; i++) {
		(void)munmap(disks[i].cache, disks[i].device.bytes);
		(void)munmap(disks[i].stable, disks[i].device.bytes);
		(void)munmap(disks[i].dirty, disks[i].device.bytes / BLOCK);
		(void)unlink(disks[i].device.path);
	}
	n_disks = 0;
}

/* ---- the port ---- */

int
device_list(struct device *list, size_t room)
{
	size_t n = n_disks < room ? n_disks : room;

	for (size_t i = 0; i < n; i++)
		list[i] = disks[i].device;
	return (int)n;
}

static int
operation(struct disk *d)
{
	if (++d->ops == d->stop_at)
		atomic_store(&disk_stop, 1);
	if (d->fail_at == 0 || d->ops < d->fail_at || (d->ops > d->fail_at && !d->gone))
		return 0;
	return -d->fail_with;
}

int
device_open(struct device_file **f, const struct device *wanted)
{
	int err = -ENODEV;

	*f = NULL;
	for (size_t i = 0; i < n_disks; i++) {
		struct disk *d = &disks[i];

		if (d->device.minor != wanted->minor)
			continue;
		if (strcmp(d->device.serial, wanted->serial) != 0 || d->device.bytes != wanted->bytes)
			return -ESTALE;
		err = d->open_err ? d->open_err : operation(d);
		if (err < 0)
			return err;
		assert(!d->is_open);
		d->is_open = 1;
		*f = malloc(sizeof(**f));
		assert(*f);
		(*f)->disk = d;
		return 0;
	}
	return err;
}

void
device_close(struct device_file *f)
{
	if (f)
		f->disk->is_open = 0;
	free(f);
}

static void
check_place(const struct disk *d, uint64_t at, const void *p, size_t n)
{
	assert(at % BLOCK == 0 && n % BLOCK == 0 && n > 0 && (uintptr_t)p % BLOCK == 0);
	assert(at <= d->device.bytes && n <= d->device.bytes - at);
}

int
device_read(struct device_file *f, uint64_t at, struct space into)
{
	struct disk *d = f->disk;
	int err = operation(d);

	check_place(d, at, into.p, into.n);
	if (err < 0)
		return err;
	for (size_t i = 0; i < into.n; i += BLOCK) {
		uint64_t from = at + i;

		memcpy(into.p + i, d->cache + (d->real_bytes ? from % d->real_bytes : from), BLOCK);
		if (from >= d->bad_from && from < d->bad_to)
			into.p[i] ^= 1;
	}
	return 0;
}

/* A write that fails has written some of its blocks. */
int
device_write(struct device_file *f, uint64_t at, struct span bytes)
{
	struct disk *d = f->disk;
	int err = operation(d);
	size_t n = err < 0 ? bytes.n / 2 / BLOCK * BLOCK : bytes.n;

	check_place(d, at, bytes.p, bytes.n);
	if (err < 0 && (err == -EROFS || d->ops > d->fail_at))
		n = 0;
	for (size_t i = 0; i < n; i += BLOCK) {
		uint64_t to = d->real_bytes ? (at + i) % d->real_bytes : at + i;

		memcpy(d->cache + to, bytes.p + i, BLOCK);
		d->dirty[to / BLOCK] = 1;
	}
	return err;
}

int
device_sync(struct device_file *f)
{
	struct disk *d = f->disk;
	int err = operation(d);

	if (err < 0)
		return err;
	for (uint64_t i = 0; i < d->device.bytes / BLOCK; i++) {
		if (!d->dirty[i])
			continue;
		memcpy(d->stable + i * BLOCK, d->cache + i * BLOCK, BLOCK);
		d->dirty[i] = 0;
	}
	return 0;
}
