/*
 * The seal room as its neighbours meet it: the real program, with this test as locate, spool and warden.
 *
 * Packets are made by hand from docs/DOORS.md, and what comes out is opened with the recipient's code.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "../../firmware/doors/vitals/vitals.h"
#include "../ports/maker.h"
#include "base/clock.h"
#include "base/wire.h"
#include "cm.h"

enum {
	VITALS = 3,
	IN,
	IN_ACK,
	OUT,
	OUT_ACK,
	POLICY = 9,
	PART = 4080,
	LONG_MS = 10000,
	SHORT_MS = 200,
	MOST = 1 << 20
};
enum { CROP = 1, ACK = 2, HELLO = 3, STORED = 1, FULL = 2 };

static const char *program;
static struct maker maker;
static int pipes[5][2]; /* of descriptors 3..7 */
static int policy;
static pid_t seal;
static char words[5][200];
static uint8_t picture[20000], offered[MOST], got[MOST], first[MOST], plain[MOST];

/* ---- the warden's part ---- */

static void
hex(char *out, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sprintf(out + 2 * i, "%02x", p[i]);
}

static void
set_policy(int64_t not_after_s, const char *newest)
{
	uint8_t bytes[POLICY_BYTES_MAX];
	struct policy p;
	int64_t n;

	maker_policy(&maker, &p);
	p.not_before_s = 1000;
	p.not_after_s = not_after_s;
	n = maker_write_policy(&maker, &p, SPACE_OF(bytes));
	assert_true(n > 0);
	assert_int_equal(ftruncate(policy, 0), 0);
	assert_int_equal(pwrite(policy, bytes, (size_t)n, 0), n);
	strcpy(words[0], "unit=demo-lane-2");
	strcpy(words[1], "firmware=");
	for (int i = 0; i < 32; i++)
		strcat(words[1], "f1");
	strcpy(words[2], "policy_key=");
	hex(words[2] + strlen(words[2]), maker.points[MAKER_AUTHORITY], CRYPTO_POINT_BYTES);
	strcpy(words[3], "policy_key_next=");
	snprintf(words[4], sizeof(words[4]), "policy_newest=%s", newest);
}

static void
take_places(void)
{
	for (int i = 0; i < 5; i++)
		if (dup2(pipes[i][i == 1 || i == 4 ? 0 : 1], VITALS + i) < 0)
			_exit(99);
	if (dup2(policy, POLICY) < 0)
		_exit(99);
}

static void
start_seal(void)
{
	seal = fork();
	if (seal == 0) {
		take_places();
		execl(program, "seal", words[0], words[1], words[2], words[3], words[4], (char *)NULL);
		_exit(98);
	}
}

/* Exit status, or minus the signal. */
static int
seal_ends(void)
{
	int status;

	assert_int_equal(waitpid(seal, &status, 0), seal);
	seal = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static int
setup(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(picture); i++)
		picture[i] = (uint8_t)(i * 7);
	for (int i = 0; i < 5; i++) {
		if (pipe2(pipes[i], O_DIRECT | O_NONBLOCK | O_CLOEXEC) < 0)
			return -1;
		/* Out of the way of the room's own numbers. */
		for (int end = 0; end < 2; end++) {
			int low = pipes[i][end];

			pipes[i][end] = fcntl(low, F_DUPFD_CLOEXEC, 20);
			/* An open copy would keep a mebibyte of the user's pipe quota for each case. */
			(void)close(low);
		}
		(void)fcntl(pipes[i][0], F_SETPIPE_SZ, 1 << 20);
	}
	policy = fcntl(memfd_create("policy", MFD_CLOEXEC), F_DUPFD_CLOEXEC, 20);
	set_policy(4000000000, "7");
	return policy < 0 ? -1 : 0;
}

static int
teardown(void **state)
{
	(void)state;
	if (seal > 0) {
		(void)kill(seal, SIGKILL);
		(void)waitpid(seal, NULL, 0);
		seal = 0;
	}
	for (int i = 0; i < 5; i++)
		for (int end = 0; end < 2; end++)
			(void)close(pipes[i][end]);
	(void)close(policy);
	return 0;
}

/* ---- packets by hand ---- */

static void
send_message(int room_fd, uint8_t type, const uint8_t *p, size_t n)
{
	size_t parts = n ? (n + PART - 1) / PART : 1;

	for (size_t i = 0; i < parts; i++) {
		size_t length = n - i * PART < PART ? n - i * PART : PART;
		uint8_t packet[16 + PART] = {'L',
					     'S',
					     1,
					     type,
					     0,
					     0,
					     0,
					     1,
					     (uint8_t)(i >> 8),
					     (uint8_t)i,
					     (uint8_t)(parts >> 8),
					     (uint8_t)parts,
					     (uint8_t)(length >> 8),
					     (uint8_t)length,
					     0,
					     0};

		if (length > 0)
			memcpy(packet + 16, p + i * PART, length);
		assert_int_equal(write(pipes[room_fd - VITALS][1], packet, 16 + length), 16 + length);
	}
}

