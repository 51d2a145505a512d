/*
 * warden/rooms.c - starts, watches, restarts and stops the rooms; never waits.
 *
 * A room that ends is started again, at once at first and then more and more
 * slowly, with the same pipes: what lies in them is for the next instance. Only
 * two endings mean something else: a camera that has come to its end closes the
 * house, and so do settings that a room cannot work with.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "base/log_text.h"
#include "warden/health.h"
#include "warden/rooms.h"
#include "warden/spawn.h"
#include "warden/tally.h"

enum { BACKOFF_FIRST_MS = 100, BACKOFF_MOST_MS = 10000 };

static const int64_t ready_within_us = 30 * 1000000LL; /* a camera on a busy machine takes its time */
static const int64_t leave_within_us = 15 * 1000000LL;
static const int64_t settled_after_us = 60 * 1000000LL;

void
rooms_init(struct house *h)
{
	for (int room = 0; room < ROOM_COUNT; room++) {
		h->residents[room].state = RESIDENT_DOWN;
		h->residents[room].backoff_ms = BACKOFF_FIRST_MS;
	}
	h->phase = HOUSE_OPENING;
}

void
rooms_close(struct house *h, const char *why)
{
	if (h->phase == HOUSE_CLOSING)
		return;
	h->phase = HOUSE_CLOSING;
	log_text(LOG_NOTE, "closing: %s", why);
}

/* ---- one room ---- */

static void
start(struct house *h, enum room room, int64_t now_us)
{
	struct resident *r = &h->residents[room];
	pid_t pid = spawn_room(h, room);

	if (pid < 0) {
		log_text(LOG_ERROR, "%s: cannot be started: %s", wiring_rooms[room], strerror(-pid));
		r->due_us = now_us + BACKOFF_MOST_MS * 1000LL;
		return;
	}
	r->pid = pid;
	r->state = RESIDENT_STARTING;
	r->started_us = now_us;
	r->due_us = now_us + ready_within_us;
}

static void
up(struct house *h, enum room room)
{
	struct resident *r = &h->residents[room];

	r->state = RESIDENT_UP;
	r->been_ready = 1;
	r->due_us = INT64_MAX;
	log_text(LOG_INFO, "%s: ready, process %ld, restarts %" PRIu64, wiring_rooms[room], (long)r->pid, r->restarts);
	for (int other = 0; other < ROOM_COUNT; other++)
		if (!h->residents[other].been_ready)
			return;
	if (h->phase == HOUSE_OPENING) {
		h->phase = HOUSE_RUNNING;
		log_text(LOG_NOTE, "the lane runs");
	}
}

static void
ask_to_leave(struct resident *r, int64_t now_us)
{
	(void)kill(r->pid, SIGTERM);
	r->state = RESIDENT_LEAVING;
	r->due_us = now_us + leave_within_us;
}

static void
end(struct house *h, enum room room, const char *why)
{
	log_text(LOG_ERROR, "%s: %s; it is ended", wiring_rooms[room], why);
	(void)kill(h->residents[room].pid, SIGKILL);
	h->residents[room].due_us = INT64_MAX;
}

void
rooms_listen(struct house *h, enum room room)
{
	struct resident *r = &h->residents[room];

	if (tally_listen(r) < 0) {
		pipe_in_init(&r->vitals_in, r->vitals_in.fd, r->vitals_in.buffer);
		if (r->pid > 0)
			end(h, room, "it sent vitals that are none");
	}
	if (r->state == RESIDENT_STARTING && r->vitals[VITAL_ready])
		up(h, room);
}

/* ---- endings ---- */

static void
come_again(struct house *h, enum room room, int64_t now_us)
{
	struct resident *r = &h->residents[room];

	if (now_us - r->started_us >= settled_after_us)
		r->backoff_ms = BACKOFF_FIRST_MS;
	r->state = RESIDENT_DOWN;
	r->due_us = now_us + r->backoff_ms * 1000LL;
	r->restarts++;
	log_text(LOG_WARN, "%s: starts again in %u ms, restarts %" PRIu64, wiring_rooms[room], r->backoff_ms, r->restarts);
	r->backoff_ms = r->backoff_ms * 2 > BACKOFF_MOST_MS ? BACKOFF_MOST_MS : r->backoff_ms * 2;
}

