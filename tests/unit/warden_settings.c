/*
 * Settings: what the file may say, and what a person reads when it says something else.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "warden/settings.h"

#define GOOD_UNIT   "unit: { name = \"u1\"; key = \"k\"; };\n"
#define GOOD_CAMERA "camera: { name = \"synthetic:1\"; };\n"
#define GOOD_REST   "policy: { file = \"p\"; key = \"pk\"; };\nspool: { folder = \"s\"; };\nstate: { folder = \"t\"; };\n"

static struct settings settings;
static char said[8192];

/* Reads `text` as a settings file; what goes to stderr meanwhile is kept in `said`. */
static int
read_text(const char *text)
{
	static char name[] = "/tmp/warden_settings.conf.XXXXXX";
	char log[] = "/tmp/warden_settings.log.XXXXXX";
	int fd, log_fd, keep, err;
	ssize_t n;

	strcpy(name + strlen(name) - 6, "XXXXXX");
	fd = mkstemp(name);
	log_fd = mkstemp(log);
	keep = dup(STDERR_FILENO);
	assert_true(fd >= 0 && log_fd >= 0 && keep >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_true(dup2(log_fd, STDERR_FILENO) >= 0);
	err = settings_read(&settings, name);
	assert_true(dup2(keep, STDERR_FILENO) >= 0);
	n = pread(log_fd, said, sizeof(said) - 1, 0);
	said[n < 0 ? 0 : n] = '\0';
	assert_true(unlink(name) == 0 && unlink(log) == 0);
	assert_true(close(fd) == 0 && close(log_fd) == 0 && close(keep) == 0);
	return err;
}

/* `words` must stand in what was said, right after the name of the file. */
static void
must_say(const char *words)
{
	char whole[1024];

	(void)snprintf(whole, sizeof(whole), "%s%s", settings.file, words);
	if (strstr(said, whole) == NULL)
		fail_msg("wanted: %s\nsaid:   %s", whole, said);
}

static void
one_mistake(const char *text, const char *words)
{
	assert_int_equal(read_text(text), -EINVAL);
	must_say(words);
	if (settings.errors != 1)
		fail_msg("%u mistakes: %s", settings.errors, said);
}

static void
a_good_file_is_read_and_the_rest_is_normal(void **state)
{
	char path[SETTINGS_TEXT_BYTES];

	(void)state;
	assert_int_equal(read_text(GOOD_UNIT "camera: { name = \"synthetic:1\"; rate_fps = 25; format = \"nv12\"; };\n" GOOD_REST), 0);
	assert_string_equal(said, "");
	assert_string_equal(settings_text(&settings, "unit.name"), "u1");
	assert_string_equal(settings_text(&settings, "camera.format"), "nv12");
	assert_int_equal(settings_number(&settings, "camera.rate_fps"), 25);
	assert_int_equal(settings_number(&settings, "camera.width_px"), 1280);
	assert_string_equal(settings_text(&settings, "uplink.to"), "none");
	assert_int_equal(settings_path(&settings, "spool.folder", 0, path), 0);
	assert_string_equal(path, "/tmp/s");
}

static void
an_unknown_key_is_named_with_what_may_stand_there(void **state)
{
	(void)state;
	one_mistake(GOOD_UNIT GOOD_CAMERA "lane: {\n  colour = 3;\n};\n" GOOD_REST,
		    ":4: lane.colour: found 3 under a name which is no setting; allowed in lane: number");
}

static void
a_slip_of_the_pen_is_guessed(void **state)
{
	(void)state;
	one_mistake(GOOD_UNIT "camera: { name = \"synthetic:1\"; vehicle = 3; };\n" GOOD_REST,
		    ":2: camera.vehicle: found 3 under a name which is no setting; allowed: camera.vehicles (whole number, 0 to ");
}

static void
a_key_in_another_unit_leads_to_the_right_one(void **state)
{
	(void)state;
	one_mistake(GOOD_UNIT "camera: { name = \"synthetic:1\"; exposure_ms = 2; };\n" GOOD_REST,
		    ":2: camera.exposure_ms: found 2 in another unit, which is no setting; allowed: camera.exposure_us "
		    "(whole number of microseconds, 0 to 1000000)");
	one_mistake(GOOD_UNIT "camera: { name = \"synthetic:1\"; exposure = 2; };\n" GOOD_REST,
		    ":2: camera.exposure: found 2 in another unit, which is no setting; allowed: camera.exposure_us ");
}

static void
a_text_with_a_unit_is_no_number(void **state)
{
	(void)state;
	one_mistake(GOOD_UNIT "camera: { name = \"synthetic:1\";\n exposure_us = \"500 us\"; };\n" GOOD_REST,
		    ":3: camera.exposure_us: found the text \"500 us\"; allowed: whole number of microseconds, 0 to 1000000; "
		    "write 500 without quotes and without a unit, if microseconds are meant");
}

static void
wrong_types_are_named(void **state)
{
	static const char camera[] = GOOD_UNIT "camera: { name = \"synthetic:1\"; rate_fps = %s; };\n" GOOD_REST;
	static const char *const found[][2] = {
		{"29.97", "found 29.97, a number with a fraction; allowed: whole number of frames a second, 1 to 240"},
		{"true", "found true; allowed: whole number"},
		{"\"fast\"", "found \"fast\"; allowed: whole number"},
		{"[1, 2]", "found a list; allowed: whole number"},
		{"{ a = 1; }", "found a group { }; allowed: whole number"},
	};
	char text[1024], words[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(found); i++) {
		(void)snprintf(text, sizeof(text), camera, found[i][0]);
		(void)snprintf(words, sizeof(words), ":2: camera.rate_fps: %s", found[i][1]);
		one_mistake(text, words);
	}
	one_mistake("unit: { name = 7; key = \"k\"; };\n" GOOD_CAMERA GOOD_REST,
		    ":1: unit.name: found 7; allowed: 1 to 31 letters, digits, '-' and '.'");
}

static void
values_out_of_range_are_named(void **state)
{
	(void)state;
	one_mistake(GOOD_UNIT "camera: { name = \"synthetic:1\"; rate_fps = 0; };\n" GOOD_REST,
		    ":2: camera.rate_fps: found 0; allowed: whole number of frames a second, 1 to 240");
	one_mistake(GOOD_UNIT "camera: { name = \"synthetic:1\"; rate_fps = 241; };\n" GOOD_REST, ":2: camera.rate_fps: found 241;");
	one_mistake(GOOD_UNIT "camera: { name = \"synthetic:1\"; vehicles = 99999999999L; };\n" GOOD_REST,
		    ":2: camera.vehicles: found 99999999999;");
	one_mistake(GOOD_UNIT "camera: { name = \"synthetic:1\"; format = \"rgb\"; };\n" GOOD_REST,
		    ":2: camera.format: found \"rgb\"; allowed: \"grey\" or \"nv12\" or \"yuyv\" or \"mjpeg\"");
	one_mistake(GOOD_UNIT "camera: { name = \"synthetic:1\"; format = \"grey|nv12\"; };\n" GOOD_REST, ":2: camera.format: found");
	one_mistake(GOOD_UNIT "camera: { name = \"synthetic:1\"; format = \"\"; };\n" GOOD_REST, ":2: camera.format: found \"\"");
	one_mistake(GOOD_UNIT "camera: { name = \"synthetic:one\"; };\n" GOOD_REST,
		    ":2: camera.name: found \"synthetic:one\"; allowed: \"synthetic:NUMBER[,option...]\"");
	one_mistake("unit: { name = \"lane 1\"; key = \"k\"; };\n" GOOD_CAMERA GOOD_REST, ":1: unit.name: found \"lane 1\";");
	one_mistake(GOOD_UNIT GOOD_CAMERA GOOD_REST "uplink: { to = \"http://collector\"; };\n",
		    ":6: uplink.to: found \"http://collector\"; allowed: \"none\", \"file:FOLDER\", \"https://HOST/PATH\"");
	one_mistake(GOOD_UNIT GOOD_CAMERA GOOD_REST "uplink: { to = \"https://user:word@collector/\"; };\n", ":6: uplink.to: found");
	one_mistake(GOOD_UNIT GOOD_CAMERA GOOD_REST "uplink: { to = \"s3:http://collector/b\"; };\n", ":6: uplink.to: found");
}

static void
what_must_be_given_is_missed(void **state)
{
	(void)state;
	one_mistake("\nunit: { key = \"k\"; };\n" GOOD_CAMERA GOOD_REST,
		    ":2: unit.name: found nothing, and it must be given; allowed: 1 to 31 letters");
	assert_int_equal(read_text(""), -EINVAL);
	assert_int_equal(settings.errors, 7);
	must_say(":0: state.folder: found nothing, and it must be given; allowed: path of a folder");
}

static void
groups_are_looked_at(void **state)
{
	(void)state;
	one_mistake(GOOD_UNIT GOOD_CAMERA GOOD_REST "kamera: { };\n",
		    ":6: kamera: found a group { }; allowed: the groups unit, camera, lane, locate, policy, spool, uplink, state");
	one_mistake(GOOD_UNIT GOOD_CAMERA GOOD_REST "lane = 3;\n", ":6: lane: found 3; allowed: a group { key = value; }");
}

static void
all_mistakes_are_said(void **state)
{
	(void)state;
	assert_int_equal(read_text("unit: { name = \"\"; key = \"k\"; };\ncamera: { name = \"synthetic:1\"; rate_fps = 0;\n"
				   "gain = 1; };\n" GOOD_REST "more = 1;\n"), -EINVAL);
	assert_int_equal(settings.errors, 4);
	must_say(":1: unit.name: ");
	must_say(":2: camera.rate_fps: ");
	must_say(":3: camera.gain: ");
	must_say(":7: more: ");
}

static void
what_is_no_settings_file_is_said(void **state)
{
	(void)state;
	one_mistake(GOOD_UNIT "camera: { name = ; };\n", ":2: (syntax): found syntax error; allowed: ");
	one_mistake(GOOD_UNIT GOOD_UNIT, ":2: (syntax): found duplicate setting name; allowed: ");
	assert_int_equal(settings_read(&settings, "/nonexistent/settings.conf"), -EINVAL);
}

static void
every_row_has_what_it_needs(void **state)
{
	size_t n;
	const struct setting_row *rows = settings_table(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		assert_true(strchr(rows[i].path, '.') && strlen(rows[i].path) < 64 && rows[i].help[0]);
		assert_ptr_equal(settings_row(rows[i].path), &rows[i]);
		if (rows[i].kind == SETTING_NUMBER)
			assert_true(rows[i].least <= rows[i].normal && rows[i].normal <= rows[i].most);
		else
			assert_non_null(rows[i].allowed);
		if (rows[i].kind == SETTING_CHOICE)
			assert_non_null(strstr(rows[i].allowed, rows[i].otherwise));
	}
}

int
main(void)
{
	static const struct CMUnitTest all[] = {
		cmocka_unit_test(a_good_file_is_read_and_the_rest_is_normal),
		cmocka_unit_test(an_unknown_key_is_named_with_what_may_stand_there),
		cmocka_unit_test(a_slip_of_the_pen_is_guessed),
		cmocka_unit_test(a_key_in_another_unit_leads_to_the_right_one),
		cmocka_unit_test(a_text_with_a_unit_is_no_number),
		cmocka_unit_test(wrong_types_are_named),
		cmocka_unit_test(values_out_of_range_are_named),
		cmocka_unit_test(what_must_be_given_is_missed),
		cmocka_unit_test(groups_are_looked_at),
		cmocka_unit_test(all_mistakes_are_said),
		cmocka_unit_test(what_is_no_settings_file_is_said),
		cmocka_unit_test(every_row_has_what_it_needs),
	};

	return cmocka_run_group_tests(all, NULL, NULL);
}
