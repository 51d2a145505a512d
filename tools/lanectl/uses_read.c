/*
 * Fills the tables of uses.h from /proc and /sys of the running system.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"

#include "../common/say.h"
#include "uses.h"

enum { TEXT_MAX = 4 << 20 };

/* One line of a small file below /sys, without its newline; empty when it cannot be read. */
static void
read_line(char *into, size_t room, int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, into, room - 1);

	if (fd >= 0)
		(void)close(fd);
	into[n > 0 ? n : 0] = 0;
	into[strcspn(into, "\n")] = 0;
}

static int
is_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static int
block_by_name(const struct uses *u, const char *name)
{
	for (size_t i = 0; i < u->n_blocks; i++)
		if (strcmp(u->blocks[i].name, name) == 0)
			return (int)i;
	return -1;
}

/* Calls f for each name in a folder; a folder that is not there is empty. */
static void
each_name(int dir, const char *path, void (*f)(void *arg, const char *name), void *arg)
{
	int fd = openat(dir, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *names = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *d;

	while (names && (d = readdir(names)))
		if (!is_dots(d->d_name))
			f(arg, d->d_name);
	if (names)
		(void)closedir(names);
	else if (fd >= 0)
		(void)close(fd);
}

struct at {
	struct uses *u;
	size_t index;       /* the block in hand */
	unsigned int group; /* the btrfs in hand */
	int dir;
};

static void
add_block(void *arg, const char *name)
{
	struct at *at = arg;
	struct uses_block *b;

	if (at->u->n_blocks == USES_BLOCKS_MAX || strlen(name) >= sizeof(b->name)) {
		at->u->overflow = 1;
		return;
	}
	b = &at->u->blocks[at->u->n_blocks++];
	*b = (struct uses_block){.part_of = -1};
	(void)snprintf(b->name, sizeof(b->name), "%s", name);
}

static void
add_below(void *arg, const char *name)
{
	struct at *at = arg;
	struct uses_block *b = &at->u->blocks[at->index];
	int below = block_by_name(at->u, name);

	if (below < 0 || b->n_below == USES_BELOW_MAX)
		at->u->overflow = 1;
	else
		b->below[b->n_below++] = (unsigned short)below;
}

static void
add_holder(void *arg, const char *name)
{
	struct at *at = arg;

	(void)name;
	at->u->blocks[at->index].held = 1;
}

/* A partition's folder lies in its disk's. */
static void
find_disk(struct uses *u, struct uses_block *b, int dir)
{
	char number[16], target[1024], *slash;

	read_line(number, sizeof(number), dir, "partition");
	if (!number[0])
		return;
	(void)snprintf(target, sizeof(target), "/sys/class/block/%s", b->name);
	slash = realpath(target, NULL);
	if (slash) {
		(void)snprintf(target, sizeof(target), "%s", slash);
		free(slash);
		slash = strrchr(target, '/');
		*slash = 0;
		slash = strrchr(target, '/');
		b->part_of = slash ? block_by_name(u, slash + 1) : -1;
	}
	if (b->part_of < 0)
		u->overflow = 1;
}

static void
fill_block(struct uses *u, size_t index, int class)
{
	struct uses_block *b = &u->blocks[index];
	struct at at = {.u = u, .index = index};
	char number[32];
	int dir = openat(class, b->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0)
		return; /* it went away between two looks */
	read_line(number, sizeof(number), dir, "dev");
	if (sscanf(number, "%u:%u", &b->major, &b->minor) != 2)
		u->overflow = 1;
	read_line(b->alias, sizeof(b->alias), dir, "dm/name");
	read_line(b->backing, sizeof(b->backing), dir, "loop/backing_file");
	find_disk(u, b, dir);
	each_name(dir, "slaves", add_below, &at);
	each_name(dir, "holders", add_holder, &at);
	(void)close(dir);
}

static void
join_btrfs(void *arg, const char *name)
{
	struct at *at = arg;
	int block = block_by_name(at->u, name);

	if (block >= 0)
		at->u->blocks[block].btrfs = at->group;
}

static void
read_btrfs(void *arg, const char *uuid)
{
	struct at *at = arg;
	char path[300];

	at->group++;
	(void)snprintf(path, sizeof(path), "%.250s/devices", uuid);
	each_name(at->dir, path, join_btrfs, at);
}

/* Files of /proc have no size: read until there is no more. */
static int
load_text(const char *path, struct space *text)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int64_t n;

	*text = SPACE(malloc(TEXT_MAX), TEXT_MAX);
	CHECK(text->p);
	n = fd < 0 ? -errno : io_load(fd, *text);
	if (fd >= 0)
		(void)close(fd);
	if (n < 0) {
		free(text->p);
		*text = SPACE(NULL, 0);
		return (int)n;
	}
	text->n = (size_t)n;
	return 0;
}

int
uses_read(struct uses *u)
{
	struct at at = {.u = u};
	struct space mounts = {0}, swaps = {0};
	int class, err;

	memset(u, 0, sizeof(*u));
	class = open("/sys/class/block", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (class < 0) {
		err = -errno;
		say_trouble("/sys/class/block: the disks cannot be listed: %s", strerror(-err));
		return err;
	}
	each_name(class, ".", add_block, &at);
	for (size_t i = 0; i < u->n_blocks; i++)
		fill_block(u, i, class);
	(void)close(class);
	at.dir = open("/sys/fs/btrfs", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (at.dir >= 0) {
		each_name(at.dir, ".", read_btrfs, &at);
		(void)close(at.dir);
	}
	err = load_text("/proc/self/mountinfo", &mounts);
	if (err < 0)
		say_trouble("/proc/self/mountinfo: cannot read what is mounted: %s", strerror(-err));
	else if (load_text("/proc/swaps", &swaps) < 0)
		swaps = SPACE(NULL, 0); /* a kernel without swap has no such file */
	if (err == 0)
		uses_settle(u, SPAN(mounts.p, mounts.n), SPAN(swaps.p, swaps.n));
	free(mounts.p);
	free(swaps.p);
	return err;
}