static void
say_ending(enum room room, int status, enum log_level level)
{
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
		log_text(level, "%s: ended by signal %d: it asked the kernel for something that is not in its list of system calls, by a fault "
			 "of ours or an intruder's wish (docs/LOCKS.md says how to find out)", wiring_rooms[room], SIGSYS);
	else if (WIFSIGNALED(status))
		log_text(level, "%s: ended by signal %d (%s)", wiring_rooms[room], WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		log_text(level, "%s: ended with status %d", wiring_rooms[room], WEXITSTATUS(status));
}

static void
settle_account(struct resident *r, const struct rusage *use)
{
	r->cpu_us_before += (use->ru_utime.tv_sec + use->ru_stime.tv_sec) * 1000000LL + use->ru_utime.tv_usec +
			    use->ru_stime.tv_usec;
	if (use->ru_maxrss > r->peak_rss_kib)
		r->peak_rss_kib = use->ru_maxrss;
	tally_close(r);
	r->pid = 0;
}

static void
ended(struct house *h, enum room room, int status, int64_t now_us)
{
	struct resident *r = &h->residents[room];
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;

	if (r->state == RESIDENT_LEAVING) {
		r->state = RESIDENT_GONE;
		if (code == ROOM_EXIT_DONE)
			return;
		say_ending(room, status, LOG_ERROR);
		if (h->exit_status == HOUSE_EXIT_GOOD)
			h->exit_status = HOUSE_EXIT_FAULT;
	} else if (code == ROOM_EXIT_LOCK) {
		r->state = RESIDENT_GONE;
		log_text(LOG_ERROR, "%s: a lock does not close, and a room does not run without its locks; its own line above names it, "
			 "docs/LOCKS.md says what each needs of the kernel", wiring_rooms[room]);
		h->exit_status = HOUSE_EXIT_LOCK;
		rooms_close(h, "a room's lock does not close");
	} else if (code == ROOM_EXIT_SETTINGS) {
		r->state = RESIDENT_GONE;
		log_text(LOG_ERROR, "%s: cannot work with these settings, and starting it again would not help; its own lines above say why",
			 wiring_rooms[room]);
		h->exit_status = HOUSE_EXIT_SETTINGS;
		rooms_close(h, "a room cannot work with the settings");
	} else if (code == ROOM_EXIT_DONE && room == ROOM_CAPTURE) {
		r->state = RESIDENT_GONE;
		rooms_close(h, "the camera has come to its end");
	} else {
		say_ending(room, status, LOG_ERROR);
		come_again(h, room, now_us);
	}
}

/*
 * What it had started itself, and what would else hold its user's few processes and its camera for ever: a room is
 * the head of a session of its own, which none of its descendants may leave (no list has setsid or setpgid).
 */
static void
end_descendants(pid_t room)
{
	if (kill(-room, SIGKILL) == 0)
		log_text(LOG_WARN, "process %ld left others behind; they are ended", (long)room);
}

void
rooms_reap(struct house *h, int64_t now_us)
{
	for (int room = 0; room < ROOM_COUNT; room++) {
		struct resident *r = &h->residents[room];
		struct rusage use;
		int status;

		if (r->pid <= 0 || wait4(r->pid, &status, WNOHANG | WUNTRACED, &use) != r->pid)
			continue;
		if (WIFSTOPPED(status)) {
			end(h, (enum room)room, "somebody stopped it, and the lane with it");
			continue;
		}
		end_descendants(r->pid);
		rooms_listen(h, (enum room)room);
		logs_end(&r->log, wiring_rooms[room]);
		settle_account(r, &use);
		ended(h, (enum room)room, status, now_us);
	}
}

/* ---- the house ---- */

/* Whether all rooms that this one speaks to have been there once. */
static int
may_start(const struct house *h, enum room room)
{
	if (h->phase == HOUSE_CLOSING && !h->residents[room].been_ready)
		return 0;
	for (int next = (int)room + 1; next < ROOM_COUNT; next++)
		if (!h->residents[next].been_ready)
			return 0;
	return 1;
}

/* The first room in the direction of the data that is still there has to leave; those behind it go on working. */
static int
leaving_room(const struct house *h)
{
	int room = ROOM_CAPTURE;

	while (room < ROOM_COUNT && h->residents[room].state == RESIDENT_GONE)
		room++;
	return room;
}

static void
close_next(struct house *h, int64_t now_us)
{
	int room = leaving_room(h);
	struct resident *r;

	if (room == ROOM_COUNT)
		return;
	r = &h->residents[room];
	if (r->state == RESIDENT_DOWN) {
		r->state = RESIDENT_GONE;
		close_next(h, now_us);
	} else if (r->state != RESIDENT_LEAVING) {
		/* The rooms above have gone, so their totals are the last ones. */
		if (room == ROOM_SPOOL)
			health_tell(h, now_us);
		ask_to_leave(r, now_us);
	}
}

static void
step_room(struct house *h, enum room room, int64_t now_us)
{
	struct resident *r = &h->residents[room];

	switch (r->state) {
	case RESIDENT_DOWN:
		if (r->due_us <= now_us && may_start(h, room))
			start(h, room, now_us);
		break;
	case RESIDENT_STARTING:
		if (r->due_us <= now_us)
			end(h, room, "it was not ready within 30 s");
		break;
	case RESIDENT_LEAVING:
		if (r->due_us <= now_us)
			end(h, room, "it did not leave within 15 s; what it held is lost");
		break;
	case RESIDENT_UP:
	case RESIDENT_GONE:
		break;
	}
}

int64_t
rooms_step(struct house *h, int64_t now_us)
{
	int64_t next_us = INT64_MAX;

	if (h->phase == HOUSE_CLOSING)
		close_next(h, now_us);
	for (int room = ROOM_COUNT - 1; room >= 0; room--)
		step_room(h, (enum room)room, now_us);
	if (leaving_room(h) == ROOM_COUNT)
		return -1;
	for (int room = 0; room < ROOM_COUNT; room++) {
		const struct resident *r = &h->residents[room];
		/* A room that may not start yet waits for another one's "ready", not for a time. */
		int waits = r->state == RESIDENT_DOWN && !may_start(h, (enum room)room);

		if (r->state != RESIDENT_GONE && r->state != RESIDENT_UP && !waits && r->due_us < next_us)
			next_us = r->due_us;
	}
	return next_us;
}
