/*
 * The disk in memory. A file has the bytes that programs see and the bytes that are synced;
 * what was written in between is remembered in pieces of 512 bytes. The folder likewise has
 * the names that programs see, the synced ones, and a list of what changed in between.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hal/storage.h"
#include "storage_sim.h"

enum { INODES = 128, NAMES = 96, CHANGES = 2048, SECTOR = 512, SECTORS = 32, FILE_MAX = SECTOR * SECTORS };

struct inode {
	uint8_t now[FILE_MAX], synced[FILE_MAX];
	uint8_t dirty[SECTORS];
	size_t n_now, n_synced;
	int used, open, lost; /* lost: a sync failed, and what was dirty will never be written */
};

struct entry {
	char name[STORAGE_NAME_BYTES];
	int inode; /* 0: nothing */
};

struct change {
	char name[STORAGE_NAME_BYTES];
	int inode; /* 0: the name goes */
	char gone[STORAGE_NAME_BYTES]; /* the name it had before; a rename is one change, whole or not at all */
};

static struct disk {
	struct inode inodes[INODES];
	struct entry now[NAMES], synced[NAMES];
	struct change changes[CHANGES];
	size_t n_changes;
} disk, kept;

struct sim sim;
static unsigned int dice;

static unsigned int
throw_dice(unsigned int below)
{
	dice = dice * 1103515245U + 12345U;
	return (dice >> 8) % below;
}

/* ---- names ---- */

static struct entry *
find(struct entry *names, const char *name)
{
	for (size_t i = 0; i < NAMES; i++)
		if (names[i].inode && strcmp(names[i].name, name) == 0)
			return &names[i];
	return NULL;
}

static void
set(struct entry *names, const char *name, int inode)
{
	struct entry *e = find(names, name);

	for (size_t i = 0; e == NULL && inode && i < NAMES; i++)
		if (names[i].inode == 0)
			e = &names[i];
	CHECK(e != NULL || inode == 0);
	if (e == NULL)
		return;
	(void)snprintf(e->name, sizeof(e->name), "%s", name);
	e->inode = inode;
}

static void
apply(struct entry *names, const struct change *c)
{
	set(names, c->name, c->inode);
	if (c->gone[0])
		set(names, c->gone, 0);
}

static void
change(const char *name, int inode, const char *gone)
{
	struct change *c = &disk.changes[disk.n_changes++];

	CHECK(disk.n_changes < CHANGES);
	(void)snprintf(c->name, sizeof(c->name), "%s", name);
	c->inode = inode;
	(void)snprintf(c->gone, sizeof(c->gone), "%s", gone);
	apply(disk.now, c);
}

/* ---- power ---- */

void
sim_clear(void)
{
	memset(&disk, 0, sizeof(disk));
	sim = (struct sim){.free_bytes = 1 << 30};
}

void
sim_keep(void)
{
	kept = disk;
}

void
sim_bring_back(void)
{
	disk = kept;
}

static void
settle_file(struct inode *f, enum sim_survivor how)
{
	int grown = how == SIM_ALL || (how == SIM_RANDOM && throw_dice(2));
	size_t n = grown && !f->lost ? f->n_now : f->n_synced;

	for (size_t s = 0; s < SECTORS; s++)
		if (f->dirty[s] && !f->lost && (how == SIM_ALL || (how == SIM_RANDOM && throw_dice(2))))
			memcpy(f->synced + s * SECTOR, f->now + s * SECTOR, SECTOR);
	if (n < FILE_MAX)
		memset(f->synced + n, 0, FILE_MAX - n);
	memcpy(f->now, f->synced, FILE_MAX);
	memset(f->dirty, 0, sizeof(f->dirty));
	f->n_now = f->n_synced = n;
	f->open = f->lost = 0;
}

void
sim_power_on(enum sim_survivor how, unsigned int seed)
{
	int named[INODES] = {0};

	dice = seed * 2654435761U + 1;
	for (size_t i = 0; i < disk.n_changes; i++)
		if (how == SIM_ALL || (how == SIM_RANDOM && throw_dice(2)))
			apply(disk.synced, &disk.changes[i]);
	disk.n_changes = 0;
	memcpy(disk.now, disk.synced, sizeof(disk.now));
	for (size_t i = 1; i < INODES; i++)
		if (disk.inodes[i].used)
			settle_file(&disk.inodes[i], how);
	for (size_t i = 0; i < NAMES; i++)
		named[disk.now[i].inode] = 1;
	for (size_t i = 1; i < INODES; i++)
		disk.inodes[i].used = named[i];
	sim = (struct sim){.free_bytes = 1 << 30};
}

