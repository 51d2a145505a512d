/*
 * The exposure's looks: which files count as private keys, what is believed of status.json, and folders full of rubbish.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/io.h"
#include "warden/exposure.h"

enum { DER_BYTES = 138 };

static char folder[64], inner[80];
static struct exposure_keys keys;
static struct exposure_unit unit;

static int
make_folder(void **state)
{
	(void)state;
	(void)snprintf(folder, sizeof(folder), "/tmp/warden_exposure.XXXXXX");
	if (mkdtemp(folder) == NULL)
		return -1;
	(void)snprintf(inner, sizeof(inner), "%s/inner", folder);
	return mkdir(inner, 0700);
}

static int
remove_folder(void **state)
{
	char command[96];

	(void)state;
	(void)snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

static const char *
put(const char *name, const void *bytes, size_t n)
{
	static char path[160];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(io_write_all(fd, bytes, n), 0);
	assert_int_equal(close(fd), 0);
	return path;
}

/* A key as the unit has it; the point at its end is not the scalar's, which nobody looks at here. */
static void
make_der(uint8_t der[DER_BYTES])
{
	static const uint8_t mark[] = {0x02, 0x01, 0x01, 0x04, 0x20};

	memset(der, 0x5a, DER_BYTES);
	memcpy(der + 31, mark, sizeof(mark));
}

static void
look(const char *own, const char *connection, const struct policy *policy)
{
	char *roots[] = {folder, inner, folder, NULL};

	exposure_look_keys(&keys, roots, own, connection, policy);
}

static void
private_keys_count_and_others_do_not(void **state)
{
	static const char locked[] = "note\n-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n";
	static const char plain[] = "-----BEGIN EC PRIVATE KEY-----\nAAAA\n";
	static const char open_one[] = "-----BEGIN PUBLIC KEY-----\nAAAA\n";
	uint8_t der[DER_BYTES], around[400] = {0};
	char own[160];

	(void)state;
	make_der(der);
	(void)snprintf(own, sizeof(own), "%s", put("unit.der", der, sizeof(der)));
	(void)put("open.pem", open_one, sizeof(open_one) - 1);
	(void)put("mark-at-the-end", der + 31, 5);
	look(own, NULL, NULL);
	assert_int_equal(keys.found, 0);
	assert_int_equal(keys.files, 2);

	memcpy(around + 200, der, sizeof(der));
	(void)put("inner/around", around, sizeof(around));
	(void)put("locked.txt", locked, sizeof(locked) - 1);
	(void)put("plain", plain, sizeof(plain) - 1);
	(void)put("inner/copy.der", der, sizeof(der));
	look(own, NULL, NULL);
	assert_int_equal(keys.found, 4);
	look(own, put("plain", plain, sizeof(plain) - 1), NULL);
	assert_int_equal(keys.found, 3);
	look(own, NULL, NULL);
	assert_int_equal(keys.files, 6);
	look("/nothing", NULL, NULL);
	assert_int_equal(keys.found, 5);
	assert_int_equal(keys.own_trouble, -ENOENT);
}

static void
a_file_too_large_is_passed_over_and_counted(void **state)
{
	static uint8_t large[EXPOSURE_FILE_MAX + 1];

	(void)state;
	(void)put("large", large, sizeof(large));
	(void)put("just", large, sizeof(large) - 1);
	look("/nothing", NULL, NULL);
	assert_int_equal(keys.files, 1);
	assert_int_equal(keys.passed_over, 1);
}

static void
the_units_own_key_as_recipient_is_seen(void **state)
{
	static struct policy p = {.n_recipients = 2};
	uint8_t der[DER_BYTES];
	const char *own;

	(void)state;
	make_der(der);
	own = put("unit.der", der, sizeof(der));
	look(own, NULL, &p);
	assert_int_equal(keys.own_is_recipient, 0);
	memcpy(p.recipients[1].point, der + DER_BYTES - CRYPTO_POINT_BYTES, CRYPTO_POINT_BYTES);
	look(own, NULL, &p);
	assert_int_equal(keys.own_is_recipient, 1);
	own = put("unit.der", der, 20);
	look(own, NULL, &p);
	assert_int_equal(keys.own_trouble, -EBADMSG);
}

static void
status_says(const char *text, int trouble)
{
	(void)put("status.json", text, strlen(text));
	exposure_look_unit(&unit, folder);
	assert_int_equal(unit.trouble, trouble);
	assert_int_equal(unit.running, 0);
}

static void
status_is_not_believed(void **state)
{
	char text[200];

	(void)state;
	exposure_look_unit(&unit, "/nothing");
	assert_int_equal(unit.trouble, -ENOENT);
	exposure_look_unit(&unit, folder);
	assert_int_equal(unit.trouble, -ENOENT);
	status_says("", -EBADMSG);
	status_says("{\"pid\": 1", -EBADMSG);
	status_says("[1]", -EBADMSG);
	status_says("{}", 0);
	status_says("{\"pid\": -1}", 0);
	status_says("{\"pid\": 99999999999}", 0);
	status_says("{\"pid\": \"1\", \"rooms\": 7}", 0);
	/* A process that lives, but is no laneseald. */
	(void)snprintf(text, sizeof(text), "{\"pid\": %ld, \"rooms\": {\"seal\": {\"pid\": %ld}}}", (long)getpid(), (long)getpid());
	status_says(text, 0);
	assert_int_equal(unit.pid, getpid());
	assert_int_equal(unit.rooms[ROOM_SEAL].pid, 0);
}

int
main(void)
{
	const struct CMUnitTest cases[] = {
	    cmocka_unit_test_setup_teardown(private_keys_count_and_others_do_not, make_folder, remove_folder),
	    cmocka_unit_test_setup_teardown(a_file_too_large_is_passed_over_and_counted, make_folder, remove_folder),
	    cmocka_unit_test_setup_teardown(the_units_own_key_as_recipient_is_seen, make_folder, remove_folder),
	    cmocka_unit_test_setup_teardown(status_is_not_believed, make_folder, remove_folder),
	};

	CHECK(hal_crypto_open() == 0);
	return cmocka_run_group_tests(cases, NULL, NULL);
}
