/*
 * Files that are replaced as a whole, and files that are read as a whole.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/io.h"
#include "cm.h"

static char folder[] = "/tmp/laneseal-io-XXXXXX";
static int dir = -1;

static int
setup(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return dir < 0 ? -1 : 0;
}

static int
teardown(void **state)
{
	static const char *const names[] = {"file", "big", ".file.new"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		(void)unlinkat(dir, names[i], 0);
	(void)close(dir);
	return rmdir(folder);
}

static int
count_files(void)
{
	DIR *d = opendir(folder);
	struct dirent *e;
	int n = 0;

	assert_non_null(d);
	while ((e = readdir(d)))
		n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
	assert_int_equal(closedir(d), 0);
	return n;
}

static void
a_replaced_file_is_the_new_one_alone(void **state)
{
	uint8_t back[8];
	struct stat st;

	(void)state;
	assert_int_equal(io_replace_at(dir, "file", SPAN((const uint8_t *)"old", 3), 0600), 0);
	assert_int_equal(io_replace_at(dir, "file", SPAN((const uint8_t *)"newer", 5), 0400), 0);
	assert_int_equal(io_load_at(dir, "file", SPACE_OF(back)), 5);
	assert_memory_equal(back, "newer", 5);
	assert_int_equal(fstatat(dir, "file", &st, 0), 0);
	assert_int_equal(st.st_mode & 0777, 0400);
	assert_int_equal(count_files(), 1);
}

static void
what_a_power_cut_left_does_not_matter(void **state)
{
	uint8_t back[8];
	int fd = openat(dir, ".file.new", O_CREAT | O_WRONLY, 0444);

	(void)state;
	assert_int_equal(io_write_all(fd, "half of something", 17), 0);
	assert_int_equal(close(fd), 0);
	assert_int_equal(io_replace_at(dir, "file", SPAN((const uint8_t *)"whole", 5), 0600), 0);
	assert_int_equal(io_load_at(dir, "file", SPACE_OF(back)), 5);
	assert_int_equal(count_files(), 1);
}

static void
a_failed_replacement_leaves_nothing(void **state)
{
	const struct span bytes = SPAN((const uint8_t *)"x", 1);
	char name[300];

	(void)state;
	memset(name, 'a', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(io_replace_at(dir, name, bytes, 0600), -ENAMETOOLONG);
	assert_int_equal(io_replace_at(dir, "a/b", bytes, 0600), -EINVAL);
	assert_int_equal(io_replace_at(dir, "", bytes, 0600), -EINVAL);
	assert_int_equal(mkdirat(dir, "sub", 0700), 0);
	assert_true(io_replace_at(dir, "sub", bytes, 0600) < 0);
	assert_int_equal(unlinkat(dir, "sub", AT_REMOVEDIR), 0);
	assert_int_equal(count_files(), 1);
}

static void
a_load_is_whole_or_too_big_and_from_the_beginning(void **state)
{
	uint8_t back[4];
	int fd;

	(void)state;
	assert_int_equal(io_replace_at(dir, "big", SPAN((const uint8_t *)"12345", 5), 0600), 0);
	assert_int_equal(io_load_at(dir, "big", SPACE_OF(back)), -EFBIG);
	assert_int_equal(io_replace_at(dir, "big", SPAN((const uint8_t *)"1234", 4), 0600), 0);
	assert_int_equal(io_load_at(dir, "big", SPACE_OF(back)), 4);
	assert_int_equal(io_load_at(dir, "none", SPACE_OF(back)), -ENOENT);
	fd = openat(dir, "big", O_RDONLY);
	for (int i = 0; i < 2; i++)
		assert_int_equal(io_load(fd, SPACE_OF(back)), 4);
	assert_int_equal(io_read_all(fd, back, 4), 0);
	assert_int_equal(io_read_all(fd, back, 1), -EPIPE);
	assert_int_equal(close(fd), 0);
}

int
main(void)
{
	const struct CMUnitTest all[] = {
	    cmocka_unit_test(a_replaced_file_is_the_new_one_alone),
	    cmocka_unit_test(what_a_power_cut_left_does_not_matter),
	    cmocka_unit_test(a_failed_replacement_leaves_nothing),
	    cmocka_unit_test(a_load_is_whole_or_too_big_and_from_the_beginning),
	};

	return cmocka_run_group_tests(all, setup, teardown);
}
