/*
 * Messages over packet pipes: whole or not at all, also when a writer or a reader is killed in between.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/pipe.h"
#include "cm.h"

enum { TEN = 10 * PIPE_PART_BYTES + 7 };

static int ends[2];
static uint8_t message[TEN], buffer[TEN];

static int
setup(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(message); i++)
		message[i] = (uint8_t)(i * 31 + i / 256);
	if (pipe2(ends, O_DIRECT | O_NONBLOCK | O_CLOEXEC) < 0)
		return -1;
	return fcntl(ends[1], F_SETPIPE_SZ, PIPE_ROOM_BYTES) < 0 ? -1 : 0;
}

static int
teardown(void **state)
{
	(void)state;
	(void)close(ends[0]);
	(void)close(ends[1]);
	return 0;
}

static int
receive(struct pipe_in *in, size_t *n)
{
	struct span got = {NULL, 0};
	uint8_t type = 0;
	int answer = pipe_receive(in, &type, &got);

	*n = got.n;
	if (answer == 1) {
		assert_int_equal(type, 7);
		assert_true(got.n == 0 || memcmp(got.p, message, got.n) == 0);
	}
	return answer;
}

static void
messages_of_every_size_arrive_as_they_were(void **state)
{
	static const size_t sizes[] = {0, 1, PIPE_PART_BYTES - 1, PIPE_PART_BYTES, PIPE_PART_BYTES + 1, TEN};
	struct pipe_out out;
	struct pipe_in in;
	size_t n;

	(void)state;
	pipe_out_init(&out, ends[1]);
	pipe_in_init(&in, ends[0], SPACE_OF(buffer));
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		assert_int_equal(pipe_send(&out, 7, SPAN(message, sizes[i])), 0);
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		assert_int_equal(receive(&in, &n), 1);
		assert_int_equal(n, sizes[i]);
	}
	assert_int_equal(receive(&in, &n), 0);
	assert_int_equal(in.passed_over, 0);
}

static void
a_sender_waits_while_the_pipe_is_full(void **state)
{
	static uint8_t large[4 * PIPE_ROOM_BYTES / 3];
	static uint8_t room[sizeof(large)];
	struct pipe_in in;
	struct span got;
	uint8_t type;
	int answer;
	pid_t child;

	(void)state;
	memset(large, 5, sizeof(large));
	child = fork();
	if (child == 0) {
		struct pipe_out out;

		pipe_out_init(&out, ends[1]);
		_exit(pipe_send(&out, 7, SPAN_OF(large)) == 0 ? 0 : 1);
	}
	pipe_in_init(&in, ends[0], SPACE_OF(room));
	while ((answer = pipe_receive(&in, &type, &got)) == 0)
		usleep(1000);
	assert_int_equal(answer, 1);
	assert_int_equal(got.n, sizeof(large));
	assert_memory_equal(got.p, large, sizeof(large));
	assert_int_equal(waitpid(child, NULL, 0), child);
}

/* Takes n packets off the pipe, as a reader did that was killed then; or moves them, as a writer that was. */
static void
move_packets(int from, int to, int n)
{
	uint8_t packet[PIPE_PACKET_BYTES];

	for (int i = 0; i < n; i++) {
		ssize_t got = read(from, packet, sizeof(packet));

		assert_true(got > 0);
		assert_true(to < 0 || write(to, packet, (size_t)got) == got);
	}
}

static void
a_new_reader_begins_with_the_next_message(void **state)
{
	struct pipe_out out;
	struct pipe_in in;
	size_t n;

	(void)state;
	pipe_out_init(&out, ends[1]);
	assert_int_equal(pipe_send(&out, 7, SPAN(message, TEN)), 0);
	assert_int_equal(pipe_send(&out, 7, SPAN(message, 100)), 0);
	move_packets(ends[0], -1, 4);
	pipe_in_init(&in, ends[0], SPACE_OF(buffer));
	assert_int_equal(receive(&in, &n), 1);
	assert_int_equal(n, 100);
	assert_int_equal(in.passed_over, 7);
}

static void
a_message_of_a_killed_writer_is_dropped_when_the_next_begins(void **state)
{
	struct pipe_out out;
	struct pipe_in in;
	int other[2];
	size_t n;

	(void)state;
	for (int parts = 1; parts <= 10; parts++) {
		assert_int_equal(pipe2(other, O_DIRECT | O_NONBLOCK), 0);
		pipe_out_init(&out, other[1]);
		assert_int_equal(pipe_send(&out, 7, SPAN(message, TEN)), 0);
		move_packets(other[0], ends[1], parts);
		/* A restarted writer counts its messages from the beginning. */
		pipe_out_init(&out, ends[1]);
		assert_int_equal(pipe_send(&out, 7, SPAN(message, TEN - 1)), 0);
		pipe_in_init(&in, ends[0], SPACE_OF(buffer));
		assert_int_equal(receive(&in, &n), 1);
		assert_int_equal(n, TEN - 1);
		assert_int_equal(in.passed_over, 1);
		assert_int_equal(receive(&in, &n), 0);
		assert_int_equal(close(other[0]) | close(other[1]), 0);
	}
}

/* One packet with a header of our making, after `before` packets of a good message. */
struct header_row {
	const char *what;
	uint8_t header[PIPE_HEADER_BYTES];
	size_t bytes; /* that follow */
	int before;
};

