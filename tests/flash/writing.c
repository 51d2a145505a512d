/*
 * The order of a flash, and what is left when it is cut short at every single operation.
 */
#include "cm.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../../tools/lanectl/writer.h"
#include "disk.h"
#include "release.h"

static struct release r;
static struct source source;

static int
never(void *arg, uint64_t done)
{
	(void)arg, (void)done;
	return 0;
}

static int
begin(void **state)
{
	(void)state;
	release_make(&r);
	assert_int_equal(source_open(&source, r.image, r.key), 0);
	assert_int_equal(source_check(&source, 1, never, NULL), 0);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	source_close(&source);
	release_free(&r);
	return 0;
}

static int
away(void **state)
{
	(void)state;
	disks_free();
	atomic_store(&disk_stop, 0);
	return 0;
}

static enum writer_result
run(struct writer *w, struct disk *d)
{
	*w = (struct writer){.source = &source, .device = &d->device, .stop = &disk_stop};
	writer_run(w);
	assert_int_equal(atomic_load(&w->step), STEP_OVER);
	assert_false(d->is_open);
	return w->result;
}

static enum writer_result
run_once(struct disk *d)
{
	struct writer w;

	return run(&w, d);
}

/* Every mapped block is the image's, on what survives a power cut. */
static int
is_whole(const struct disk *d)
{
	for (size_t i = 0; i < source.n_pieces; i++)
		if (memcmp(d->stable + source.pieces[i].at, r.bytes + source.pieces[i].at,
			   source.pieces[i].bytes) != 0)
			return 0;
	return 1;
}

/* Could a computer find something to start from? The old first block, or the new one. */
static int
may_boot(const struct disk *d)
{
	for (size_t i = 0; i < 4096 - 32; i++) /* the marks of the probe stand behind */
		if (d->stable[i] != 0)
			return 1;
	return 0;
}

static int
is_untouched(const struct disk *d)
{
	for (uint64_t i = 0; i < d->device.bytes; i++)
		if (d->stable[i] != 0xa5)
			return 0;
	return 1;
}

static void
a_flash_leaves_the_image_and_clears_the_far_end(void **state)
{
	struct disk *d = disk_add(r.folder, "a", "S1", 6 << 20);
	struct writer w;

	(void)state;
	assert_int_equal(run(&w, d), RESULT_VERIFIED);
	assert_true(is_whole(d));
	assert_int_equal(w.kept_bytes, 0);
	/* A stale copy of a partition table at the end of the disk would be believed. */
	for (uint64_t i = 5 << 20; i < 6 << 20; i++)
		assert_int_equal(d->stable[i], 0);
	/* Holes are not written. */
	assert_int_equal(d->stable[1 << 20 | 2 << 16], 0xa5);
}

static void
a_disk_of_just_the_size_is_flashed(void **state)
{
	struct disk *d = disk_add(r.folder, "a", "S1", RELEASE_IMAGE_BYTES);

	(void)state;
	assert_int_equal(run_once(d), RESULT_VERIFIED);
	assert_true(is_whole(d));
}

static void
a_second_flash_keeps_what_is_there(void **state)
{
	struct disk *d = disk_add(r.folder, "a", "S1", 6 << 20);
	struct writer first, second;

	(void)state;
	assert_int_equal(run(&first, d), RESULT_VERIFIED);
	assert_int_equal(run(&second, d), RESULT_VERIFIED);
	assert_true(is_whole(d));
	assert_int_equal(second.kept_bytes, source.mapped_bytes - (2 << 20)); /* all of the body */
	assert_true(second.written_bytes < first.written_bytes);
}

static uint64_t
ops_of_a_flash(void)
{
	struct disk *d = disk_add(r.folder, "count", "S0", 6 << 20);
	uint64_t n;

	assert_int_equal(run_once(d), RESULT_VERIFIED);
	n = d->ops;
	disks_free();
	return n;
}

/* Pulled out at operation N, with what was not synced there or not: it does not boot unless whole; then the same command goes on. */
static void
pulled_out_at_every_operation_and_continued(void **state)
{
	uint64_t n = ops_of_a_flash();
	unsigned int kept = 0;

	(void)state;
	assert_true(n > 40);
	for (uint64_t at = 1; at <= n; at++) {
		struct disk *d = disk_add(r.folder, "a", "S1", 6 << 20);
		struct writer w;

		d->fail_at = at;
		d->fail_with = ENODEV;
		d->gone = 1;
		assert_int_equal(run(&w, d), RESULT_GONE);
		disk_cut_power(d, (unsigned int)at);
		assert_true(w.untouched ? is_untouched(d) : !may_boot(d) || is_whole(d) || is_untouched(d));
		disk_heal(d);
		assert_int_equal(run(&w, d), RESULT_VERIFIED);
		assert_true(is_whole(d));
		kept += w.kept_bytes > 0;
		disks_free();
	}
	/* Most of the way through, something was there to be kept. */
	assert_true(kept > n / 3);
}

