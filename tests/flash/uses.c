/*
 * Which disks a computer stands on: drawn stacks one by one, and then thousands of
 * random ones, where every disk under something in use must be refused and every other taken.
 */
#include "cm.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../../tools/lanectl/judge.h"
#include "../../tools/lanectl/uses.h"

static struct uses u;

static int
block(const char *name, unsigned int minor, int part_of)
{
	struct uses_block *b = &u.blocks[u.n_blocks];

	*b = (struct uses_block){.part_of = part_of, .major = 8, .minor = minor};
	(void)snprintf(b->name, sizeof(b->name), "%s", name);
	return (int)u.n_blocks++;
}

static void
on_top(int upper, int lower)
{
	u.blocks[upper].below[u.blocks[upper].n_below++] = (unsigned short)lower;
}

static enum device_use
use(unsigned int minor)
{
	char why[DEVICE_TEXT_BYTES];
	enum device_use is = uses_of(&u, 8, minor, why);

	assert_true((is == USE_NONE) == (why[0] == 0));
	return is;
}

static int
clean(void **state)
{
	(void)state;
	uses_free(&u);
	memset(&u, 0, sizeof(u));
	return 0;
}

static void
settle(const char *mounts, const char *swaps)
{
	uses_settle(&u, SPAN((const uint8_t *)mounts, strlen(mounts)),
		    SPAN((const uint8_t *)swaps, strlen(swaps)));
}

static void
the_system_is_found_through_a_partition(void **state)
{
	int sda = block("sda", 0, -1), sdb = block("sdb", 16, -1);

	(void)state;
	block("sda1", 1, sda);
	block("sdb1", 17, sdb);
	settle("25 1 8:1 / / rw - ext4 /dev/sda1 rw\n26 25 8:17 / /media/a\\040b rw - vfat /dev/sdb1 rw\n",
	       "");
	assert_int_equal(use(0), USE_SYSTEM);
	assert_int_equal(use(16), USE_MOUNTED);
	assert_string_equal(u.blocks[sdb].why, "sdb1 is mounted at /media/a b");
}

static void
the_system_is_found_through_lvm_on_encryption_on_raid(void **state)
{
	int sda = block("sda", 0, -1), sdb = block("sdb", 16, -1), a1 = block("sda1", 1, sda),
	    b1 = block("sdb1", 17, sdb);
	int md = block("md0", 100, -1), crypt = block("dm-0", 101, -1), root = block("dm-1", 102, -1),
	    swap = block("dm-2", 103, -1);

	(void)state;
	block("sdc", 32, -1);
	on_top(md, a1);
	on_top(md, b1);
	on_top(crypt, md);
	on_top(root, crypt);
	on_top(swap, crypt);
	settle("25 1 8:102 / / rw shared:1 - ext4 /dev/mapper/vg-root rw\n",
	       "Filename Type Size Used Priority\n/dev/dm-2 partition 1 0 -2\n");
	assert_int_equal(use(0), USE_SYSTEM);
	assert_int_equal(use(16), USE_SYSTEM);
	assert_int_equal(use(32), USE_NONE);
}

static void
every_disk_of_a_btrfs_counts(void **state)
{
	int sda = block("sda", 0, -1), sdb = block("sdb", 16, -1), dm = block("dm-0", 99, -1),
	    sdc = block("sdc", 32, -1);

	(void)state;
	block("sdd", 48, -1);
	(void)snprintf(u.blocks[dm].alias, sizeof(u.blocks[dm].alias), "cryptroot");
	on_top(dm, sdc);
	u.blocks[sda].btrfs = u.blocks[sdb].btrfs = u.blocks[dm].btrfs = 1;
	settle("25 1 0:33 /@ / rw - btrfs /dev/mapper/cryptroot rw,subvol=/@\n", "");
	assert_int_equal(use(0), USE_SYSTEM);
	assert_int_equal(use(16), USE_SYSTEM);
	assert_int_equal(use(32), USE_SYSTEM);
	assert_int_equal(use(48), USE_NONE);
}

static void
a_live_system_lies_on_its_stick_through_overlay_and_loop(void **state)
{
	int sdb = block("sdb", 16, -1), loop = block("loop0", 200, -1);

	(void)state;
	block("sdb1", 17, sdb);
	(void)snprintf(u.blocks[loop].backing, sizeof(u.blocks[loop].backing),
		       "/mnt/stick/live/root.squashfs");
	settle(
	    "20 1 8:17 / /mnt/stick ro - vfat /dev/sdb1 ro\n21 1 8:200 / /mnt/lower ro - squashfs /dev/loop0 ro\n"
	    "22 1 0:40 / / rw - overlay overlay rw,lowerdir=/mnt/none:/mnt/lower,upperdir=/cow,workdir=/w\n",
	    "");
	assert_int_equal(use(200), USE_SYSTEM);
	assert_int_equal(use(16), USE_SYSTEM);
	/* The longest place counts, and only whole names. */
	assert_string_equal(u.blocks[sdb].why, "an overlay at / lies on it");
}

