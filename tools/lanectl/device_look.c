/*
 * What is on a disk, for people to know it by: partitions, file systems and labels, as libblkid finds them.
 */
#include <blkid/blkid.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "device.h"

enum { SECTOR_BYTES = 512 };

static void
take_value(char *into, size_t room, blkid_probe probe, const char *name)
{
	const char *text = "";
	size_t n = 0;

	(void)blkid_probe_lookup_value(probe, name, &text, NULL);
	for (; *text && n < room - 1; text++)
		into[n++] = *text >= ' ' && *text < 0x7f ? *text : '?';
	into[n] = 0;
}

static void
look_at(struct device_part *p, int fd, uint64_t from, uint64_t bytes)
{
	blkid_probe probe = blkid_new_probe();

	CHECK(probe);
	p->bytes = bytes;
	if (blkid_probe_set_device(probe, fd, (blkid_loff_t)from, (blkid_loff_t)bytes) == 0) {
		(void)blkid_probe_enable_superblocks(probe, 1);
		(void)blkid_probe_set_superblocks_flags(probe, BLKID_SUBLKS_TYPE | BLKID_SUBLKS_LABEL);
		if (blkid_do_safeprobe(probe) == 0) {
			take_value(p->type, sizeof(p->type), probe, "TYPE");
			take_value(p->label, sizeof(p->label), probe, "LABEL");
		}
	}
	blkid_free_probe(probe);
}

static void
look_at_table(struct device *d, int fd)
{
	blkid_probe probe = blkid_new_probe();
	blkid_partlist table = NULL;
	int n;

	CHECK(probe);
	if (blkid_probe_set_device(probe, fd, 0, 0) == 0) {
		(void)blkid_probe_enable_superblocks(probe, 0);
		(void)blkid_probe_enable_partitions(probe, 1);
		table = blkid_probe_get_partitions(probe);
	}
	n = table ? blkid_partlist_numof_partitions(table) : 0;
	for (int i = 0; i < n && d->n_parts < DEVICE_PARTS_MAX; i++) {
		blkid_partition part = blkid_partlist_get_partition(table, i);
		uint64_t from = (uint64_t)blkid_partition_get_start(part) * SECTOR_BYTES;
		uint64_t bytes = (uint64_t)blkid_partition_get_size(part) * SECTOR_BYTES;
		struct device_part *p = &d->parts[d->n_parts++];

		p->number = (unsigned int)blkid_partition_get_partno(part);
		p->bytes = bytes;
		/* A table may claim what lies behind the end; libblkid reads there as it likes. */
		if (from < d->bytes && bytes <= d->bytes - from && bytes > 0)
			look_at(p, fd, from, bytes);
	}
	blkid_free_probe(probe);
}

void
device_look(struct device *d)
{
	int fd = d->bytes ? open(d->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK) : -1;

	d->n_parts = 0;
	if (fd < 0)
		return;
	look_at_table(d, fd);
	if (d->n_parts == 0) {
		look_at(&d->parts[0], fd, 0, d->bytes);
		d->parts[0].number = 0;
		d->n_parts = d->parts[0].type[0] != 0;
	}
	(void)close(fd);
}
