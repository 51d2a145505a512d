/*
 * The real spool and uplink, with this program in seal's place: killed at random
 * moments, told to stop, given a folder they cannot use. Whatever was
 * acknowledged is on disk exactly once, and what is on disk is delivered.
 *
 *     spool_rooms LIBEXEC
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/pipe.h"
#include "base/room.h"
#include "doors/parcel/parcel.h"
#include "spool_kit.h"

enum { OUTBOX = 16, KILLS = 50, PASSAGES = 200, WAIT_MS = 20000, SEED = 20 };
enum door { VITALS, SEALED, STORED, PARCEL, RECEIPT, HEALTH, DOORS };

struct house {
	int door[DOORS][2];
	int spool_folder, out_folder, key;
	char spool_path[64], out_path[64];
	pid_t spool, uplink;
	int restarts;
	/* seal's side */
	struct pipe_out to_spool;
	struct pipe_in from_spool;
	uint8_t ack_room[SEALED_ACK_BYTES];
	uint64_t outbox[OUTBOX];
	size_t n_outbox;
	uint64_t next, acknowledged, full, hellos;
};

static const char *libexec;
static struct house h;
static unsigned int random_state = SEED;

static unsigned int
draw(unsigned int below)
{
	random_state = random_state * 1103515245U + 12345U;
	return (random_state >> 8) % below;
}

/* ---- what the warden does ---- */

static void
make_doors(void)
{
	for (int i = 0; i < DOORS; i++) {
		assert_int_equal(pipe2(h.door[i], O_DIRECT | O_CLOEXEC), 0);
		(void)fcntl(h.door[i][1], F_SETPIPE_SZ, PIPE_ROOM_BYTES);
		assert_int_equal(fcntl(h.door[i][0], F_SETFL, O_NONBLOCK | O_DIRECT), 0);
	}
}

static pid_t
start(const char *room, char *const argv[], const int fds[ROOM_FD_COUNT])
{
	char program[400];
	int safe[ROOM_FD_COUNT];
	pid_t pid;

	(void)snprintf(program, sizeof(program), "%s/%s", libexec, room);
	pid = fork();
	assert_true(pid >= 0);
	if (pid > 0)
		return pid;
	for (int fd = ROOM_FD_VITALS; fd < ROOM_FD_COUNT; fd++)
		safe[fd] = fds[fd] < 0 ? -1 : fcntl(fds[fd], F_DUPFD_CLOEXEC, 64);
	for (int fd = ROOM_FD_VITALS; fd < ROOM_FD_COUNT; fd++)
		if (safe[fd] < 0)
			(void)close(fd);
		else if (dup2(safe[fd], fd) < 0)
			_exit(99);
	(void)execv(program, argv);
	_exit(99);
}

static void
start_spool(const char *max_records)
{
	char restarts[32], records[32];
	char *argv[] = {(char[]){"spool"},
			(char[]){"unit=booth-7"},
			(char[]){"max_mib=64"},
			records,
			(char[]){"free_floor_mib=0"},
			(char[]){"heartbeat_s=3600"},
			(char[]){"retention_days=30"},
			(char[]){"drop_undelivered=0"},
			(char[]){"run=7"},
			restarts,
			NULL};
	int fds[ROOM_FD_COUNT];

	for (int i = 0; i < ROOM_FD_COUNT; i++)
		fds[i] = -1;
	fds[ROOM_FD_VITALS] = h.door[VITALS][1];
	fds[ROOM_FD_IN] = h.door[SEALED][0];
	fds[ROOM_FD_IN_ACK] = h.door[STORED][1];
	fds[ROOM_FD_OUT] = h.door[PARCEL][1];
	fds[ROOM_FD_OUT_ACK] = h.door[RECEIPT][0];
	fds[ROOM_FD_HEALTH] = h.door[HEALTH][0];
	fds[ROOM_FD_FOLDER] = h.spool_folder;
	fds[ROOM_FD_KEY] = h.key;
	(void)snprintf(restarts, sizeof(restarts), "restarts=%d", h.restarts++);
	(void)snprintf(records, sizeof(records), "max_records=%s", max_records);
	h.spool = start("spool", argv, fds);
}