static void
swap_and_holders_count_without_a_mount(void **state)
{
	int sda = block("sda", 0, -1), sdb = block("sdb", 16, -1), dm = block("dm-0", 99, -1);

	(void)state;
	block("sda2", 2, sda);
	on_top(dm, sdb);
	u.blocks[block("sdc", 32, -1)].held = 1;
	settle("", "Filename\t\t\t\tType\n/dev/sda2                               partition\t1\t0\t-2\n");
	assert_int_equal(use(0), USE_SWAP);
	assert_int_equal(use(16), USE_HELD);
	assert_int_equal(use(32), USE_HELD);
}

static void
what_is_not_known_counts_as_in_use(void **state)
{
	(void)state;
	block("sda", 0, -1);
	settle("not a line\n\n1 2 3\n1 1 8:0 / / rw\n9 9 x:y / / rw - a b c\n1 1 8:0 / relative rw - a b c\n",
	       "\n   \n");
	assert_int_equal(use(0), USE_NONE);
	assert_int_equal(use(7), USE_HELD);
	u.overflow = 1;
	assert_int_equal(use(0), USE_HELD);
}

/* ---- random computers ---- */

static unsigned int seed;

static unsigned int
pick(unsigned int n)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % n;
}

enum { RANDOM_DISKS = 6, RANDOM_COMPUTERS = 4000, LAYERS_MAX = 12 };

/* The truth, kept beside the tables: the disks below each block, as bits. */
static unsigned int below[USES_BLOCKS_MAX];

static void
draw_layers(void)
{
	unsigned int layers = pick(LAYERS_MAX);
	char name[32];

	for (unsigned int i = 0; i < layers; i++) {
		size_t under = u.n_blocks;
		int b;

		(void)snprintf(name, sizeof(name), "dm-%u", i);
		b = block(name, 1000 + i, -1);
		(void)snprintf(u.blocks[b].alias, sizeof(u.blocks[b].alias), "vg-lv%u", i);
		below[b] = 0;
		for (unsigned int k = 0; k <= pick(3); k++) {
			int lower = (int)pick((unsigned int)under);

			on_top(b, lower);
			below[b] |= below[lower];
		}
	}
}

static void
draw_computer(void)
{
	char name[32];

	for (unsigned int i = 0; i < RANDOM_DISKS; i++) {
		int disk;

		(void)snprintf(name, sizeof(name), "sd%c", 'a' + (int)i);
		disk = block(name, i * 16, -1);
		below[disk] = 1u << i;
		for (unsigned int k = 1; k <= pick(4); k++) {
			(void)snprintf(name, sizeof(name), "sd%c%u", 'a' + (int)i, k);
			below[block(name, i * 16 + k, disk)] = 1u << i;
		}
	}
	draw_layers();
}

/* Mounts, swap and btrfs on random blocks; returns the disks that are then in use. *root: those under "/". */
static unsigned int
draw_uses(char *mounts, size_t room, char *swaps, size_t room_swaps, unsigned int *root)
{
	unsigned int used = 0, n = 1 + pick(4);
	size_t at = 0;

	for (unsigned int i = 0; i < n; i++) {
		int b = (int)pick((unsigned int)u.n_blocks), by_name = pick(3) == 0;
		const char *label = u.blocks[b].alias[0] ? u.blocks[b].alias : u.blocks[b].name;

		at += (size_t)snprintf(mounts + at, room - at, "%u 1 %u:%u / %s%.0u rw - ext4 /dev/%s%s rw\n",
				       20 + i, by_name ? 0 : 8, by_name ? 77 : u.blocks[b].minor,
				       i == 0 ? "/" : "/media/x", i, u.blocks[b].alias[0] ? "mapper/" : "",
				       label);
		used |= below[b];
		if (i == 0)
			*root = below[b];
	}
	swaps[0] = 0;
	if (pick(2)) {
		int b = (int)pick((unsigned int)u.n_blocks);

		(void)snprintf(swaps, room_swaps, "/dev/%s partition 1 0 -2\n", u.blocks[b].name);
		used |= below[b];
	}
	for (size_t i = 0; i < u.n_blocks; i++)
		if (pick(20) == 0) {
			u.blocks[i].btrfs = 1;
			used |= below[i];
		}
	/* Whatever lies under another device is held by it. */
	for (size_t i = 0; i < u.n_blocks; i++)
		if (u.blocks[i].n_below)
			used |= below[i];
	return used;
}