/* After the ends were cleared and synced, the disk must not boot: neither the old system nor a half of the new. */
static void
cleared_before_anything_else_is_written(void **state)
{
	uint64_t n = ops_of_a_flash(), cleared = 0;

	(void)state;
	for (uint64_t at = 1; at <= n; at++) {
		struct disk *d = disk_add(r.folder, "a", "S1", 6 << 20);

		d->fail_at = at;
		d->fail_with = EIO;
		d->gone = 1;
		assert_int_not_equal(run_once(d), RESULT_VERIFIED);
		disk_cut_power(d, (unsigned int)at * 77);
		/* Once cleared it stays so until the very last write: the body never lies under an old table. */
		if (!may_boot(d))
			cleared++;
		else
			assert_true(
			    memcmp(d->stable + (1 << 20) + 65536, r.bytes + (1 << 20) + 65536, 65536) != 0 ||
			    is_whole(d));
		disks_free();
	}
	assert_true(cleared > n / 2);
}

static void
stopped_at_every_piece_and_continued(void **state)
{
	uint64_t n = ops_of_a_flash();
	unsigned int stops = 0;

	(void)state;
	for (uint64_t at = 1; at <= n; at++) {
		struct disk *d = disk_add(r.folder, "a", "S1", 6 << 20);
		struct writer w;

		d->stop_at = at;
		/* Stopped in the last piece, it is done. */
		if (run(&w, d) == RESULT_STOPPED) {
			assert_true(w.untouched ? is_untouched(d) : !may_boot(d));
			stops++;
		} else {
			assert_true(w.result == RESULT_VERIFIED && is_whole(d));
		}
		disk_heal(d);
		atomic_store(&disk_stop, 0);
		assert_int_equal(run(&w, d), RESULT_VERIFIED);
		assert_true(is_whole(d));
		disks_free();
	}
	assert_true(stops > n * 3 / 4);
}

static void
a_write_error_is_named_with_its_place(void **state)
{
	uint64_t n = ops_of_a_flash();

	(void)state;
	for (uint64_t at = 2; at <= n; at++) {
		struct disk *d = disk_add(r.folder, "a", "S1", 6 << 20);
		struct writer w;

		d->fail_at = at;
		d->fail_with = EIO;
		(void)run(&w, d);
		assert_true(w.result == RESULT_WRITE_ERROR || w.result == RESULT_READ_ERROR);
		assert_true(w.at <= d->device.bytes);
		assert_true(!may_boot(d) || is_untouched(d));
		disks_free();
	}
}

static void
what_is_read_back_wrong_never_boots(void **state)
{
	(void)state;
	for (size_t i = 0; i < source.n_pieces; i++) {
		struct disk *d = disk_add(r.folder, "a", "S1", 6 << 20);
		struct writer w;

		d->bad_from = source.pieces[i].at + source.pieces[i].bytes - 4096;
		d->bad_to = d->bad_from + 4096;
		(void)run(&w, d);
		/* The first block is also probed, and lies then. */
		assert_true(w.result == RESULT_DIFFERENT || (d->bad_from == 0 && w.result == RESULT_FAKE));
		if (w.result == RESULT_DIFFERENT)
			assert_int_equal(w.at, source.pieces[i].at);
		assert_false(may_boot(d));
		disks_free();
	}
}

static void
false_capacity_is_found(void **state)
{
	static const uint64_t real[] = {2 << 20, 3 << 20, 64 << 20, 128 << 20};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(real); i++) {
		struct disk *d = disk_add(r.folder, "a", "S1", 512 << 20);

		d->real_bytes = real[i];
		assert_int_not_equal(run_once(d), RESULT_VERIFIED);
		assert_false(may_boot(d));
		disks_free();
	}
}

