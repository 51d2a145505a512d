/*
 * "lanectl flash" as a whole over disks in memory: several at once, what it refuses, and what it writes down.
 */
#include "cm.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../../tools/lanectl/commands.h"
#include "disk.h"
#include "release.h"

/* main.c has these; it is not linked here. */
atomic_int command_stop;

void
command_catch_stop(void)
{
}

void
command_parse(const struct argp *argp, int argc, char **argv, void *into)
{
	argp_err_exit_status = EXIT_TROUBLE;
	assert_int_equal(argp_parse(argp, argc, argv, 0, NULL, into), 0);
}

void
command_json(json_t *j)
{
	(void)json_dumpf(j, stdout, JSON_COMPACT);
	json_decref(j);
}

static struct release r;
static json_t *answer; /* of the last run, when it was JSON */
static char errors[4096];

static int
begin(void **state)
{
	(void)state;
	release_make(&r);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	json_decref(answer);
	release_free(&r);
	return 0;
}

static int
away(void **state)
{
	(void)state;
	disks_free();
	release_sign(&r, r.signer);
	return 0;
}

static void
in_child(char **argv, int argc, const char *out, const char *err)
{
	assert_true(freopen(out, "w", stdout) && freopen(err, "w", stderr));
	(void)setsid(); /* no terminal to ask on */
	argc = command_flash(argc, argv);
	(void)fflush(NULL);
	_exit(argc);
}

/* Words after "lanectl flash IMAGE --json" and the release's files. */
static int
flash(const char *const *words)
{
	char *argv[48] = {(char *)"lanectl flash",
			  r.image,
			  (char *)"--json",
			  (char *)"--release-key",
			  r.key,
			  (char *)"--log",
			  r.log,
			  (char *)"--log-key",
			  r.log_key,
			  (char *)"--allow-list",
			  (char *)"/none"};
	char out[RELEASE_PATH_BYTES], err[RELEASE_PATH_BYTES];
	int argc = 11, status;
	FILE *f;
	pid_t child;

	(void)snprintf(out, sizeof(out), "%s/out", r.folder);
	(void)snprintf(err, sizeof(err), "%s/err", r.folder);
	while (*words)
		argv[argc++] = (char *)(uintptr_t)*words++;
	child = fork();
	if (child == 0)
		in_child(argv, argc, out, err);
	assert_true(waitpid(child, &status, 0) == child && WIFEXITED(status));
	json_decref(answer);
	answer = json_load_file(out, 0, NULL);
	f = fopen(err, "r");
	assert_non_null(f);
	errors[fread(errors, 1, sizeof(errors) - 1, f)] = 0;
	assert_int_equal(fclose(f), 0);
	return WEXITSTATUS(status);
}

static int
is_whole(const struct disk *d)
{
	return memcmp(d->stable, r.bytes, 1 << 20) == 0;
}

static int
is_untouched(const struct disk *d)
{
	for (uint64_t i = 0; i < d->device.bytes; i++)
		if (d->stable[i] != 0xa5)
			return 0;
	return 1;
}

static const char *
result(size_t i, const char *what)
{
	return json_string_value(
	    json_object_get(json_array_get(json_object_get(answer, "targets"), i), what));
}

static size_t
log_lines(void)
{
	FILE *f = fopen(r.log, "r");
	size_t n = 0;

	for (int c = f ? fgetc(f) : EOF; c != EOF; c = fgetc(f))
		n += c == '\n';
	if (f)
		(void)fclose(f);
	return n;
}

static void
several_at_once_and_one_that_fails_does_not_stop_the_others(void **state)
{
	struct disk *a = disk_add(r.folder, "a", "S1", 6 << 20), *b = disk_add(r.folder, "b", "S2", 5 << 20);
	struct disk *c = disk_add(r.folder, "c", "S3", 4 << 20);
	const char *const words[] = {
	    "--to",  a->device.path, "--to",  b->device.path, "--to", c->device.path, "--unit",
	    "u1",    "--unit",       "u2",    "--unit",       "u3",   "--yes",        "S1",
	    "--yes", "S2",           "--yes", "S3",           NULL};
	size_t before = log_lines();

	(void)state;
	b->fail_at = 20;
	b->fail_with = EIO;
	assert_int_equal(flash(words), EXIT_FAILED);
	assert_true(is_whole(a) && is_whole(c) && !is_whole(b));
	assert_string_equal(result(0, "result"), "verified");
	assert_string_equal(result(1, "result"), "write-error");
	assert_string_equal(result(2, "unit"), "u3");
	assert_non_null(strstr(errors, "reports an error in writing"));
	assert_int_equal(log_lines(), before + 3);
}

