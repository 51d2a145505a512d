/*
 * warden/spawn.c - starts one room as a process of its own.
 *
 * fork, then throw away everything, then exec: the room begins with the listed
 * descriptors at fixed numbers, as its own user without a network, with a clean
 * environment and no way to gain rights, and dies with the warden. Rooms get a session of their own so that Ctrl-C at a
 * terminal reaches the warden alone, which then closes in order.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "warden/spawn.h"
#include "warden/things.h"
#include "warden/walls.h"
#include "warden/words.h"

/* Above every fixed number and below none: the descriptors wait here until their places are free. */
enum { WAITING_FD = 64, EXIT_NOT_STARTED = 127 };

struct place {
	int fd;   /* where the room expects it */
	int from; /* what goes there */
};

struct places {
	struct place at[ROOM_FD_COUNT];
	size_t n;
};

static int
add(struct places *p, int fd, int from)
{
	int waiting = fcntl(from, F_DUPFD_CLOEXEC, WAITING_FD);

	CHECK(p->n < ARRAY_SIZE(p->at));
	if (waiting < 0)
		return -errno;
	p->at[p->n++] = (struct place){fd, waiting};
	return 0;
}

static int
add_pipes(struct places *p, const struct house *h, enum room room)
{
	size_t n;
	const struct wiring_pipe *rows = wiring_pipes(&n);
	int err = 0;

	for (size_t i = 0; i < n && err == 0; i++) {
		if (rows[i].from == room)
			err = add(p, rows[i].from_fd, h->pipes[i][1]);
		else if (rows[i].to == room)
			err = add(p, rows[i].to_fd, h->pipes[i][0]);
	}
	return err;
}

static int
add_things(struct places *p, const struct house *h, enum room room)
{
	size_t n;
	const struct wiring_thing *rows = wiring_things(&n);
	int err = 0;

	for (size_t i = 0; i < n && err == 0; i++) {
		int fd;

		if (rows[i].room != room)
			continue;
		fd = things_lend(h, rows[i].thing);
		if (fd == -ENOENT && rows[i].may_lack)
			continue;
		err = fd < 0 ? fd : add(p, rows[i].fd, fd);
	}
	return err;
}

/* Descriptors 0 and 1 are nothing; all others go, except those waiting, which close at exec. */
static int
take_places(const struct places *p)
{
	int nothing;

	if (close_range(3, WAITING_FD - 1, 0) < 0 || close_range(WAITING_FD, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
		return -errno;
	nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (nothing < 0 || dup2(nothing, 0) < 0 || dup2(nothing, 1) < 0)
		return -errno;
	(void)close(nothing);
	for (size_t i = 0; i < p->n; i++)
		if (dup2(p->at[i].from, p->at[i].fd) < 0)
			return -errno;
	return 0;
}

static int
become_ordinary(pid_t warden)
{
	const struct rlimit no_core = {0, 0};
	sigset_t term;

	/* A change of user would undo the death signal, so this comes after it. */
	if (setsid() < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    setrlimit(RLIMIT_CORE, &no_core) < 0)
		return -errno;
	if (getppid() != warden)
		return -ESRCH; /* it died before it could take us along */
	/* Asked to leave before it has a handler for that, it would die of it: the request waits until room_begin() looks. */
	if (signal(SIGPIPE, SIG_DFL) == SIG_ERR || sigemptyset(&term) < 0 || sigaddset(&term, SIGTERM) < 0 ||
	    sigprocmask(SIG_SETMASK, &term, NULL) < 0)
		return -errno;
	return 0;
}

/* Only uplink, and only when it has a collector that the policy names: a folder needs no network. */
static int
needs_network(const struct house *h, enum room room)
{
	return room == ROOM_UPLINK && h->things[THING_ANCHOR] >= 0;
}

_Noreturn static void
be_room(const struct house *h, enum room room, pid_t warden)
{
	static char locale[] = "LC_ALL=C", zone[] = "TZ=UTC0";
	static char *const environment[] = {locale, zone, NULL};
	static struct words words;
	struct places places = {.n = 0};
	int program = fcntl(h->residents[room].program, F_DUPFD_CLOEXEC, WAITING_FD);
	int err = program < 0 ? -errno : 0, walls;

	words_make(&words, h, room);
	if (err == 0)
		err = add_pipes(&places, h, room);
	if (err == 0)
		err = add_things(&places, h, room);
	if (err == 0)
		err = take_places(&places);
	walls = err < 0 ? 0 : walls_enter(&h->walls, room, needs_network(h, room));
	if (walls < 0) {
		log_event(LOG_ERROR, "walls_do_not_close", "room", room, "errno", -walls);
		_exit(ROOM_EXIT_LOCK);
	}
	if (err == 0)
		err = become_ordinary(warden);
	if (err == 0) {
		(void)fexecve(program, words.argv, environment);
		err = -errno;
	}
	log_event(LOG_ERROR, "room_not_started", "room", room, "errno", -err);
	_exit(EXIT_NOT_STARTED);
}

pid_t
spawn_room(const struct house *h, enum room room)
{
	pid_t warden = getpid(), pid = fork();

	if (pid == 0)
		be_room(h, room, warden);
	return pid < 0 ? -errno : pid;
}