/* Waits for one whole message. Returns its type, or 0 when none came in time. */
static int
take_message(int room_fd, uint8_t *into, size_t *n, int limit_ms)
{
	struct pollfd p = {.fd = pipes[room_fd - VITALS][0], .events = POLLIN};
	uint8_t packet[4097];

	*n = 0;
	for (;;) {
		ssize_t length;

		if (poll(&p, 1, limit_ms) != 1)
			return 0;
		length = read(p.fd, packet, sizeof(packet));
		assert_true(length >= 16 && memcmp(packet, "LS\1", 3) == 0);
		memcpy(into + *n, packet + 16, (size_t)length - 16);
		*n += (size_t)length - 16;
		if ((packet[8] << 8 | packet[9]) + 1 == (packet[10] << 8 | packet[11]))
			return packet[3];
	}
}

static void
expect_hello(void)
{
	size_t n;

	assert_int_equal(take_message(IN_ACK, got, &n, LONG_MS), HELLO);
	assert_int_equal(n, 0);
}

static void
expect_answer(uint64_t passage, uint8_t stored)
{
	struct wire_reader r;
	size_t n;

	assert_int_equal(take_message(IN_ACK, got, &n, LONG_MS), ACK);
	wire_read(&r, SPAN(got, n));
	assert_int_equal(wire_u64(&r), passage);
	assert_int_equal(wire_u8(&r), stored);
	assert_int_equal(wire_end(&r), 0);
}

static void
expect_silence(int room_fd)
{
	size_t n;

	assert_int_equal(take_message(room_fd, got, &n, SHORT_MS), 0);
}

/* One passage was only counted: spool is told that, and nothing of the passage. */
static void
expect_counted(void)
{
	size_t n;

	assert_int_equal(take_message(OUT, got, &n, LONG_MS), 4);
	assert_int_equal(n, 0);
	expect_silence(OUT);
}

static struct crop
make_passage(uint64_t passage)
{
	struct crop c = maker.crop;

	c.passage = passage;
	c.first_utc_us = 1790000000100000;
	c.views[0].bytes = SPAN_OF(picture);
	return c;
}

static void
offer_crop(const struct crop *c)
{
	int64_t n = crop_encode(c, SPACE_OF(offered));

	assert_true(n > 0);
	send_message(IN, CROP, offered, (size_t)n);
}

static void
offer(uint64_t passage)
{
	struct crop c = make_passage(passage);

	offer_crop(&c);
}

static void
answer(uint64_t passage, uint8_t what)
{
	uint8_t bytes[9];
	struct wire_writer w;

	wire_write(&w, SPACE_OF(bytes));
	wire_put_u64(&w, passage);
	wire_put_u8(&w, what);
	assert_int_equal(wire_done(&w), 9);
	send_message(OUT_ACK, ACK, bytes, 9);
}

/* Takes a sealed message, opens it as the agency does, and compares it with what was offered. */
static size_t
expect_sealed(uint64_t passage)
{
	struct span header, body;
	struct record_header h;
	struct wire_reader r;
	struct crop c;
	size_t n;

	assert_int_equal(take_message(OUT, got, &n, LONG_MS), 1);
	wire_read(&r, SPAN(got, n));
	assert_int_equal(wire_u64(&r), passage);
	header = wire_bytes(&r, 512);
	body = wire_bytes(&r, MOST);
	assert_int_equal(wire_end(&r), 0);
	assert_int_equal(record_header_decode(&h, header), 0);
	assert_string_equal(h.unit, "demo-lane-2");
	assert_int_equal(h.passage, passage);
	assert_int_equal(h.source, maker.crop.source);
	assert_int_equal(h.coarse_time_s, 1790000000 / 900 * 900);
	assert_int_equal(h.firmware[31], 0xf1);
	assert_int_equal(body_open(maker.keys[MAKER_AGENCY], header, body, SPACE_OF(plain), &c), 0);
	assert_int_equal(c.n_views, maker.crop.n_views);
	assert_int_equal(c.first_utc_us, 1790000000100000);
	assert_int_equal(c.views[0].bytes.n, sizeof(picture));
	assert_memory_equal(c.views[0].bytes.p, picture, sizeof(picture));
	return n;
}

/* ---- the tests ---- */

