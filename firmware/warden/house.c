/*
 * warden/house.c - opens the house and runs it: one loop over signals, vitals and the clock.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log_text.h"
#include "base/usb.h"
#include "warden/doors.h"
#include "warden/health.h"
#include "warden/house.h"
#include "warden/measure.h"
#include "warden/rooms.h"
#include "warden/status.h"
#include "warden/things.h"
#include "warden/walls.h"

static const int64_t look_every_us = 1000000;

/* All that a person can mend is looked at before anything is given up. */
static int
open_by_settings(struct house *h, const char *settings_file)
{
	int read = settings_read(&h->settings, settings_file);

	if (read == 0) {
		if (things_open_state(h) < 0 || rules_open(&h->rules, &h->settings, h->state_folder) < 0 || things_open(h) < 0)
			return HOUSE_EXIT_FAULT;
	}
	if (h->settings.errors == 0)
		return HOUSE_EXIT_GOOD;
	log_text(LOG_ERROR, "%s: %u mistakes, see above; nothing was started", settings_file, h->settings.errors);
	return HOUSE_EXIT_SETTINGS;
}

int
house_open(struct house *h, const char *settings_file, int check_only)
{
	int programs[ROOM_COUNT], status;

	memset(h, 0, sizeof(*h));
	h->check_only = check_only;
	if (!check_only)
		logs_never_wait();
	h->started_us = clock_us(CLOCK_MONOTONIC);
	h->state_folder = -1;
	for (int thing = 0; thing < THING_COUNT; thing++)
		h->things[thing] = -1;
	if (hal_crypto_open() < 0 || hal_crypto_random(SPACE((uint8_t *)&h->run, sizeof(h->run))) < 0)
		return HOUSE_EXIT_FAULT;
	h->run &= INT64_MAX;
	if (walls_plan(&h->walls) < 0)
		return HOUSE_EXIT_LOCK;
	status = open_by_settings(h, settings_file);
	if (status != HOUSE_EXIT_GOOD)
		return status;
	rules_watch(&h->rules, &h->settings, h->started_us);
	if (!check_only)
		walls_say_weaker(&h->walls);
	if (measure_open(programs, h->firmware) < 0 || doors_open(h) < 0)
		return HOUSE_EXIT_FAULT;
	for (int room = 0; room < ROOM_COUNT; room++)
		h->residents[room].program = programs[room];
	return HOUSE_EXIT_GOOD;
}

/* ---- running ---- */

static int
open_signals(void)
{
	sigset_t set;

	/* SIGHUP is kept for later: a terminal that goes away must not stop a lane. */
	if (sigemptyset(&set) < 0 || sigaddset(&set, SIGTERM) < 0 || sigaddset(&set, SIGINT) < 0 || sigaddset(&set, SIGHUP) < 0 ||
	    sigaddset(&set, SIGCHLD) < 0 || sigprocmask(SIG_BLOCK, &set, NULL) < 0 || signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return -errno;
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void
take_signals(struct house *h, int signals, int64_t now_us)
{
	struct signalfd_siginfo info;

	while (read(signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGTERM)
			rooms_close(h, "SIGTERM");
		else if (info.ssi_signo == SIGINT)
			rooms_close(h, "SIGINT");
	}
	rooms_reap(h, now_us); /* one SIGCHLD may stand for several rooms */
}

static int
wait_ms(int64_t now_us, int64_t until_us)
{
	return until_us <= now_us ? 0 : (int)((until_us - now_us + 999) / 1000);
}

/* Waits until a room ends or speaks, a signal comes, or it is time. */
static int
wait_for_something(struct house *h, int signals, int64_t until_us)
{
	struct pollfd fds[1 + 2 * ROOM_COUNT] = {{.fd = signals, .events = POLLIN}}, *vitals = fds + 1, *logs = vitals + ROOM_COUNT;
	int64_t now_us = clock_us(CLOCK_MONOTONIC);

	for (int room = 0; room < ROOM_COUNT; room++) {
		vitals[room] = (struct pollfd){.fd = h->residents[room].vitals_in.fd, .events = POLLIN};
		logs[room] = (struct pollfd){.fd = logs_fd(&h->residents[room].log, now_us), .events = POLLIN};
	}
	if (poll(fds, ARRAY_SIZE(fds), wait_ms(now_us, until_us)) < 0 && errno != EINTR)
		return -errno;
	now_us = clock_us(CLOCK_MONOTONIC);
	for (int room = 0; room < ROOM_COUNT; room++) {
		if (logs[room].revents)
			logs_listen(&h->residents[room].log, wiring_rooms[room]);
		if (vitals[room].revents)
			rooms_listen(h, (enum room)room);
	}
	if (fds[0].revents)
		take_signals(h, signals, now_us);
	return 0;
}

/* A watcher that does not read is no reason to wait: it made its pipe so. */
static void
give_sign(const struct house *h)
{
	if (h->alive_fd >= 0)
		(void)!write(h->alive_fd, "", 1);
}

int
house_run(struct house *h)
{
	int signals = open_signals();
	int64_t now_us = clock_us(CLOCK_MONOTONIC), look_us = now_us;

	if (signals < 0) {
		log_text(LOG_ERROR, "signals: %s", strerror(-signals));
		return HOUSE_EXIT_FAULT;
	}
	rooms_init(h);
	for (;;) {
		enum house_phase before = h->phase;
		int64_t until_us = rooms_step(h, now_us);

		if (until_us < 0)
			break;
		if (now_us >= look_us) {
			rules_watch(&h->rules, &h->settings, now_us);
			h->usb_ignored = usb_count_ignored(USB_DEVICES);
			status_write(h, now_us);
			give_sign(h);
			if (h->phase == HOUSE_RUNNING && now_us >= h->health_us)
				health_tell(h, now_us);
			look_us = now_us + look_every_us;
		}
		if (wait_for_something(h, signals, until_us < look_us ? until_us : look_us) < 0)
			return HOUSE_EXIT_FAULT;
		now_us = clock_us(CLOCK_MONOTONIC);
		if (h->phase != before)
			look_us = now_us;
	}
	status_write(h, now_us);
	log_text(LOG_NOTE, "closed");
	return h->exit_status;
}
