/*
 * The data partition at the start of a unit: what is done for each answer of e2fsck, mount and mke2fs. The test plays them.
 */
#include "cm.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../../firmware/init/init.h"

enum { DID_NOT_START = 127, KILLED = -EINTR };

static struct {
	int check, mend, make, mounts[2]; /* what each answers */
	char done[80];
	int n_mounts;
} played;

static void
note(const char *what)
{
	strncat(played.done, what, sizeof(played.done) - strlen(played.done) - 1);
}

int
init_find_part(char path[INIT_PATH_BYTES], const char *name, unsigned int limit_s)
{
	assert_string_equal(name, "laneseal-data");
	assert_in_range(limit_s, 1, 60);
	(void)snprintf(path, INIT_PATH_BYTES, "/dev/drawn");
	return 0;
}

int
init_run(const char *const argv[])
{
	int make = strcmp(argv[0], "/usr/sbin/mke2fs") == 0, n = 0;

	while (argv[n + 1])
		n++;
	assert_string_equal(argv[n], "/dev/drawn");
	if (make) {
		note(" make");
		return played.make;
	}
	assert_string_equal(argv[0], "/usr/sbin/e2fsck");
	note(strcmp(argv[1], "-p") == 0 ? " check" : " mend");
	return strcmp(argv[1], "-p") == 0 ? played.check : played.mend;
}

int
init_mount(const char *what, const char *at, const char *type, unsigned long flags, const char *options)
{
	(void)flags;
	(void)options;
	assert_string_equal(what, "/dev/drawn");
	assert_string_equal(at, "/data");
	assert_string_equal(type, "ext4");
	note(" mount");
	return played.mounts[played.n_mounts++];
}

static void
each_answer_has_its_step(void **state)
{
	static const struct {
		int check, mend, make, mounts[2], answer;
		const char *done;
	} rows[] = {
		{.done = " check mount"},
		{.check = 1, .done = " check mount"},
		{.check = 4, .mend = 1, .done = " check mend mount"},
		{.check = 8, .mend = 8, .done = " check mend make mount"}, /* a new medium */
		{.check = 4, .mend = 4, .make = 1, .answer = -EIO, .done = " check mend make"},
		{.mounts = {-EINVAL}, .done = " check mount make mount"},
		{.mounts = {-EINVAL, -EIO}, .answer = -EIO, .done = " check mount make mount"},
		/* Nobody found that the data are lost. */
		{.check = KILLED, .done = " check mend mount"},
		{.check = KILLED, .mend = KILLED, .done = " check mend mount"},
		{.check = DID_NOT_START, .mend = DID_NOT_START, .done = " check mend mount"},
		{.check = -ENOMEM, .mend = -ENOMEM, .mounts = {-EINVAL}, .done = " check mend mount make mount"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		memset(&played, 0, sizeof(played));
		played.check = rows[i].check;
		played.mend = rows[i].mend;
		played.make = rows[i].make;
		memcpy(played.mounts, rows[i].mounts, sizeof(played.mounts));
		assert_int_equal(init_open_data(), rows[i].answer);
		assert_string_equal(played.done, rows[i].done);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(each_answer_has_its_step)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
