/*
 * The log: one line, one write, no control characters, whatever is asked to be said.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/log_text.h"
#include "cm.h"

static char line[2000];
static int ends[2], real_stderr;

static int
setup(void **state)
{
	(void)state;
	real_stderr = dup(STDERR_FILENO);
	/* Packets, so that two writes cannot look like one. */
	return pipe2(ends, O_DIRECT | O_NONBLOCK) < 0 || dup2(ends[1], STDERR_FILENO) < 0 ? -1 : 0;
}

static int
teardown(void **state)
{
	(void)state;
	return dup2(real_stderr, STDERR_FILENO) < 0 ? -1 : 0;
}

static const char *
take_line(void)
{
	ssize_t n = read(ends[0], line, sizeof(line) - 1);

	assert_true(n > 0 && line[n - 1] == '\n');
	line[n - 1] = '\0';
	for (const unsigned char *c = (const unsigned char *)line; *c; c++)
		assert_true(*c >= ' ' && *c != 0x7f);
	return line;
}

static void
numbers_are_written_plainly(void **state)
{
	(void)state;
	log_event(LOG_NOTE, "passage", "views", 3, "least", INT64_MIN, "most", INT64_MAX, "none", 0);
	assert_string_equal(take_line(), "<5>spool: passage views=3 least=-9223372036854775808 "
					 "most=9223372036854775807 none=0");
}

static void
a_long_event_is_cut_to_one_line(void **state)
{
	static char event[5000];

	(void)state;
	memset(event, 'e', sizeof(event) - 1);
	log_event(LOG_ERROR, event, "n", 1);
	assert_int_equal(strlen(take_line()), 511);
}

static void
a_log_that_is_full_loses_lines_and_says_how_many(void **state)
{
	size_t taken = 0;

	(void)state;
	assert_int_equal(fcntl(ends[1], F_SETPIPE_SZ, 4096), 4096);
	for (int i = 0; i < 100; i++)
		log_event(LOG_NOTE, "one", "n", i);
	while (read(ends[0], line, sizeof(line)) > 0)
		taken++;
	assert_true(taken > 0 && taken < 100);
	assert_int_equal(fcntl(ends[1], F_SETPIPE_SZ, 65536), 65536);
	log_text(LOG_NOTE, "after");
	assert_string_equal(strstr(take_line(), "log_lines_lost"), "log_lines_lost lines=99");
	assert_string_equal(take_line(), "<5>spool: after");
	assert_int_equal(taken, 1);
}

static void
text_keeps_letters_and_loses_control_characters(void **state)
{
	char escape[256];

	(void)state;
	log_text(LOG_WARN, "%s: %d",
		 "a\x1b[31m\nb\x7f\xc2\x9b"
		 "c\x9bä“",
		 5);
	assert_string_equal(take_line(), "<4>spool: a?[31m?b???c?ä“: 5");
	for (int c = 1; c < 256; c++)
		escape[c - 1] = (char)c;
	escape[255] = '\0';
	log_text(LOG_WARN, "%s", escape);
	(void)take_line();
}

static void
a_long_text_is_cut(void **state)
{
	static char text[3000];

	(void)state;
	memset(text, 't', sizeof(text) - 1);
	log_text(LOG_WARN, "%s", text);
	assert_int_equal(strlen(take_line()), strlen("<4>spool: ") + 1000);
}

static void
fail_a_check(void *arg)
{
	(void)arg;
	dup2(ends[1], STDERR_FILENO);
	CHECK(arg != NULL);
}

static void
a_failed_check_names_its_place_and_aborts(void **state)
{
	(void)state;
	assert_true(aborts(fail_a_check, NULL));
	assert_non_null(strstr(take_line(), "check_failed ./tests/unit/log.c="));
}

int
main(void)
{
	const struct CMUnitTest all[] = {
	    cmocka_unit_test_setup_teardown(numbers_are_written_plainly, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_long_event_is_cut_to_one_line, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_log_that_is_full_loses_lines_and_says_how_many, setup, teardown),
	    cmocka_unit_test_setup_teardown(text_keeps_letters_and_loses_control_characters, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_long_text_is_cut, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_failed_check_names_its_place_and_aborts, setup, teardown),
	};

	return cmocka_run_group_tests(all, NULL, NULL);
}
