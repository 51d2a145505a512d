/*
 * base/room.c - what every room does at its start, while it waits, and when it is asked to leave.
 *
 * SIGTERM is blocked except inside ppoll(2), so it can neither cut a message
 * short nor slip in between a test and a wait.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/lock.h"
#include "base/memory.h"
#include "base/room.h"
#include "doors/vitals/vitals.h"

static int settings_count;
static char **settings;
static sigset_t while_waiting;
static volatile sig_atomic_t asked_to_finish;
static int told;

static void
on_term(int number)
{
	(void)number;
	asked_to_finish = 1;
}

static void
take_signals(void)
{
	struct sigaction term = {.sa_handler = on_term}, ignore = {.sa_handler = SIG_IGN};
	sigset_t blocked;

	CHECK(sigemptyset(&term.sa_mask) == 0 && sigemptyset(&ignore.sa_mask) == 0);
	CHECK(sigemptyset(&blocked) == 0 && sigaddset(&blocked, SIGTERM) == 0);
	CHECK(sigprocmask(SIG_BLOCK, &blocked, &while_waiting) == 0);
	CHECK(sigdelset(&while_waiting, SIGTERM) == 0);
	CHECK(sigaction(SIGTERM, &term, NULL) == 0);
	CHECK(sigaction(SIGPIPE, &ignore, NULL) == 0);
	/* Ctrl-C reaches every program of the terminal; the warden alone decides the order of leaving. */
	CHECK(sigaction(SIGINT, &ignore, NULL) == 0);
}

void
room_begin(int argc, char **argv)
{
	const struct rlimit no_core = {0, 0};

	/* Started from a descriptor, it would be called by that number on older kernels. */
	CHECK(prctl(PR_SET_NAME, PROGRAM_NAME, 0, 0, 0) == 0);
	CHECK(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0);
	CHECK(setrlimit(RLIMIT_CORE, &no_core) == 0);
	CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	/* A door must never come to stand where a library prints. */
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		CHECK(fcntl(fd, F_GETFD) >= 0);
	take_signals();
	if (CONFIG(HARDEN_MEMORY))
		memory_lock_all();
	settings_count = argc;
	settings = argv;
}

const char *
room_setting_text(const char *name)
{
	size_t n = strlen(name);
	const char *value = NULL;

	for (int i = 1; i < settings_count; i++)
		if (strncmp(settings[i], name, n) == 0 && settings[i][n] == '=')
			value = settings[i] + n + 1;
	CHECK(value != NULL);
	return value;
}

int64_t
room_setting(const char *name)
{
	const char *text = room_setting_text(name);
	char *end;
	long long v;

	errno = 0;
	v = strtoll(text, &end, 10);
	CHECK(errno == 0 && end != text && *end == '\0');
	return v;
}

void
room_ready(void)
{
	lock_close();
	vitals_tell(VITAL_locks, lock_closed());
	vitals_tell(VITAL_landlock_abi, lock_landlock_abi());
	vitals_tell(VITAL_memory_refused, memory_refused());
	vitals_tell(VITAL_ready, 1);
}

/* A ppoll(2) that finds something to do takes no signal, so a busy room would never hear SIGTERM. */
static void
hear_term(void)
{
	static const struct timespec at_once;
	sigset_t term;

	CHECK(sigemptyset(&term) == 0 && sigaddset(&term, SIGTERM) == 0);
	if (sigtimedwait(&term, NULL, &at_once) == SIGTERM)
		asked_to_finish = 1;
}

int
room_wait(struct pollfd *fds, size_t n, int limit_ms)
{
	struct timespec limit = {.tv_sec = limit_ms / 1000, .tv_nsec = limit_ms % 1000 * 1000000L};

	hear_term();
	if (!asked_to_finish || told) {
		if (ppoll(fds, n, limit_ms < 0 ? NULL : &limit, &while_waiting) >= 0)
			return 1;
		CHECK(errno == EINTR);
	}
	for (size_t i = 0; i < n; i++)
		fds[i].revents = 0;
	if (!asked_to_finish || told)
		return 1;
	told = 1;
	return 0;
}

int
room_finishing(void)
{
	hear_term();
	return asked_to_finish != 0;
}
