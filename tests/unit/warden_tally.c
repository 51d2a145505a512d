/*
 * A taken-over room may tell vitals, or pieces of none, faster than the warden reads them. The warden
 * takes a turn's worth and looks after the others.
 */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cm.h"
#include "warden/tally.h"

static struct resident room;
static int ends[2];

/* Packets of a socket, since it can hold more of them than a pipe that anybody may make. */
static int
setup(void **state)
{
	const int most = 1 << 20;

	(void)state;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, ends) < 0 ||
	    setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &most, sizeof(most)) < 0)
		return -1;
	room = (struct resident){.pid = 1};
	pipe_in_init(&room.vitals_in, ends[0], SPACE_OF(room.vitals_buffer));
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	return close(ends[0]) < 0 || close(ends[1]) < 0 ? -1 : 0;
}

static int
waiting(void)
{
	struct pollfd p = {.fd = ends[0], .events = POLLIN};

	return poll(&p, 1, 0);
}

/* How many turns it takes to read all of what a packet, sent as often as there is room, has filled. */
static int
turns(const uint8_t *packet, size_t n, int *sent)
{
	int taken = 0;

	for (*sent = 0; write(ends[1], packet, n) == (ssize_t)n; ++*sent)
		;
	assert_int_equal(errno, EAGAIN);
	assert_true(*sent > PIPE_TURN_PACKETS);
	for (; waiting(); taken++)
		assert_int_equal(tally_listen(&room), 0);
	return taken;
}

static void
vitals_without_end_are_taken_in_turns(void **state)
{
	/* clang-format off */
	const uint8_t packet[] = {'L', 'S', 1, VITALS_TYPE, 0, 0, 0, 1, 0, 0, 0, 1, 0, VITALS_MESSAGE_BYTES, 0, 0,
				  0, VITAL_ready, 0, 0, 0, 0, 0, 0, 0, 7};
	/* clang-format on */
	int sent, taken;

	(void)state;
	taken = turns(packet, sizeof(packet), &sent);
	assert_int_equal(taken, (sent + PIPE_TURN_PACKETS - 1) / PIPE_TURN_PACKETS);
	assert_int_equal(room.vitals[VITAL_ready], 7);
}

/* The second part of a message whose first was never seen is passed over, as after a restart. */
static void
pieces_without_end_are_passed_over_in_turns(void **state)
{
	const uint8_t packet[] = {'L', 'S', 1, VITALS_TYPE, 0, 0, 0, 1, 0, 1, 0, 2, 0, 1, 0, 0, 'x'};
	int sent, taken;

	(void)state;
	taken = turns(packet, sizeof(packet), &sent);
	assert_int_equal(taken, (sent + PIPE_TURN_PACKETS - 1) / PIPE_TURN_PACKETS);
	assert_int_equal(room.vitals_in.passed_over, sent);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(vitals_without_end_are_taken_in_turns, setup, teardown),
	    cmocka_unit_test_setup_teardown(pieces_without_end_are_passed_over_in_turns, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