static void
start_uplink(char *to)
{
	char *argv[] = {(char[]){"uplink"}, to, (char[]){"cadence_s=0"}, NULL};
	int fds[ROOM_FD_COUNT];

	for (int i = 0; i < ROOM_FD_COUNT; i++)
		fds[i] = -1;
	fds[ROOM_FD_VITALS] = h.door[VITALS][1];
	fds[ROOM_FD_IN] = h.door[PARCEL][0];
	fds[ROOM_FD_IN_ACK] = h.door[RECEIPT][1];
	fds[ROOM_FD_FOLDER] = h.out_folder;
	h.uplink = start("uplink", argv, fds);
}

static char to_file[] = "to=file:";
static char to_none[] = "to=none";

/* Returns the wait status. */
static int
stop(pid_t *pid, int sig)
{
	int64_t until = clock_ms(CLOCK_MONOTONIC) + WAIT_MS;
	int status = 0;
	pid_t gone;

	assert_int_equal(kill(*pid, sig), 0);
	while ((gone = waitpid(*pid, &status, WNOHANG)) == 0 && clock_ms(CLOCK_MONOTONIC) < until)
		(void)usleep(1000);
	assert_int_equal(gone, *pid);
	*pid = 0;
	return status;
}

static int
begin(void **state)
{
	uint8_t der[KIT_KEY_BYTES];

	(void)state;
	memset(&h, 0, sizeof(h));
	kit_begin();
	kit_key(der);
	h.key = kit_file(SPAN_OF(der));
	h.spool_folder = kit_folder(h.spool_path);
	h.out_folder = kit_folder(h.out_path);
	make_doors();
	pipe_out_init(&h.to_spool, h.door[SEALED][1]);
	pipe_in_init(&h.from_spool, h.door[STORED][0], SPACE_OF(h.ack_room));
	h.next = 1;
	return 0;
}

static int
end(void **state)
{
	(void)state;
	if (h.spool > 0)
		(void)stop(&h.spool, SIGKILL);
	if (h.uplink > 0)
		(void)stop(&h.uplink, SIGKILL);
	for (int i = 0; i < DOORS; i++) {
		(void)close(h.door[i][0]);
		(void)close(h.door[i][1]);
	}
	(void)close(h.key);
	(void)close(h.spool_folder);
	(void)close(h.out_folder);
	kit_remove(h.spool_path);
	kit_remove(h.out_path);
	hal_crypto_close();
	return 0;
}

/* ---- what seal does ---- */

static void
offer(uint64_t passage)
{
	static uint8_t message[SEALED_MESSAGE_MAX];
	struct sealed s = kit_sealed(passage, 200 + passage * 37 % 9000);
	int64_t n = sealed_encode(&s, SPACE_OF(message));

	assert_true(n > 0);
	assert_int_equal(pipe_send(&h.to_spool, SEALED_TYPE, SPAN(message, (size_t)n)), 0);
}

static void
send_new(void)
{
	h.outbox[h.n_outbox++] = h.next;
	offer(h.next++);
}

static void
drop(uint64_t passage)
{
	for (size_t i = 0; i < h.n_outbox; i++) {
		if (h.outbox[i] != passage)
			continue;
		memmove(&h.outbox[i], &h.outbox[i + 1], (h.n_outbox - i - 1) * sizeof(h.outbox[0]));
		h.n_outbox--;
		h.acknowledged++;
		return;
	}
}

