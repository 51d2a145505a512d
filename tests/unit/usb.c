/*
 * USB functions that nobody drives are counted; the test plays the kernel's folder.
 */
#include "cm.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/usb.h"

static void
functions_without_a_driver_are_counted(void **state)
{
	static const char *const names[] = {"usb1", "1-0:1.0", "1-2", "1-2:1.0", "1-2:1.1", "1-0:1.0/driver", "1-2:1.1/driver"};
	char folder[] = "/tmp/usb.XXXXXX", path[80];

	(void)state;
	assert_non_null(mkdtemp(folder));
	assert_int_equal(usb_count_ignored(folder), 0);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		assert_int_equal(mkdir(path, 0700), 0);
	}
	assert_int_equal(usb_count_ignored(folder), 1);
	for (size_t i = sizeof(names) / sizeof(names[0]); i-- > 0;) {
		(void)snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		assert_int_equal(rmdir(path), 0);
	}
	assert_int_equal(rmdir(folder), 0);
	assert_int_equal(usb_count_ignored(folder), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(functions_without_a_driver_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