static void
a_passage_is_answered_once_it_is_stored(void **state)
{
	(void)state;
	start_seal();
	expect_hello();
	for (uint64_t passage = 1; passage <= 3; passage++)
		offer(passage);
	for (uint64_t passage = 1; passage <= 3; passage++) {
		(void)expect_sealed(passage);
		expect_silence(IN_ACK);
		/* One in flight: the next waits. */
		expect_silence(OUT);
		answer(passage, STORED);
		answer(passage, STORED);
		expect_answer(passage, 1);
	}
}

static void
what_spool_lost_is_sent_again_as_it_was(void **state)
{
	size_t n, again;

	(void)state;
	start_seal();
	expect_hello();
	send_message(OUT_ACK, HELLO, NULL, 0);
	offer(1);
	n = expect_sealed(1);
	memcpy(first, got, n);
	send_message(OUT_ACK, HELLO, NULL, 0);
	assert_int_equal(take_message(OUT, got, &again, LONG_MS), 1);
	assert_int_equal(again, n);
	assert_memory_equal(got, first, n);
	answer(99, STORED); /* of an earlier seal */
	expect_silence(IN_ACK);
	answer(1, STORED);
	expect_answer(1, 1);
	send_message(OUT_ACK, HELLO, NULL, 0);
	expect_silence(OUT);
}

static void
a_full_spool_is_asked_again_after_a_second(void **state)
{
	int64_t began_ms;
	size_t n, again;

	(void)state;
	start_seal();
	expect_hello();
	offer(1);
	n = expect_sealed(1);
	memcpy(first, got, n);
	began_ms = clock_ms(CLOCK_MONOTONIC);
	answer(1, FULL);
	assert_int_equal(take_message(OUT, got, &again, LONG_MS), 1);
	assert_true(clock_ms(CLOCK_MONOTONIC) - began_ms >= 950);
	assert_int_equal(again, n);
	assert_memory_equal(got, first, n);
	expect_silence(IN_ACK);
	answer(1, STORED);
	expect_answer(1, 1);
}

static void
a_killed_seal_loses_nothing(void **state)
{
	(void)state;
	start_seal();
	expect_hello();
	offer(1);
	(void)expect_sealed(1);
	assert_int_equal(kill(seal, SIGKILL), 0);
	assert_int_equal(seal_ends(), -SIGKILL);
	/* Killed in the middle of taking this one: its beginning is gone. */
	offer(2);
	assert_true(read(pipes[IN - VITALS][0], got, 4096) == 4096);
	start_seal();
	expect_hello();
	offer(1);
	(void)expect_sealed(1);
	answer(1, STORED);
	expect_answer(1, 1);
}

static void
a_crop_against_the_rules_is_not_sealed(void **state)
{
	struct crop wide = make_passage(1), many = make_passage(2);

	(void)state;
	start_seal();
	expect_hello();
	/* The policy allows a tenth of 1280x720: 92160 pixels, and three views. */
	wide.views[0].crop = (struct box){0, 0, 320, 289};
	offer_crop(&wide);
	expect_answer(1, 0);
	many.n_views = 4;
	for (int i = 1; i < 4; i++)
		many.views[i] = many.views[0];
	offer_crop(&many);
	expect_answer(2, 0);
	expect_silence(OUT);
	wide.passage = 3;
	wide.views[0].crop = (struct box){0, 0, 320, 288};
	offer_crop(&wide);
	(void)expect_sealed(3);
}

static void
expect_only_counting(void)
{
	start_seal();
	expect_hello();
	offer(1);
	expect_answer(1, 0);
	expect_counted();
	assert_int_equal(kill(seal, SIGTERM), 0);
	assert_int_equal(seal_ends(), 0);
}

static void
without_a_valid_policy_vehicles_are_only_counted(void **state)
{
	(void)state;
	set_policy(1700000000, "7"); /* expired */
	expect_only_counting();
	set_policy(4000000000, "8"); /* older than one seen before */
	expect_only_counting();
	set_policy(4000000000, "7");
	words[2][20] = words[2][20] == '0' ? '1' : '0'; /* another authority's */
	expect_only_counting();
	set_policy(4000000000, "7");
	strcpy(words[2], "policy_key="); /* none */
	expect_only_counting();
	set_policy(4000000000, "7");
	assert_int_equal(pwrite(policy, "?", 1, 100), 1); /* altered */
	expect_only_counting();
	assert_int_equal(ftruncate(policy, 0), 0); /* empty */
	expect_only_counting();
}