static void
listen_to_spool(void)
{
	uint8_t vitals[PIPE_PACKET_BYTES], type;
	struct sealed_ack ack;
	struct span message;

	while (read(h.door[VITALS][0], vitals, sizeof(vitals)) > 0)
		;
	while (pipe_receive(&h.from_spool, &type, &message) == 1) {
		if (type == SEALED_HELLO_TYPE) {
			h.hellos++;
			for (size_t i = 0; i < h.n_outbox; i++)
				offer(h.outbox[i]);
			continue;
		}
		assert_int_equal(sealed_ack_decode(&ack, message), 0);
		if (ack.answer == SEALED_STORED)
			drop(ack.passage);
		else
			h.full++;
	}
}

static void
wait_for_acks(uint64_t n)
{
	int64_t until = clock_ms(CLOCK_MONOTONIC) + WAIT_MS;

	while (h.acknowledged < n && clock_ms(CLOCK_MONOTONIC) < until) {
		listen_to_spool();
		(void)usleep(500);
	}
	assert_int_equal(h.acknowledged, n);
}

static void
wait_for_hello(void)
{
	int64_t until = clock_ms(CLOCK_MONOTONIC) + WAIT_MS;

	while (h.hellos == 0 && clock_ms(CLOCK_MONOTONIC) < until)
		listen_to_spool();
	assert_true(h.hellos > 0);
}

/* ---- what the recipient sees ---- */

static size_t
delivered(void)
{
	static struct kit_report r;

	kit_read(h.out_folder, &r);
	return r.records;
}

static void
wait_for_delivery(size_t n)
{
	int64_t until = clock_ms(CLOCK_MONOTONIC) + WAIT_MS;

	while (delivered() < n && clock_ms(CLOCK_MONOTONIC) < until) {
		listen_to_spool();
		(void)usleep(5000);
	}
	assert_int_equal(delivered(), n);
}

static void
check_spool(uint64_t passages)
{
	static struct kit_report r;

	kit_read(h.spool_folder, &r);
	assert_int_equal(r.breaks, 0);
	assert_int_equal(r.copies, 0);
	assert_int_equal(r.records, passages);
	assert_true(r.heartbeats > 0);
	for (uint64_t p = 1; p <= passages; p++)
		assert_int_equal(kit_count(&r, 1, p), 1);
}

static void
killed_fifty_times_nothing_is_lost_or_doubled(void **state)
{
	static struct kit_report r;
	int kills = 0;

	(void)state;
	start_spool("1000");
	start_uplink(to_file);
	while (h.acknowledged < PASSAGES || kills < KILLS) {
		while (h.next <= PASSAGES && h.n_outbox < OUTBOX && draw(3) > 0)
			send_new();
		(void)usleep(draw(15000));
		listen_to_spool();
		if (kills < KILLS && draw(4) == 0) {
			(void)stop(&h.spool, SIGKILL);
			kills++;
			if (draw(4) == 0) {
				(void)stop(&h.uplink, SIGKILL);
				start_uplink(to_file);
			}
			start_spool("1000");
		}
		if (h.next > PASSAGES && kills == KILLS)
			wait_for_acks(PASSAGES);
	}
	assert_true(h.hellos > 0);
	wait_for_delivery(PASSAGES);
	assert_int_equal(stop(&h.spool, SIGTERM), 0);
	assert_int_equal(stop(&h.uplink, SIGTERM), 0);
	check_spool(PASSAGES);
	/* Heartbeats went ahead, but in the end all is there. */
	kit_read(h.out_folder, &r);
	assert_int_equal(r.breaks, 0);
	assert_int_equal(r.records, PASSAGES);
}

static void
what_lies_in_the_pipe_is_stored_before_leaving(void **state)
{
	(void)state;
	for (int i = 0; i < OUTBOX; i++)
		send_new();
	start_spool("1000");
	/* It may hear the signal before it has read anything. */
	wait_for_hello();
	assert_int_equal(stop(&h.spool, SIGTERM), 0);
	listen_to_spool();
	assert_int_equal(h.acknowledged, OUTBOX);
	check_spool(OUTBOX);
}