static void
a_link_leads_to_its_disk_and_two_names_of_one_disk_are_refused(void **state)
{
	struct disk *a = disk_add(r.folder, "a", "S1", 6 << 20);
	char link[RELEASE_PATH_BYTES];
	const char *const one[] = {"--to", link, "--yes", "S1", NULL};
	const char *const two[] = {"--to", link, "--to", a->device.path, "--yes", "S1", NULL};

	(void)state;
	(void)snprintf(link, sizeof(link), "%s/usb-by-id", r.folder);
	assert_int_equal(symlink(a->device.path, link), 0);
	assert_int_equal(flash(two), EXIT_DEVICE);
	assert_non_null(strstr(errors, "is the same disk as"));
	assert_true(is_untouched(a));
	assert_int_equal(flash(one), EXIT_GOOD);
	assert_true(is_whole(a));
	assert_int_equal(unlink(link), 0);
}

/* Each row of refusals leaves the disk as it was, whatever else is given. */
static void
refused_disks_are_not_touched(void **state)
{
	static const struct {
		enum device_use use;
		int fixed, read_only, empty;
		const char *yes, *words;
	} rows[] = {
	    {USE_SYSTEM, 0, 0, 0, "S1", "this computer runs from it"},
	    {USE_SYSTEM, 1, 0, 0, "S1", "this computer runs from it"},
	    {USE_MOUNTED, 0, 0, 0, "S1", "unmount it first"},
	    {USE_SWAP, 0, 0, 0, "S1", "in use"},
	    {USE_HELD, 0, 0, 0, "S1", "stop what holds it"},
	    {USE_NONE, 1, 0, 0, "S1", "cannot be taken out"},
	    {USE_NONE, 0, 1, 0, "S1", "write-protected"},
	    {USE_NONE, 0, 0, 1, "S1", "no medium"},
	    {USE_NONE, 0, 0, 0, "S2", "no terminal to ask on"},
	    {USE_NONE, 0, 0, 0, "", "no terminal to ask on"},
	    {USE_NONE, 0, 0, 0, "Drawn", "no terminal to ask on"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct disk *d = disk_add(r.folder, "a", "S1", 6 << 20);
		const char *const words[] = {"--to", d->device.path, "--yes", rows[i].yes, NULL};
		size_t before = log_lines();

		d->device.use = rows[i].use;
		d->device.removable = !rows[i].fixed;
		d->device.read_only = rows[i].read_only;
		if (rows[i].empty)
			d->device.bytes = 0;
		assert_int_equal(flash(words), EXIT_DEVICE);
		assert_non_null(strstr(errors, rows[i].words));
		d->device.bytes = 6 << 20;
		assert_true(is_untouched(d));
		assert_int_equal(log_lines(), before);
		disks_free();
	}
}

static void
a_small_disk_beside_a_good_one_stops_both(void **state)
{
	struct disk *a = disk_add(r.folder, "a", "S1", 6 << 20), *b = disk_add(r.folder, "b", "S2", 3 << 20);
	const char *const words[] = {"--to",  a->device.path, "--to", b->device.path, "--yes", "S1",
				     "--yes", "S2",           NULL};

	(void)state;
	assert_int_equal(flash(words), EXIT_DEVICE);
	assert_non_null(strstr(errors, "too small"));
	assert_true(is_untouched(a) && is_untouched(b));
}

static void
names_that_are_no_disks_are_refused(void **state)
{
	static const struct {
		const char *name, *words;
	} rows[] = {{"none-such", "no such disk"},
		    {"image", "is no disk"},
		    {"a1", "is a partition; name the whole disk"},
		    {"ab1", "is no disk"}, /* of a disk that is not listed */
		    {"m0p2", "is a partition; name the whole disk"},
		    {"m01", "is no disk"}};
	struct disk *a = disk_add(r.folder, "a", "S1", 6 << 20), *m = disk_add(r.folder, "m0", "S2", 6 << 20);
	char path[RELEASE_PATH_BYTES];
	const char *const words[] = {"--to", path, NULL};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", r.folder, rows[i].name);
		if (i >= 2)
			assert_int_equal(close(open(path, O_CREAT | O_EXCL | O_CLOEXEC, 0600)), 0);
		assert_int_equal(flash(words), EXIT_DEVICE);
		assert_non_null(strstr(errors, rows[i].words));
		if (i >= 2)
			assert_int_equal(unlink(path), 0);
	}
	assert_true(is_untouched(a) && is_untouched(m));
}

