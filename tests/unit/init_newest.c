/*
 * The highest rollback index found good: only raised, whatever the disk does.
 */
#include "cm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../firmware/init/newest.h"

static char folder[64], name[80];

static int
setup(void **state)
{
	(void)state;
	(void)snprintf(folder, sizeof(folder), "/tmp/newest.XXXXXX");
	assert_non_null(mkdtemp(folder));
	(void)snprintf(name, sizeof(name), "%s/newest", folder);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	(void)unlink(name);
	return rmdir(folder);
}

static void
put(const char *text)
{
	FILE *f = fopen(name, "w");

	assert_non_null(f);
	assert_int_equal(fputs(text, f) < 0, 0);
	assert_int_equal(fclose(f), 0);
}

static void
it_is_raised_and_never_lowered(void **state)
{
	(void)state;
	assert_int_equal(newest_read(folder), 0);
	newest_raise(folder, 4);
	assert_int_equal(newest_read(folder), 4);
	newest_raise(folder, 3);
	assert_int_equal(newest_read(folder), 4);
	newest_raise(folder, 12);
	assert_int_equal(newest_read(folder), 12);
}

static void
what_is_no_number_is_as_good_as_none(void **state)
{
	static const char *const texts[] = {"", "\n", "x\n", "-4\n", "4", "4 \n", "4\n5\n", "99999999999999999999999\n",
					    "0000000000000000000000000000000000000004\n"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		put(texts[i]);
		assert_int_equal(newest_read(folder), 0);
	}
	newest_raise(folder, 5);
	assert_int_equal(newest_read(folder), 5);
}

static void
without_a_folder_nothing_is_known(void **state)
{
	(void)state;
	assert_int_equal(newest_read("/nowhere"), 0);
	newest_raise("/nowhere", 7);
	assert_int_equal(newest_read("/nowhere"), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(it_is_raised_and_never_lowered, setup, teardown),
	    cmocka_unit_test_setup_teardown(what_is_no_number_is_as_good_as_none, setup, teardown),
	    cmocka_unit_test_setup_teardown(without_a_folder_nothing_is_known, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