static void
a_full_spool_says_so_and_takes_more_when_delivered(void **state)
{
	(void)state;
	start_uplink(to_none);
	start_spool("4"); /* a heartbeat and three passages */
	wait_for_hello();
	for (int i = 0; i < 5; i++)
		send_new();
	wait_for_acks(3);
	for (int64_t until = clock_ms(CLOCK_MONOTONIC) + WAIT_MS; h.full < 2 && clock_ms(CLOCK_MONOTONIC) < until;)
		listen_to_spool();
	assert_int_equal(h.full, 2);
	(void)stop(&h.uplink, SIGTERM);
	start_uplink(to_file);
	wait_for_delivery(3);
	for (size_t i = 0; i < h.n_outbox; i++)
		offer(h.outbox[i]);
	wait_for_acks(5);
	wait_for_delivery(5);
}

static void
a_different_file_in_the_way_is_never_overwritten(void **state)
{
	static const char name[] = "00000001-00000000000000000002.lsr"; /* the first is a heartbeat */
	uint8_t bytes[16];
	int fd = openat(h.out_folder, name, O_CREAT | O_WRONLY, 0600);

	(void)state;
	assert_int_equal(write(fd, "mine", 4), 4);
	(void)close(fd);
	start_uplink(to_file);
	start_spool("10");
	send_new();
	wait_for_acks(1);
	(void)usleep(300000);
	assert_int_equal(io_load_at(h.out_folder, name, SPACE_OF(bytes)), 4);
	assert_memory_equal(bytes, "mine", 4);
	/* Once it is out of the way the record comes. */
	assert_int_equal(unlinkat(h.out_folder, name, 0), 0);
	wait_for_delivery(1);
}

/* The exit status of a spool that cannot begin. */
static int
spool_ends_with(void)
{
	int64_t until = clock_ms(CLOCK_MONOTONIC) + WAIT_MS;
	int status = 0;
	pid_t gone;

	start_spool("10");
	while ((gone = waitpid(h.spool, &status, WNOHANG)) == 0 && clock_ms(CLOCK_MONOTONIC) < until)
		(void)usleep(1000);
	assert_int_equal(gone, h.spool);
	h.spool = 0;
	return status;
}

static void
a_bad_key_or_folder_ends_the_room_with_words(void **state)
{
	int good = h.key, status;

	(void)state;
	h.key = kit_file(SPAN((const uint8_t *)"no key", 6));
	status = spool_ends_with();
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == ROOM_EXIT_SETTINGS);
	(void)close(h.key);
	h.key = good;
	assert_int_equal(mkdirat(h.spool_folder, ".head", 0700), 0);
	status = spool_ends_with();
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == ROOM_EXIT_SETTINGS);
}

static void
a_message_that_is_none_ends_the_room(void **state)
{
	static const struct {
		uint8_t type;
		uint8_t bytes[4];
		size_t n;
	} wrong[] = {
	    {SEALED_TYPE, {0}, 0}, {SEALED_TYPE, {1, 2, 3, 4}, 4}, {SEALED_ACK_TYPE, {0}, 1}, {99, {0}, 1}};
	int status;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		assert_int_equal(pipe_send(&h.to_spool, wrong[i].type, SPAN(wrong[i].bytes, wrong[i].n)), 0);
		status = spool_ends_with();
		assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) != 0);
	}
	send_new();
	start_spool("10");
	wait_for_acks(1);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    CASE(killed_fifty_times_nothing_is_lost_or_doubled),
	    CASE(what_lies_in_the_pipe_is_stored_before_leaving),
	    CASE(a_full_spool_says_so_and_takes_more_when_delivered),
	    CASE(a_different_file_in_the_way_is_never_overwritten),
	    CASE(a_bad_key_or_folder_ends_the_room_with_words),
	    CASE(a_message_that_is_none_ends_the_room),
	};

	if (argc != 2)
		return 2;
	libexec = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
