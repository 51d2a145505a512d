/*
 * What every room does: keeps itself to itself, hears SIGTERM however busy it is, and
 * reads its settings strictly.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "base/pipe.h"
#include "base/room.h"
#include "base/wipe.h"
#include "cm.h"
#include "doors/vitals/vitals.h"

static char *words[] = {(char *)"room",    (char *)"number=-5", (char *)"text=a=b",
			(char *)"word=5x", (char *)"empty=",    NULL};

/* Runs f in a process of its own that has begun as a room; returns its exit status. */
static int
as_room(int (*f)(void))
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		room_begin(5, words);
		_exit(f());
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static int
is_shut(void)
{
	struct rlimit core;

	return prctl(PR_GET_DUMPABLE) == 0 && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 &&
	       getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_max == 0;
}

static void
a_room_cannot_be_looked_into(void **state)
{
	(void)state;
	assert_int_equal(as_room(is_shut), 1);
}

/* A descriptor that always has something to read, as under full load. */
static int
busy(void)
{
	struct pollfd always = {.fd = open("/dev/zero", O_RDONLY), .events = POLLIN};
	int said = 0;

	for (int i = 0; i < 100; i++) {
		if (i == 50)
			(void)raise(SIGTERM);
		if (!room_wait(&always, 1, -1))
			said += i >= 50 ? 1 : 100;
		if (room_finishing() != (i >= 50))
			return 200;
	}
	return said;
}

static void
a_busy_room_hears_sigterm_once(void **state)
{
	(void)state;
	assert_int_equal(as_room(busy), 1);
}

static int
idle(void)
{
	struct pollfd never = {.fd = -1, .events = POLLIN};
	pid_t self = getpid();

	if (fork() == 0) {
		usleep(50000);
		(void)kill(self, SIGTERM);
		_exit(0);
	}
	return room_wait(&never, 1, -1) == 0 && room_wait(&never, 1, 10) == 1 && room_finishing();
}

static void
a_waiting_room_hears_sigterm(void **state)
{
	(void)state;
	assert_int_equal(as_room(idle), 1);
}

static int
before(void)
{
	struct pollfd never = {.fd = -1};

	(void)raise(SIGTERM);
	(void)raise(SIGINT);
	(void)raise(SIGPIPE);
	return room_wait(&never, 1, -1) == 0;
}

static void
sigterm_before_the_wait_is_not_missed(void **state)
{
	(void)state;
	assert_int_equal(as_room(before), 1);
}

static int
settings(void)
{
	return room_setting("number") == -5 && strcmp(room_setting_text("text"), "a=b") == 0 &&
	       room_setting_text("empty")[0] == '\0';
}

static int
missing(void)
{
	return room_setting_text("tex") != NULL;
}

static int
malformed(void)
{
	return room_setting("word") == 5;
}

static int
no_digits(void)
{
	return room_setting("empty") == 0;
}

static void
a_setting_is_there_and_whole_or_the_room_ends(void **state)
{
	(void)state;
	assert_int_equal(as_room(settings), 1);
	assert_int_equal(as_room(missing), -SIGABRT);
	assert_int_equal(as_room(malformed), -SIGABRT);
	assert_int_equal(as_room(no_digits), -SIGABRT);
}

static int
flood(void)
{
	for (int i = 0; i < 5000; i++)
		vitals_tell(VITAL_sealed, i);
	return 1;
}

static void
a_warden_that_does_not_listen_stops_nobody(void **state)
{
	int ends[2], vital = -1;
	uint8_t buffer[32], type;
	struct vital_message m;
	struct pipe_in in;
	struct span got;

	(void)state;
	assert_int_equal(pipe2(ends, O_DIRECT | O_NONBLOCK), 0);
	ends[0] = fcntl(ends[0], F_DUPFD, ROOM_FD_COUNT);
	ends[1] = fcntl(ends[1], F_DUPFD, ROOM_FD_COUNT);
	assert_int_equal(dup2(ends[1], ROOM_FD_VITALS), ROOM_FD_VITALS);
	assert_int_equal(as_room(flood), 1);
	pipe_in_init(&in, ends[0], SPACE_OF(buffer));
	while (pipe_receive(&in, &type, &got) == 1) {
		assert_int_equal(vitals_decode(&m, got), 0);
		assert_int_equal(m.value, ++vital);
	}
	assert_true(vital >= 0);
}

static void
secrets_are_wiped_and_compared_whole(void **state)
{
	uint8_t a[33] = "0123456789abcdef0123456789abcdef", b[33], zero[33] = {0};

	(void)state;
	memcpy(b, a, sizeof(b));
	assert_int_equal(same_bytes(a, b, 33), 1);
	for (size_t i = 0; i < 33; i++) {
		b[i] ^= 0x80;
		assert_int_equal(same_bytes(a, b, 33), 0);
		b[i] ^= 0x80;
	}
	wipe(a, sizeof(a));
	assert_memory_equal(a, zero, sizeof(a));
	wipe(NULL, 0);
}

int
main(void)
{
	const struct CMUnitTest all[] = {
	    cmocka_unit_test(a_room_cannot_be_looked_into),
	    cmocka_unit_test(a_busy_room_hears_sigterm_once),
	    cmocka_unit_test(a_waiting_room_hears_sigterm),
	    cmocka_unit_test(sigterm_before_the_wait_is_not_missed),
	    cmocka_unit_test(a_setting_is_there_and_whole_or_the_room_ends),
	    cmocka_unit_test(a_warden_that_does_not_listen_stops_nobody),
	    cmocka_unit_test(secrets_are_wiped_and_compared_whole),
	};

	return cmocka_run_group_tests(all, NULL, NULL);
}
