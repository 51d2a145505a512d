/*
 * tests/flash/disk.h - disks in memory behind lanectl's device port, which can fail at any operation.
 *
 * Every disk has what was written and what would survive a power cut; a write is
 * only sure to survive after a sync. Operations (open, read, write, sync) are counted from 1.
 */
#ifndef TESTS_FLASH_DISK_H
#define TESTS_FLASH_DISK_H

#include <stdatomic.h>

#include "../../tools/lanectl/device.h"

enum { DISKS_MAX = 4 };

struct disk {
	struct device device; /* as device_list() tells it */
	uint8_t *cache, *stable;
	uint8_t *dirty; /* one byte a block of 4096 */
	uint64_t ops;
	uint64_t fail_at; /* the operation that fails; 0: none. From there on all fail when `gone` */
	int fail_with;    /* errno, positive */
	int gone;
	uint64_t bad_from, bad_to; /* reads here answer other bytes than were written; none when equal */
	uint64_t real_bytes;       /* a false disk wraps round after so many; 0: honest */
	uint64_t stop_at;          /* the operation at which the person stops it */
	int open_err;              /* what device_open answers; 0: nothing wrong */
	int is_open;
};

extern struct disk disks[DISKS_MAX];
extern size_t n_disks;
extern atomic_int disk_stop; /* set by stop_at */

/* A removable disk, full of old bytes, "path" in folder. */
struct disk *disk_add(const char *folder, const char *name, const char *serial, uint64_t bytes);
/* What the power cut leaves: each block that was not synced is there or not, as `seed` has it. */
void disk_cut_power(struct disk *d, unsigned int seed);
/* Puts it in again: nothing fails any more. */
void disk_heal(struct disk *d);
void disks_free(void);

#endif