static void
no_random_computer_loses_a_disk_in_use(void **state)
{
	static char mounts[4096], swaps[256];
	static const struct allow none;
	struct allow all = {.n = 1};
	unsigned long refused = 0, taken = 0;

	(void)state;
	(void)snprintf(all.names[0], sizeof(all.names[0]), "allowed");
	for (unsigned int i = 0; i < RANDOM_COMPUTERS; i++) {
		unsigned int used, root = 0;

		(void)clean(NULL);
		seed = i;
		draw_computer();
		used = draw_uses(mounts, sizeof(mounts), swaps, sizeof(swaps), &root);
		settle(mounts, swaps);
		for (unsigned int k = 0; k < RANDOM_DISKS; k++) {
			struct device d = {.bytes = 1 << 30,
					   .removable = (int)pick(2),
					   .major = 8,
					   .minor = k * 16,
					   .n_names = 1};
			char why[JUDGE_WHY_BYTES];
			enum verdict v;

			(void)snprintf(d.names[0], sizeof(d.names[0]), "%s", "allowed");
			d.use = uses_of(&u, d.major, d.minor, d.used_by);
			v = judge_device(&d, pick(2) ? &all : &none, 1 << 20, why);
			assert_true(!(used & 1u << k) || v != VERDICT_GOOD);
			assert_true((used & 1u << k) || d.use == USE_NONE);
			assert_true(!(root & 1u << k) || v == VERDICT_SYSTEM);
			/* Nobody needs to allow it either: neither list makes a difference. */
			assert_true(!(used & 1u << k) ||
				    judge_device(&d, &all, 1 << 20, why) != VERDICT_GOOD);
			refused += (used & 1u << k) != 0;
			taken += v == VERDICT_GOOD;
		}
	}
	print_message("disks in use: %lu of %lu refused; free ones taken: %lu\n", refused, refused, taken);
	assert_true(refused > 1000 && taken > 1000);
}

/* ---- the rest of the judgement ---- */

static void
each_refusal_has_its_reason(void **state)
{
	static const struct allow none;
	struct device good = {.bytes = 100, .removable = 1}, d;
	char why[JUDGE_WHY_BYTES];

	(void)state;
	assert_int_equal(judge_device(&good, &none, 100, why), VERDICT_GOOD);
	assert_string_equal(why, "");
	assert_int_equal(judge_device(&good, &none, 101, why), VERDICT_TOO_SMALL);
	assert_non_null(strstr(why, "100 bytes and the image 101"));
	d = good;
	d.bytes = 0;
	assert_int_equal(judge_device(&d, &none, 1, why), VERDICT_NO_MEDIUM);
	d = good;
	d.read_only = 1;
	assert_int_equal(judge_device(&d, &none, 1, why), VERDICT_READ_ONLY);
	d = good;
	d.removable = 0;
	assert_int_equal(judge_device(&d, &none, 1, why), VERDICT_NOT_LISTED);
	d.use = USE_SYSTEM;
	assert_int_equal(judge_device(&d, &none, 1, why), VERDICT_SYSTEM);
	for (enum device_use x = USE_HELD; x <= USE_MOUNTED; x++) {
		d = good;
		d.use = x;
		assert_int_equal(judge_device(&d, &none, 1, why), VERDICT_IN_USE);
		assert_true(strlen(why) > 20);
	}
}

static void
allowed_disks_are_named_in_full(void **state)
{
	static const char text[] = "# cards\n\n  usb-Card_Reader-0:1  # the grey one\r\nloop:/a b\n";
	struct device d = {.bytes = 100, .n_names = 1};
	struct allow a;
	size_t line;

	(void)state;
	assert_int_equal(allow_read(&a, SPAN((const uint8_t *)text, sizeof(text) - 1), &line), 0);
	assert_int_equal(a.n, 2);
	assert_string_equal(a.names[0], "usb-Card_Reader-0:1");
	assert_string_equal(a.names[1], "loop:/a b");
	(void)snprintf(d.names[0], sizeof(d.names[0]), "usb-Card_Reader-0:1");
	assert_true(judge_listed(&d, &a));
	(void)snprintf(d.names[0], sizeof(d.names[0]), "usb-Card_Reader-0:10");
	assert_false(judge_listed(&d, &a));
	(void)snprintf(d.names[0], sizeof(d.names[0]), "usb-Card_Reader");
	assert_false(judge_listed(&d, &a));
	assert_int_equal(allow_read(&a, SPAN((const uint8_t *)"a\nb\0c\n", 6), &line), -EINVAL);
	assert_int_equal(line, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(the_system_is_found_through_a_partition, clean),
	    cmocka_unit_test_teardown(the_system_is_found_through_lvm_on_encryption_on_raid, clean),
	    cmocka_unit_test_teardown(every_disk_of_a_btrfs_counts, clean),
	    cmocka_unit_test_teardown(a_live_system_lies_on_its_stick_through_overlay_and_loop, clean),
	    cmocka_unit_test_teardown(swap_and_holders_count_without_a_mount, clean),
	    cmocka_unit_test_teardown(what_is_not_known_counts_as_in_use, clean),
	    cmocka_unit_test_teardown(no_random_computer_loses_a_disk_in_use, clean),
	    cmocka_unit_test(each_refusal_has_its_reason),
	    cmocka_unit_test(allowed_disks_are_named_in_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