static void
an_honest_large_disk_is_not_called_false(void **state)
{
	struct disk *d = disk_add(r.folder, "a", "S1", 300 << 20);

	(void)state;
	assert_int_equal(run_once(d), RESULT_VERIFIED);
	assert_true(is_whole(d));
	/* The probe gave back what it wrote over. */
	for (uint64_t i = 64 << 20; i < (64 << 20) + 4096; i++)
		assert_int_equal(d->stable[i], 0);
}

static void
another_disk_in_the_slot_is_not_written(void **state)
{
	struct disk *d = disk_add(r.folder, "a", "S1", 6 << 20);
	struct device asked = d->device;
	struct writer w = {.source = &source, .device = &asked, .stop = &disk_stop};

	(void)state;
	(void)snprintf(d->device.serial, sizeof(d->device.serial), "S2");
	writer_run(&w);
	assert_int_equal(w.result, RESULT_CHANGED);
	assert_true(w.untouched && is_untouched(d));
}

static void
a_disk_that_cannot_be_opened_is_named_so(void **state)
{
	static const struct {
		int err;
		enum writer_result result;
	} rows[] = {{-EBUSY, RESULT_BUSY},      {-EACCES, RESULT_DENIED},  {-EPERM, RESULT_DENIED},
		    {-EROFS, RESULT_READ_ONLY}, {-ESTALE, RESULT_CHANGED}, {-ENXIO, RESULT_GONE},
		    {-ENODEV, RESULT_GONE},     {-ENOENT, RESULT_GONE}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct disk *d = disk_add(r.folder, "a", "S1", 6 << 20);
		struct writer w;

		d->open_err = rows[i].err;
		assert_int_equal(run(&w, d), rows[i].result);
		assert_true(w.untouched && is_untouched(d));
		disks_free();
	}
}

static void
write_protection_seen_late_is_named(void **state)
{
	struct disk *d = disk_add(r.folder, "a", "S1", 6 << 20);
	struct writer w;

	(void)state;
	d->fail_at = 3; /* open, the first compare, then the first write */
	d->fail_with = EROFS;
	d->gone = 1;
	assert_int_equal(run(&w, d), RESULT_READ_ONLY);
	assert_true(is_untouched(d));
}

static void
an_image_that_changes_under_way_is_refused(void **state)
{
	struct disk *d = disk_add(r.folder, "a", "S1", 6 << 20);
	const uint8_t other = (uint8_t)~r.bytes[2 << 20];
	FILE *f = fopen(r.image, "r+");

	(void)state;
	assert_non_null(f);
	assert_int_equal(fseek(f, 2 << 20, SEEK_SET), 0);
	assert_int_equal(fputc(other, f), other);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(run_once(d), RESULT_IMAGE_CHANGED);
	assert_false(may_boot(d));
	f = fopen(r.image, "r+");
	assert_non_null(f);
	assert_int_equal(fseek(f, 2 << 20, SEEK_SET), 0);
	(void)fputc(r.bytes[2 << 20], f);
	assert_int_equal(fclose(f), 0);
}

static void
every_result_says_what_to_do(void **state)
{
	(void)state;
	for (enum writer_result i = RESULT_NONE; i < RESULTS; i++) {
		assert_true(strlen(writer_result_word(i)) > 2);
		assert_true(strlen(writer_result_text(i)) > 10);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(a_flash_leaves_the_image_and_clears_the_far_end, away),
	    cmocka_unit_test_teardown(a_disk_of_just_the_size_is_flashed, away),
	    cmocka_unit_test_teardown(a_second_flash_keeps_what_is_there, away),
	    cmocka_unit_test_teardown(pulled_out_at_every_operation_and_continued, away),
	    cmocka_unit_test_teardown(cleared_before_anything_else_is_written, away),
	    cmocka_unit_test_teardown(stopped_at_every_piece_and_continued, away),
	    cmocka_unit_test_teardown(a_write_error_is_named_with_its_place, away),
	    cmocka_unit_test_teardown(what_is_read_back_wrong_never_boots, away),
	    cmocka_unit_test_teardown(false_capacity_is_found, away),
	    cmocka_unit_test_teardown(an_honest_large_disk_is_not_called_false, away),
	    cmocka_unit_test_teardown(another_disk_in_the_slot_is_not_written, away),
	    cmocka_unit_test_teardown(a_disk_that_cannot_be_opened_is_named_so, away),
	    cmocka_unit_test_teardown(write_protection_seen_late_is_named, away),
	    cmocka_unit_test_teardown(an_image_that_changes_under_way_is_refused, away),
	    cmocka_unit_test(every_result_says_what_to_do),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