static void
a_disk_that_changed_after_the_question_is_not_written(void **state)
{
	struct disk *a = disk_add(r.folder, "a", "S1", 6 << 20);
	const char *const words[] = {"--to", a->device.path, "--yes", "S1", NULL};

	(void)state;
	a->open_err = -ESTALE;
	assert_int_equal(flash(words), EXIT_FAILED);
	assert_string_equal(result(0, "result"), "changed");
	assert_true(is_untouched(a));
}

static void
images_that_are_not_as_released_are_refused(void **state)
{
	struct disk *a = disk_add(r.folder, "a", "S1", 6 << 20);
	const char *const words[] = {"--to", a->device.path, "--yes", "S1", NULL};
	const char *const other_board[] = {"--to", a->device.path, "--yes", "S1", "--board", "imx8mp", NULL};
	struct manifest good = r.manifest;

	(void)state;
	assert_int_equal(flash(other_board), EXIT_IMAGE);
	assert_non_null(strstr(errors, "is for the board qemu-x86_64, not imx8mp"));
	release_sign(&r, r.technician);
	assert_int_equal(flash(words), EXIT_IMAGE);
	assert_non_null(strstr(errors, "not signed by the release key"));
	r.manifest.made_s = 1000;
	r.manifest.expires_s = 2000;
	release_sign(&r, r.signer);
	assert_int_equal(flash(words), EXIT_IMAGE);
	assert_non_null(strstr(errors, "has expired"));
	r.manifest = good;
	r.manifest.image_bytes += 4096;
	release_sign(&r, r.signer);
	assert_int_equal(flash(words), EXIT_IMAGE);
	assert_non_null(strstr(errors, "cut short or is another image"));
	r.manifest = good;
	r.manifest.map_hash[0] ^= 1;
	release_sign(&r, r.signer);
	assert_int_equal(flash(words), EXIT_IMAGE);
	assert_non_null(strstr(errors, "not the block map that the manifest names"));
	r.manifest = good;
	assert_true(is_untouched(a));
}

static void
a_damaged_image_is_found_before_the_disk_is_touched(void **state)
{
	struct disk *a = disk_add(r.folder, "a", "S1", 6 << 20);
	const char *const words[] = {"--to", a->device.path, "--yes", "S1", NULL};
	uint8_t bad = (uint8_t)~r.bytes[9];
	int fd = open(r.image, O_RDWR | O_CLOEXEC);

	(void)state;
	assert_true(fd >= 0 && pwrite(fd, &bad, 1, 9) == 1);
	assert_int_equal(flash(words), EXIT_IMAGE);
	assert_non_null(strstr(errors, "is damaged at or behind byte 0"));
	assert_true(is_untouched(a));
	assert_true(pwrite(fd, r.bytes + 9, 1, 9) == 1);
	(void)close(fd);
}

static void
without_a_key_for_the_record_nothing_is_written(void **state)
{
	struct disk *a = disk_add(r.folder, "a", "S1", 6 << 20);
	const char *const words[] = {"--to", a->device.path, "--yes", "S1", "--log-key", "/none", NULL};

	(void)state;
	assert_int_equal(flash(words), EXIT_TROUBLE);
	assert_non_null(strstr(errors, "technician-key"));
	assert_true(is_untouched(a));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(several_at_once_and_one_that_fails_does_not_stop_the_others, away),
	    cmocka_unit_test_teardown(a_link_leads_to_its_disk_and_two_names_of_one_disk_are_refused, away),
	    cmocka_unit_test_teardown(refused_disks_are_not_touched, away),
	    cmocka_unit_test_teardown(a_small_disk_beside_a_good_one_stops_both, away),
	    cmocka_unit_test_teardown(names_that_are_no_disks_are_refused, away),
	    cmocka_unit_test_teardown(a_disk_that_changed_after_the_question_is_not_written, away),
	    cmocka_unit_test_teardown(images_that_are_not_as_released_are_refused, away),
	    cmocka_unit_test_teardown(a_damaged_image_is_found_before_the_disk_is_touched, away),
	    cmocka_unit_test_teardown(without_a_key_for_the_record_nothing_is_written, away),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
