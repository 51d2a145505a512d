/*
 * What a room writes into its log door: whose line it is cannot be forged, and however much
 * it writes, the log gets so much and the warden never waits.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "cm.h"
#include "warden/logs.h"

static const int64_t second_us = 1000000;
static struct log_door door;
static int room[2], out[2], real_stderr;
static char got[LOG_LINE_BYTES + 100];

static int
setup(void **state)
{
	(void)state;
	real_stderr = dup(STDERR_FILENO);
	/* Out come packets, so that two writes cannot look like one. */
	if (pipe2(room, O_NONBLOCK) < 0 || pipe2(out, O_DIRECT | O_NONBLOCK) < 0 || fcntl(out[1], F_SETPIPE_SZ, 1 << 20) < 0)
		return -1;
	logs_init(&door, room[0]);
	assert_int_equal(logs_fd(&door, second_us), room[0]);
	return dup2(out[1], STDERR_FILENO) < 0 ? -1 : 0;
}

static int
teardown(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++)
		if (close(room[i]) < 0 || close(out[i]) < 0)
			return -1;
	return dup2(real_stderr, STDERR_FILENO) < 0 || close(real_stderr) < 0 ? -1 : 0;
}

static void
write_room(const char *text)
{
	assert_int_equal(write(room[1], text, strlen(text)), strlen(text));
}

/* The next line of the log, or "" when there is none. */
static const char *
line(void)
{
	ssize_t n = read(out[0], got, sizeof(got) - 1);

	got[n < 0 ? 0 : n] = '\0';
	assert_true(n <= 0 || strchr(got, '\n') == got + n - 1);
	return got;
}

static const char *
said(const char *text)
{
	write_room(text);
	logs_listen(&door, "seal");
	return line();
}

static void
a_line_says_whose_it_is(void **state)
{
	(void)state;
	assert_string_equal(said("<5>seal: policy version=3\n"), "<5>seal: policy version=3\n");
	assert_string_equal(said("<3>warden: all is well\n"), "<3>seal: warden: all is well\n");
	assert_string_equal(said("<0>seal: a panic\n"), "<4>seal: <0>seal: a panic\n");
	assert_string_equal(said("a library\n"), "<4>seal: a library\n");
	assert_string_equal(said("<6>seal: \n"), "<6>seal: \n");
	assert_string_equal(said("\n\n"), "");
}

static void
no_control_byte_comes_through(void **state)
{
	char bytes[256];
	size_t n = 0;

	(void)state;
	for (int c = 1; c < 256; c++)
		if (c != '\n')
			bytes[n++] = (char)c;
	bytes[n++] = '\n';
	bytes[n] = '\0';
	for (const char *c = said(bytes); c[1]; c++)
		assert_true((unsigned char)*c >= ' ' && *c != 0x7f);
	assert_int_equal(write(room[1], "a\0b\n", 4), 4);
	logs_listen(&door, "seal");
	assert_string_equal(line(), "<4>seal: a?b\n");
	assert_string_equal(said("\x1b]0;title\x07\r\n"), "<4>seal: ?]0;title??\n");
}

static void
a_line_may_come_in_pieces_and_has_an_end(void **state)
{
	char text[3 * LOG_LINE_BYTES];

	(void)state;
	assert_string_equal(said("<5>se"), "");
	assert_string_equal(said("al: one"), "");
	assert_string_equal(said("\ntwo\n"), "<5>seal: one\n");
	assert_string_equal(line(), "<4>seal: two\n");
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	assert_string_equal(said(text), "");
	assert_int_equal(strlen(said("y\n")), strlen("<4>seal: \n") + LOG_LINE_BYTES);
	assert_null(strchr(got, 'y'));
	assert_string_equal(said("z\n"), "<4>seal: z\n");
}

/* Writes lines until the pipe takes no more; the writer is not stopped. */
static void
flood(void)
{
	char text[100];

	memset(text, 'f', sizeof(text));
	text[sizeof(text) - 1] = '\n';
	while (write(room[1], text, sizeof(text)) == (ssize_t)sizeof(text))
		;
}

static int
lines(int *told)
{
	int n = 0;

	for (*told = 0; *line(); n++)
		*told += strstr(got, "more than 200 lines") != NULL;
	return n - *told;
}

static void
a_flood_is_held_back(void **state)
{
	int told, n;

	(void)state;
	flood();
	logs_listen(&door, "seal");
	n = lines(&told);
	assert_in_range(n, LOGS_AT_ONCE, LOGS_AT_ONCE + LOG_LINE_BYTES / 100 + 1);
	assert_int_equal(told, 1);
	assert_int_equal(logs_fd(&door, second_us), -1);
	for (int s = 2; s < 60; s++) {
		flood();
		if (logs_fd(&door, s * second_us) >= 0)
			logs_listen(&door, "seal");
		n += lines(&told);
		assert_int_equal(told, 0);
		assert_in_range(n, LOGS_AT_ONCE, LOGS_AT_ONCE + (s - 1) * LOGS_A_SECOND + LOG_LINE_BYTES / 100 + 1);
	}
	assert_true(n > LOGS_AT_ONCE + 500);
}

static void
the_last_lines_are_taken_and_no_more(void **state)
{
	int told;

	(void)state;
	write_room("<3>seal: check_failed\nhalf a li");
	logs_end(&door, "seal");
	assert_string_equal(line(), "<3>seal: check_failed\n");
	assert_string_equal(line(), "<4>seal: half a li\n");
	assert_string_equal(line(), "");
	flood();
	logs_end(&door, "seal");
	assert_in_range(lines(&told), LOGS_AT_ONCE, LOGS_AT_ONCE + LOG_LINE_BYTES / 100 + 3);
	assert_int_equal(read(room[0], got, 1), -1);
	assert_int_equal(logs_fd(&door, 100 * second_us), room[0]);
	assert_string_equal(said("the next one\n"), "<4>seal: the next one\n");
}

static void
the_wardens_own_lines_do_not_wait(void **state)
{
	int full[2];

	(void)state;
	assert_int_equal(pipe(full), 0);
	assert_int_equal(fcntl(full[1], F_SETPIPE_SZ, 4096), 4096);
	assert_int_equal(dup2(full[1], STDERR_FILENO), STDERR_FILENO);
	logs_never_wait();
	assert_int_equal(fcntl(full[1], F_GETFL) & O_NONBLOCK, 0); /* others who hold that pipe are as before */
	(void)alarm(20);
	for (int i = 0; i < 10000; i++)
		log_event(LOG_NOTE, "line", "n", i);
	(void)alarm(0);
	assert_int_equal(close(full[0]) + close(full[1]), 0);
}

int
main(void)
{
	const struct CMUnitTest all[] = {
	    cmocka_unit_test_setup_teardown(a_line_says_whose_it_is, setup, teardown),
	    cmocka_unit_test_setup_teardown(no_control_byte_comes_through, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_line_may_come_in_pieces_and_has_an_end, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_flood_is_held_back, setup, teardown),
	    cmocka_unit_test_setup_teardown(the_last_lines_are_taken_and_no_more, setup, teardown),
	    cmocka_unit_test_setup_teardown(the_wardens_own_lines_do_not_wait, setup, teardown),
	};

	return cmocka_run_group_tests(all, NULL, NULL);
}
