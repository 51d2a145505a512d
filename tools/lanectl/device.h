/*
 * lanectl/device.h - the disks of this computer: what they are, and reading and writing one.
 *
 * A port, chosen at link time: device_linux.c (libudev, libblkid, the kernel's
 * block devices) in lanectl; tests link one over plain files that can fail.
 *
 *     device_list -> (judge.h decides, a person confirms) -> device_open -> write ... sync -> read ... -> close
 *
 * device_list on one thread. An open device belongs to one thread; several may be
 * open at once.
 */
#ifndef LANECTL_DEVICE_H
#define LANECTL_DEVICE_H

#include "base/base.h"

enum {
	DEVICE_LIST_MAX = 64,
	DEVICE_PATH_BYTES = 128,
	DEVICE_TEXT_BYTES = 96,
	DEVICE_NAME_BYTES = 192,
	DEVICE_NAMES_MAX = 8,
	DEVICE_PARTS_MAX = 16,
	DEVICE_ALIGN_BYTES = 4096, /* of buffers, places and lengths in device_read and device_write */
};

/* In rising order of what it would cost to write there. */
enum device_use { USE_NONE, USE_HELD, USE_SWAP, USE_MOUNTED, USE_SYSTEM };

struct device_part {
	unsigned int number; /* 0: the disk itself bears a file system */
	uint64_t bytes;
	char type[24], label[48]; /* as libblkid says; empty when it cannot tell */
};

struct device {
	char path[DEVICE_PATH_BYTES]; /* /dev/sdb: for people, and to open it */
	char names[DEVICE_NAMES_MAX]
		  [DEVICE_NAME_BYTES]; /* in /dev/disk/by-id; "loop:FILE" for a loop device */
	size_t n_names;
	char maker[DEVICE_TEXT_BYTES], model[DEVICE_TEXT_BYTES],
	    serial[DEVICE_TEXT_BYTES]; /* empty: not told */
	uint64_t bytes;                /* 0: no medium in it */
	unsigned int major, minor;
	uint64_t sequence; /* of this medium in this slot (diskseq); 0: the kernel does not say */
	int removable;     /* the medium or the disk can be taken out */
	int read_only;
	enum device_use use;
	char used_by[DEVICE_TEXT_BYTES]; /* "sda2 is mounted at /"; empty when USE_NONE */
	struct device_part parts[DEVICE_PARTS_MAX];
	size_t n_parts;
};

/* All whole disks, in the order of their paths; at most `room`, the rest is left out. Returns how many, or -errno. */
int device_list(struct device *list, size_t room) MUST_CHECK;

/* Fills parts: what libblkid finds on it. Left empty when this user may not read it. */
void device_look(struct device *d);

struct device_file;

/*
 * Opens the disk for this program alone, and looks again whether it is still the
 * one of the list: number, medium, size and serial, on the descriptor that is
 * written through.
 *   -ESTALE   another disk or medium is there now
 *   -EBUSY    something else holds it: mounted, swap, RAID, another lanectl
 *   -EACCES, -EPERM   this user may not
 *   -EROFS    write-protected
 *   -ENXIO, -ENODEV, -ENOENT   it is gone
 */
int device_open(struct device_file **f, const struct device *d) MUST_CHECK;
void device_close(struct device_file *f);

/* Past every cache of this computer. 0; -EIO; -ENXIO, -ENODEV when it was pulled out; or another -errno. */
int device_read(struct device_file *f, uint64_t at, struct space into) MUST_CHECK;
int device_write(struct device_file *f, uint64_t at, struct span bytes) MUST_CHECK;
/* Everything written so far is on the medium when this returned 0. */
int device_sync(struct device_file *f) MUST_CHECK;

#endif