static void
a_policy_expires_while_the_room_runs(void **state)
{
	(void)state;
	set_policy((int64_t)time(NULL) + 2, "7");
	start_seal();
	expect_hello();
	offer(1);
	(void)expect_sealed(1);
	answer(1, STORED);
	expect_answer(1, 1);
	sleep(3);
	offer(2);
	expect_answer(2, 0);
	expect_counted();
}

static void
a_malformed_message_ends_the_room(void **state)
{
	(void)state;
	for (int which = 0; which < 4; which++) {
		struct crop c = make_passage(1);

		assert_int_equal(setup(NULL), 0);
		start_seal();
		expect_hello();
		assert_true(crop_encode(&c, SPACE_OF(offered)) > 0);
		if (which == 0)
			send_message(IN, CROP, offered, 100);
		else if (which == 1)
			send_message(IN, CROP + 1, offered, 100);
		else if (which == 2)
			send_message(OUT_ACK, HELLO, offered, 1);
		else
			assert_int_equal(write(pipes[IN - VITALS][1], "LS\2 and so on and on", 20), 20);
		assert_int_equal(seal_ends(), 1);
		expect_silence(OUT);
		assert_int_equal(teardown(NULL), 0);
	}
	assert_int_equal(setup(NULL), 0);
}

static void
sigterm_finishes_what_is_in_the_pipe(void **state)
{
	(void)state;
	start_seal();
	expect_hello();
	offer(1);
	(void)expect_sealed(1);
	offer(2);
	offer(3);
	assert_int_equal(kill(seal, SIGTERM), 0);
	usleep(50000);
	for (uint64_t passage = 1; passage <= 3; passage++) {
		if (passage > 1)
			(void)expect_sealed(passage);
		answer(passage, STORED);
		expect_answer(passage, 1);
	}
	assert_int_equal(seal_ends(), 0);
}

static void
sigterm_does_not_wait_for_ever(void **state)
{
	time_t began = time(NULL);

	(void)state;
	start_seal();
	expect_hello();
	offer(1);
	(void)expect_sealed(1);
	assert_int_equal(kill(seal, SIGTERM), 0);
	assert_int_equal(seal_ends(), 0);
	assert_in_range(time(NULL) - began, 4, 8);
	expect_silence(IN_ACK);
}

static void
the_warden_is_told_numbers(void **state)
{
	int64_t told[VITAL_COUNT] = {0};
	size_t n;

	(void)state;
	start_seal();
	expect_hello();
	offer(1);
	(void)expect_sealed(1);
	for (int first_one = 1; take_message(VITALS, got, &n, SHORT_MS); first_one = 0) {
		struct wire_reader r;
		uint16_t vital;

		wire_read(&r, SPAN(got, n));
		vital = wire_u16(&r);
		/* What closed is told before "ready", and "ready" before anything of the work. */
		assert_true(vital < VITAL_COUNT && (!first_one || vital == VITAL_locks));
		assert_true(told[VITAL_ready] == 1 || vital == VITAL_locks || vital == VITAL_landlock_abi ||
			    vital == VITAL_memory_refused || vital == VITAL_ready);
		told[vital] = wire_i64(&r);
		assert_int_equal(wire_end(&r), 0);
	}
	assert_int_equal(told[VITAL_ready], 1);
	assert_int_equal(told[VITAL_sealed], 1);
	assert_int_equal(told[VITAL_counted_only] | told[VITAL_passages_refused] | told[VITAL_doors_resynced],
			 0);
	assert_in_range(told[VITAL_arena_peak], 0, 1 << 20);
	printf("most bytes of library memory: %lld\n", (long long)told[VITAL_arena_peak]);
}

#define ROW(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(int argc, char **argv)
{
	const struct CMUnitTest all[] = {
	    ROW(a_passage_is_answered_once_it_is_stored),
	    ROW(what_spool_lost_is_sent_again_as_it_was),
	    ROW(a_full_spool_is_asked_again_after_a_second),
	    ROW(a_killed_seal_loses_nothing),
	    ROW(a_crop_against_the_rules_is_not_sealed),
	    ROW(without_a_valid_policy_vehicles_are_only_counted),
	    ROW(a_policy_expires_while_the_room_runs),
	    ROW(a_malformed_message_ends_the_room),
	    ROW(sigterm_finishes_what_is_in_the_pipe),
	    ROW(sigterm_does_not_wait_for_ever),
	    ROW(the_warden_is_told_numbers),
	};
	int failed;

	if (argc != 2) {
		fprintf(stderr, "usage: %s PATH-OF-SEAL\n", argv[0]);
		return 2;
	}
	program = argv[1];
	maker_open(&maker, SPAN(picture, 100));
	failed = cmocka_run_group_tests(all, NULL, NULL);
	maker_close(&maker);
	return failed;
}
