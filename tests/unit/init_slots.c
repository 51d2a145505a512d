/*
 * What the boot loader remembers of the two slots: read, written, and asked for by RAUC. The test plays the boot partition.
 */
#include "cm.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "../../firmware/init/init.h"
#include "../../firmware/init/slots.h"

int __wrap_open(const char *path, int flags, ...);
int __wrap_umount2(const char *at, int flags);
int __real_open(const char *path, int flags, ...);

static char file[64];
static int mounted, no_partition;

int
init_find_part(char path[INIT_PATH_BYTES], const char *name, unsigned int limit_s)
{
	(void)limit_s;
	(void)snprintf(path, INIT_PATH_BYTES, "/dev/%s", name);
	return no_partition ? -ENODEV : 0;
}

int
init_mount(const char *what, const char *at, const char *type, unsigned long flags, const char *options)
{
	(void)at;
	(void)flags;
	(void)options;
	assert_string_equal(what, "/dev/laneseal-boot");
	assert_string_equal(type, "vfat");
	assert_int_equal(mounted++, 0);
	return 0;
}

int
__wrap_umount2(const char *at, int flags)
{
	(void)at;
	(void)flags;
	assert_int_equal(mounted--, 1);
	return 0;
}

int
__wrap_open(const char *path, int flags, ...)
{
	return __real_open(strcmp(path, "/run/boot/slots") == 0 ? file : path, flags);
}

static void
put(const char *text, size_t n)
{
	char bytes[2 * SLOTS_FILE_BYTES];
	int fd = __real_open(file, O_WRONLY | O_TRUNC);

	memset(bytes, '#', sizeof(bytes));
	memcpy(bytes, text, strlen(text));
	assert_int_equal(write(fd, bytes, n), (ssize_t)n);
	(void)close(fd);
}

static void
put_zero(size_t at)
{
	int fd = __real_open(file, O_WRONLY);

	assert_int_equal(pwrite(fd, "", 1, (off_t)at), 1);
	(void)close(fd);
}

static int
begin(void **state)
{
	int fd;

	(void)state;
	(void)snprintf(file, sizeof(file), "/tmp/slots.XXXXXX");
	fd = mkstemp(file);
	(void)close(fd);
	no_partition = 0;
	put("# GRUB Environment Block\nORDER=A B\nA_OK=1\nA_TRY=0\nB_OK=0\nB_TRY=0\n", SLOTS_FILE_BYTES);
	return fd < 0;
}

static int
end(void **state)
{
	(void)state;
	assert_int_equal(mounted, 0);
	return unlink(file);
}

static void
what_is_written_is_read(void **state)
{
	struct slots s, again;

	(void)state;
	for (int i = 0; i < 2 * 2 * 2 * 4 * 4; i++) {
		s = (struct slots){
		    .first = i & 1,
		    .of = {{.ok = i >> 1 & 1, .tries = i >> 3 & 3}, {.ok = i >> 2 & 1, .tries = i >> 5 & 3}}};
		assert_int_equal(slots_store(&s), 0);
		assert_int_equal(slots_load(&again), 0);
		assert_memory_equal(&s, &again, sizeof(s));
	}
}

/* By name, and with a zero behind the last. */
static void
what_u_boot_writes_is_read(void **state)
{
	static const char text[] = "# GRUB Environment Block\nA_OK=0\nA_TRY=3\nB_OK=1\nB_TRY=2\nORDER=B A\n";
	struct slots s;

	(void)state;
	put(text, SLOTS_FILE_BYTES);
	put_zero(strlen(text));
	assert_int_equal(slots_load(&s), 0);
	assert_true(s.first == 1 && !s.of[0].ok && s.of[0].tries == 3 && s.of[1].ok && s.of[1].tries == 2);
}

/* The file keeps its size, and GRUB finds all of it in its first sector. */
static void
the_file_stays_where_it_is(void **state)
{
	const struct slots s = {.first = 1, .of = {{1, 3}, {1, 3}}};
	uint8_t text[SLOTS_FILE_BYTES];
	struct stat before, after;

	(void)state;
	assert_int_equal(stat(file, &before), 0);
	assert_int_equal(slots_store(&s), 0);
	assert_int_equal(stat(file, &after), 0);
	assert_true(before.st_ino == after.st_ino && after.st_size == SLOTS_FILE_BYTES);
	slots_format(&s, text);
	for (int i = SLOTS_SECTOR_BYTES; i < SLOTS_FILE_BYTES; i++)
		assert_int_equal(text[i], '#');
}

/* Then A may be booted and nothing else, as GRUB assumes as well. */
static void
rubbish_is_said_to_be_rubbish(void **state)
{
	struct slots s;

	(void)state;
	put("", SLOTS_FILE_BYTES);
	assert_int_equal(slots_load(&s), -EINVAL);
	assert_true(s.first == 0 && s.of[0].ok == 1 && s.of[1].ok == 0);
	put("# GRUB Environment Block\n", 100);
	assert_true(slots_load(&s) < 0);
	no_partition = 1;
	assert_int_equal(slots_load(&s), -ENODEV);
	assert_int_equal(slots_store(&s), -ENODEV);
}

static int
ask(const char *what, const char *slot, const char *answer)
{
	char words[4][16] = {"init", "", "", ""};
	char *argv[] = {words[0], words[1], words[2], words[3], NULL};

	(void)snprintf(words[1], 16, "%s", what);
	(void)snprintf(words[2], 16, "%s", slot ? slot : "");
	(void)snprintf(words[3], 16, "%s", answer ? answer : "");
	return slots_answer_rauc(answer ? 4 : slot ? 3 : 2, argv);
}

static void
an_installation_as_rauc_does_it(void **state)
{
	struct slots s;

	(void)state;
	assert_int_equal(ask("get-primary", NULL, NULL), 0);
	assert_int_equal(ask("set-state", "B", "bad"), 0);
	assert_int_equal(slots_load(&s), 0);
	assert_true(s.first == 0 && s.of[1].ok == 0);
	assert_int_equal(ask("set-primary", "B", NULL), 0);
	assert_int_equal(slots_load(&s), 0);
	assert_true(s.first == 1 && s.of[1].ok == 1 && s.of[1].tries == 0 && s.of[0].ok == 1);
	assert_int_equal(ask("get-state", "B", NULL), 0);
	assert_int_equal(ask("set-state", "A", "good"), 0);
	assert_true(ask("set-state", "C", "good") != 0 && ask("set-state", "A", NULL) != 0 &&
		    ask("", NULL, NULL) != 0);
	no_partition = 1;
	assert_true(ask("set-primary", "A", NULL) != 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(what_is_written_is_read, begin, end),
	    cmocka_unit_test_setup_teardown(what_u_boot_writes_is_read, begin, end),
	    cmocka_unit_test_setup_teardown(the_file_stays_where_it_is, begin, end),
	    cmocka_unit_test_setup_teardown(rubbish_is_said_to_be_rubbish, begin, end),
	    cmocka_unit_test_setup_teardown(an_installation_as_rauc_does_it, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