static void
packets_that_do_not_fit_are_refused(void **state)
{
	static const struct header_row rows[] = {
	    {"magic", {'L', 'T', 1, 7, 0, 0, 0, 1, 0, 0, 0, 1, 0, 1}, 1, 0},
	    {"version", {'L', 'S', 2, 7, 0, 0, 0, 1, 0, 0, 0, 1, 0, 1}, 1, 0},
	    {"type 0", {'L', 'S', 1, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 1}, 1, 0},
	    {"part past parts", {'L', 'S', 1, 7, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1}, 1, 0},
	    {"no parts", {'L', 'S', 1, 7, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1}, 1, 0},
	    {"length too long", {'L', 'S', 1, 7, 0, 0, 0, 1, 0, 0, 0, 1, 0, 2}, 1, 0},
	    {"length too short", {'L', 'S', 1, 7, 0, 0, 0, 1, 0, 0, 0, 1, 0, 1}, 2, 0},
	    {"short part that is not the last", {'L', 'S', 1, 7, 0, 0, 0, 1, 0, 0, 0, 2, 0, 1}, 1, 0},
	    {"empty last part", {'L', 'S', 1, 7, 0, 0, 0, 1, 0, 1, 0, 2, 0, 0}, 0, 0},
	    {"reserved", {'L', 'S', 1, 7, 0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0, 1}, 1, 0},
	    {"cut header", {'L', 'S', 1, 7}, (size_t)-12, 0},
	    {"more than the buffer holds", {'L', 'S', 1, 7, 0, 0, 0, 1, 0, 0, 0, 20, 0x0f, 0xf0}, 4080, -1},
	    {"part left out", {'L', 'S', 1, 7, 0, 0, 0, 1, 0, 3, 0, 11, 0x0f, 0xf0}, 4080, 2},
	    {"part twice", {'L', 'S', 1, 7, 0, 0, 0, 1, 0, 1, 0, 11, 0x0f, 0xf0}, 4080, 2},
	    {"other message", {'L', 'S', 1, 7, 0, 0, 0, 2, 0, 2, 0, 11, 0x0f, 0xf0}, 4080, 2},
	    {"other type", {'L', 'S', 1, 8, 0, 0, 0, 1, 0, 2, 0, 11, 0x0f, 0xf0}, 4080, 2},
	    {"other parts", {'L', 'S', 1, 7, 0, 0, 0, 1, 0, 2, 0, 12, 0x0f, 0xf0}, 4080, 2},
	    {"no beginning after a whole message",
	     {'L', 'S', 1, 7, 0, 0, 0, 1, 0, 5, 0, 11, 0x0f, 0xf0},
	     4080,
	     11},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint8_t packet[PIPE_PACKET_BYTES] = {0};
		struct pipe_out out;
		struct pipe_in in;
		int other[2];
		size_t n;

		assert_int_equal(pipe2(other, O_DIRECT | O_NONBLOCK), 0);
		pipe_out_init(&out, other[1]);
		pipe_in_init(&in, ends[0], rows[i].before < 0 ? SPACE(buffer, 4000) : SPACE_OF(buffer));
		assert_int_equal(pipe_send(&out, 7, SPAN(message, TEN)), 0);
		move_packets(other[0], ends[1], rows[i].before > 0 ? rows[i].before : 0);
		memcpy(packet, rows[i].header, PIPE_HEADER_BYTES);
		assert_true(write(ends[1], packet, PIPE_HEADER_BYTES + rows[i].bytes) > 0);
		if (rows[i].before == 11)
			assert_int_equal(receive(&in, &n), 1);
		if (receive(&in, &n) != -EBADMSG)
			fail_msg("%s: not refused", rows[i].what);
		assert_int_equal(close(other[0]) | close(other[1]), 0);
	}
}

static void
the_end_of_all_writers_is_told(void **state)
{
	struct pipe_in in;
	size_t n;

	(void)state;
	pipe_in_init(&in, ends[0], SPACE_OF(buffer));
	assert_int_equal(close(ends[1]), 0);
	assert_int_equal(receive(&in, &n), -EPIPE);
	assert_int_equal(receive(&in, &n), -EPIPE);
	ends[1] = open("/dev/null", O_WRONLY);
}

static void
the_end_of_all_readers_is_told(void **state)
{
	struct pipe_out out;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	pipe_out_init(&out, ends[1]);
	assert_int_equal(close(ends[0]), 0);
	assert_int_equal(pipe_send(&out, 7, SPAN(message, 1)), -EPIPE);
	ends[0] = open("/dev/null", O_RDONLY);
}

static void
a_message_dealt_with_is_wiped(void **state)
{
	struct pipe_out out;
	struct pipe_in in;
	size_t n;

	(void)state;
	pipe_out_init(&out, ends[1]);
	pipe_in_init(&in, ends[0], SPACE_OF(buffer));
	memset(buffer, 0, sizeof(buffer));
	assert_int_equal(pipe_send(&out, 7, SPAN(message, TEN)), 0);
	assert_int_equal(receive(&in, &n), 1);
	pipe_in_wipe(&in);
	for (size_t i = 0; i < sizeof(buffer); i++)
		assert_int_equal(buffer[i], 0);
}

int
main(void)
{
	const struct CMUnitTest all[] = {
	    cmocka_unit_test_setup_teardown(messages_of_every_size_arrive_as_they_were, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_sender_waits_while_the_pipe_is_full, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_new_reader_begins_with_the_next_message, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_message_of_a_killed_writer_is_dropped_when_the_next_begins,
					    setup, teardown),
	    cmocka_unit_test_setup_teardown(packets_that_do_not_fit_are_refused, setup, teardown),
	    cmocka_unit_test_setup_teardown(the_end_of_all_writers_is_told, setup, teardown),
	    cmocka_unit_test_setup_teardown(the_end_of_all_readers_is_told, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_message_dealt_with_is_wiped, setup, teardown),
	};

	return cmocka_run_group_tests(all, NULL, NULL);
}
