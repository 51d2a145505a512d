/*
 * lanectl/uses.h - which disks this computer stands on, through everything between a
 * file system and a disk: partitions, LVM, encryption, RAID, loop devices, btrfs, overlays.
 *
 *     (fill blocks) -> uses_settle -> uses_of ... -> uses_free
 *
 * Pure, but for uses_read(), which does the first two from /proc and /sys. One thread. What cannot be seen from here, such as a mount in another
 * namespace, device_open() hears from the kernel.
 */
#ifndef LANECTL_USES_H
#define LANECTL_USES_H

#include "device.h"

enum { USES_BLOCKS_MAX = 1024, USES_BELOW_MAX = 64, USES_PATH_BYTES = 512 };

struct uses_block {
	char name[32];   /* as in /sys/class/block */
	char alias[128]; /* of the device mapper: its name in /dev/mapper */
	unsigned int major, minor;
	int part_of;                          /* index of the disk, -1: it is a disk */
	unsigned short below[USES_BELOW_MAX]; /* what it lies on (slaves) */
	size_t n_below;
	char backing[USES_PATH_BYTES]; /* a loop device's file */
	int held;                      /* something lies on it (holders) */
	unsigned int btrfs;            /* 1..: the btrfs it is part of; 0: none */
	enum device_use use;
	char why[DEVICE_TEXT_BYTES];
};

struct uses_mount {
	unsigned int major, minor;
	char at[USES_PATH_BYTES];
	int block; /* index, -1: on no block device of ours */
};

struct uses {
	struct uses_block blocks[USES_BLOCKS_MAX];
	size_t n_blocks;
	struct uses_mount *mounts;
	size_t n_mounts;
	int overflow; /* there was more than room: everything counts as in use */
};

/*
 * Finds everything. `mounts` is /proc/self/mountinfo, `swaps` is /proc/swaps. Call
 * it once, after the blocks are there.
 */
void uses_settle(struct uses *u, struct span mounts, struct span swaps);

/* What a whole disk is used for, and by what. A disk that is not among the blocks is USE_HELD: it cannot be judged. */
enum device_use uses_of(const struct uses *u, unsigned int major, unsigned int minor,
			char why[DEVICE_TEXT_BYTES]);

void uses_free(struct uses *u);

/* Settled, from the blocks, mounts and swaps of the running system. 0 or -errno, after it said which file cannot be read. */
int uses_read(struct uses *u) MUST_CHECK;

#endif