/* Before each change: here the power may go, or the disk say no. */
static int
operation(int is_sync)
{
	int in_trouble;

	sim.operations++;
	if (sim.operations == sim.cut_at)
		longjmp(sim.cut, 1);
	in_trouble = sim.operations >= sim.trouble_from && sim.operations <= sim.trouble_to;
	if (in_trouble && (sim.trouble == SIM_FAIL || (sim.trouble == SIM_FAIL_SYNC && is_sync)))
		return -sim.trouble_errno;
	return 0;
}

/* ---- the port ---- */

int
hal_storage_lock(int folder)
{
	(void)folder;
	return 0;
}

int
hal_storage_list(int folder, void (*each)(void *arg, const struct storage_name *found), void *arg)
{
	struct storage_name found;

	(void)folder;
	for (size_t i = 0; i < NAMES; i++) {
		if (disk.now[i].inode == 0)
			continue;
		memcpy(found.name, disk.now[i].name, sizeof(found.name));
		found.bytes = disk.inodes[disk.now[i].inode].n_now;
		found.changed_s = SIM_CHANGED_S;
		each(arg, &found);
	}
	return 0;
}

int64_t
hal_storage_free(int folder)
{
	(void)folder;
	return (int64_t)sim.free_bytes;
}

static int
new_inode(void)
{
	for (int i = 1; i < INODES; i++)
		if (!disk.inodes[i].used) {
			memset(&disk.inodes[i], 0, sizeof(disk.inodes[i]));
			disk.inodes[i].used = 1;
			return i;
		}
	CHECK(0);
	return 0;
}

int
hal_storage_open(int folder, const char *name, enum storage_how how)
{
	const struct entry *e = find(disk.now, name);
	int err, inode;

	(void)folder;
	if (how == STORAGE_READ)
		return e ? e->inode : -ENOENT;
	if (e)
		return -EEXIST;
	err = operation(0);
	if (err < 0)
		return err;
	inode = new_inode();
	change(name, inode, "");
	return inode;
}

void
hal_storage_close(int file)
{
	(void)file;
}

int64_t
hal_storage_read(int file, struct space into, uint64_t at)
{
	const struct inode *f = &disk.inodes[file];
	size_t n;

	if (sim.rot_at > 0 && f->n_now > 2 * SECTOR && at < sim.rot_at + SECTOR && at + into.n > sim.rot_at)
		return -EIO;
	if (at >= f->n_now)
		return 0;
	n = f->n_now - at < into.n ? (size_t)(f->n_now - at) : into.n;
	/* Never more than asked, and sometimes less. */
	if (sim.trouble == SIM_SHORT && n > 7)
		n = 1 + n / 2;
	memcpy(into.p, f->now + at, n);
	return (int64_t)n;
}

int64_t
hal_storage_write(int file, struct span bytes, uint64_t at)
{
	struct inode *f = &disk.inodes[file];
	int err;

	if (bytes.n == 0)
		return 0;
	err = operation(0);
	if (err < 0)
		return err;
	if (sim.trouble == SIM_SHORT && bytes.n > 150)
		bytes.n = 100 + sim.operations % 50;
	CHECK(at + bytes.n <= FILE_MAX);
	memcpy(f->now + at, bytes.p, bytes.n);
	for (size_t s = (size_t)at / SECTOR; s <= (at + bytes.n - 1) / SECTOR; s++)
		f->dirty[s] = 1;
	if (at + bytes.n > f->n_now)
		f->n_now = (size_t)at + bytes.n;
	sim.written += bytes.n;
	return (int64_t)bytes.n;
}

int
hal_storage_sync(int file)
{
	struct inode *f = &disk.inodes[file];
	int err = operation(1);

	sim.syncs++;
	/* As Linux does it: the pages stay readable, count as clean, and are never written. */
	if (err < 0) {
		f->lost = 1;
		return err;
	}
	if (f->lost)
		return 0;
	memcpy(f->synced, f->now, FILE_MAX);
	memset(f->dirty, 0, sizeof(f->dirty));
	f->n_synced = f->n_now;
	return 0;
}

int
hal_storage_sync_folder(int folder)
{
	int err = operation(1);

	(void)folder;
	sim.syncs++;
	if (err < 0)
		return err;
	memcpy(disk.synced, disk.now, sizeof(disk.synced));
	disk.n_changes = 0;
	return 0;
}

int
hal_storage_rename(int folder, const char *from, const char *to)
{
	const struct entry *e = find(disk.now, from);
	int err;

	(void)folder;
	if (e == NULL)
		return -ENOENT;
	err = operation(0);
	if (err < 0)
		return err;
	change(to, e->inode, from);
	return 0;
}

int
hal_storage_remove(int folder, const char *name)
{
	int err;

	(void)folder;
	if (find(disk.now, name) == NULL)
		return -ENOENT;
	err = operation(0);
	if (err < 0)
		return err;
	change(name, 0, "");
	return 0;
}
