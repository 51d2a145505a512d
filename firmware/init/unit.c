/*
 * Process 1 of a running unit: closes what the kernel leaves open, has the one
 * writable partition mounted, feeds the watchdog, and keeps laneseald running.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/watchdog.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log_text.h"

#include "init.h"
#include "slots.h"
#include "update.h"

enum {
	LOOK_S = 1,
	WATCHDOG_S = 30,
	AGAIN_S = 2,
	CLOSE_S = 15,
	HANG_S = 30 /* without a sign of life */,
	JUDGE_S = 180 /* to be healthy */,
	JUDGE_EVERY_S = 5,
	SAY_EVERY_S = 10
};

#define SETTINGS "/data/unit/unit.conf"

/* A technician with a keyboard, a cable or a stick finds these closed. */
static const struct {
	const char *path, *value;
} switches[] = {
    {"/proc/sys/kernel/sysrq", "0"},
    {"/proc/sys/kernel/panic_on_oops", "1"},
    {"/proc/sys/kernel/panic", "10"},
    {"/proc/sys/kernel/kptr_restrict", "2"},
    {"/proc/sys/kernel/dmesg_restrict", "1"},
    {"/proc/sys/kernel/kexec_load_disabled", "1"},
    {"/proc/sys/kernel/unprivileged_bpf_disabled", "1"},
    {"/proc/sys/kernel/yama/ptrace_scope", "3"},
    {"/proc/sys/kernel/core_pattern", "|/none"},
    {"/proc/sys/vm/overcommit_memory", "0"},
    /* Last: from here no driver can be added, whatever is plugged in. */
    {"/proc/sys/kernel/modules_disabled", "1"},
};

static void
set_switches(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(switches); i++) {
		int fd = open(switches[i].path, O_WRONLY | O_CLOEXEC);
		size_t n = strlen(switches[i].value);

		if (fd < 0 || write(fd, switches[i].value, n) != (ssize_t)n)
			log_text(LOG_WARN, "switch_not_set path=%s", switches[i].path);
		if (fd >= 0)
			(void)close(fd);
	}
}

/* ---- the watchdog ---- */

static int
open_watchdog(void)
{
	int fd = open("/dev/watchdog", O_WRONLY | O_CLOEXEC), seconds = WATCHDOG_S;

	if (fd < 0) {
		log_event(LOG_WARN, "no_watchdog", "err", errno);
		return -1;
	}
	/* A driver may take another time than the one that is wished; it then says which, or is asked. */
	if (ioctl(fd, WDIOC_SETTIMEOUT, &seconds) < 0)
		(void)ioctl(fd, WDIOC_GETTIMEOUT, &seconds);
	log_event(LOG_NOTE, "watchdog", "seconds", seconds);
	return fd;
}

static void
feed(int watchdog)
{
	if (watchdog >= 0 && ioctl(watchdog, WDIOC_KEEPALIVE, 0) < 0)
		log_event(LOG_WARN, "watchdog_not_fed", "err", errno);
}

/* ---- laneseald ---- */

struct watch {
	pid_t unit, updater;        /* 0 or less: does not run */
	int signs[2];               /* a pipe: laneseald writes there each second */
	int64_t sign_at;            /* when it last did, or was started, or was ended for want of one */
	int ended;                  /* it was, and must be gone soon */
	int has_slots, judged;      /* judged: this slot was found good since the start */
	int installed;              /* a new firmware lies in the other slot */
	int later;                  /* or waits for the next start */
	int64_t say_at;             /* when to say again that there are no settings */
	int64_t judge_at, judge_by; /* when to look again; and when it is too late */
};

static int64_t
now_s(void)
{
	return clock_ms(CLOCK_MONOTONIC) / 1000;
}

static pid_t
start(struct watch *w, const sigset_t *unblocked)
{
	char fd[16];
	pid_t child;

	if (access(SETTINGS, R_OK) < 0) {
		if (now_s() >= w->say_at) {
			log_event(LOG_WARN, "not_provisioned", "err", errno);
			w->say_at = now_s() + SAY_EVERY_S;
		}
		return -1;
	}
	w->sign_at = now_s();
	w->ended = 0;
	(void)snprintf(fd, sizeof(fd), "%d", w->signs[1]);
	child = fork();
	if (child == 0) {
		(void)sigprocmask(SIG_SETMASK, unblocked, NULL);
		(void)setsid();
		(void)fcntl(w->signs[1], F_SETFD, 0);
		(void)execl("/usr/bin/laneseald", "laneseald", "--settings", SETTINGS, "--self-test", "--alive", fd,
			    (char *)NULL);
		_exit(127);
	}
	return child;
}

/*
 * A laneseald that hangs is ended, and started again. 0: that was in vain too, and the machine is left to its watchdog.
 */
static int
look_after_unit(struct watch *w)
{
	uint8_t signs[64];

	while (read(w->signs[0], signs, sizeof(signs)) > 0)
		w->sign_at = now_s();
	if (w->unit <= 0 || now_s() - w->sign_at < HANG_S)
		return 1;
	if (w->ended)
		return 0;
	log_event(LOG_ERROR, "laneseald_hangs", "seconds", HANG_S);
	(void)kill(w->unit, SIGKILL);
	w->sign_at = now_s();
	w->ended = 1;
	return 1;
}

/* Takes every child that ended. 1 when laneseald was among them. */
static int
reap(struct watch *w)
{
	int ended = 0, status;

	for (pid_t p = waitpid(-1, &status, WNOHANG); p > 0; p = waitpid(-1, &status, WNOHANG)) {
		if (p == w->updater) {
			w->updater = 0;
			w->installed = WIFEXITED(status) && WEXITSTATUS(status) == UPDATE_READY;
			w->later = WIFEXITED(status) && WEXITSTATUS(status) == UPDATE_LATER;
		}
		if (p != w->unit)
			continue;
		log_event(LOG_WARN, "laneseald_ended", "status", status);
		w->unit = 0;
		ended = 1;
	}
	return ended;
}

static void
close_unit(struct watch *w)
{
	if (w->unit > 0 && kill(w->unit, SIGTERM) == 0)
		for (int i = 0; i < CLOSE_S * 10 && !reap(w); i++)
			(void)usleep(100000);
	(void)umount2("/data", 0);
	sync();
}

/* ---- slots ---- */

/* A slot is good when the unit does its work. 1: it does not for too long, and the other slot will be booted. */
static int
judge(struct watch *w)
{
	const char *const healthy[] = {"/usr/bin/laneseald", "--healthy", "--settings", SETTINGS, NULL};

	if (!w->has_slots || w->judged || now_s() < w->judge_at)
		return 0;
	w->judge_at = now_s() + JUDGE_EVERY_S;
	if (w->unit > 0 && init_run(healthy) == 0) {
		w->judged = update_slot_is_good();
		return 0;
	}
	if (now_s() < w->judge_by)
		return 0;
	w->judge_by = now_s() + JUDGE_S;
	return update_give_slot_up();
}

/* Only a unit that does its work takes a new firmware. */
static void
update(struct watch *w, const sigset_t *unblocked)
{
	if (!w->judged || w->updater > 0 || w->installed || w->later || !update_waits())
		return;
	w->updater = fork();
	if (w->updater == 0) {
		(void)sigprocmask(SIG_SETMASK, unblocked, NULL);
		_exit(update_try());
	}
}

/* Waits for a signal or until it is time to look round again; returns the signal, 0 for none. */
static int
wait_signal(const sigset_t *set, int seconds)
{
	const struct timespec limit = {.tv_sec = seconds};
	int number = sigtimedwait(set, NULL, &limit);

	return number > 0 ? number : 0;
}

/* One turn. 1: the unit is to be started again. */
static int
turn(struct watch *w, const sigset_t *set, const sigset_t *unblocked)
{
	int number;

	if (w->unit <= 0)
		w->unit = start(w, unblocked);
	number = wait_signal(set, LOOK_S);
	if (number == SIGCHLD && reap(w))
		(void)sleep(AGAIN_S);
	if (number == SIGINT || number == SIGTERM || judge(w))
		return 1;
	update(w, unblocked);
	return w->installed;
}

static void
run(int watchdog)
{
	struct watch w = {.has_slots = slots_booted() >= 0, .judge_by = now_s() + JUDGE_S};
	sigset_t set, unblocked;

	CHECK(pipe2(w.signs, O_CLOEXEC | O_NONBLOCK) == 0);
	(void)mkdir("/data/update", 0700);
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGCHLD);
	(void)sigaddset(&set, SIGINT); /* Ctrl-Alt-Del, which the kernel hands on */
	(void)sigaddset(&set, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &set, &unblocked);
	do {
		if (look_after_unit(&w))
			feed(watchdog);
		init_give_cameras();
		init_look_at_usb();
	} while (!turn(&w, &set, &unblocked));
	close_unit(&w);
	(void)reboot(RB_AUTOBOOT);
}

void
init_run_unit(void)
{
	int err = init_mount("run", "/run", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0755,size=16m");

	(void)reboot(RB_DISABLE_CAD);
	if (err == 0)
		err = init_open_data();
	set_switches();
	log_event(LOG_NOTE, "init", "data", err == 0);
	/* Without a place for records the lane still must not stay silent: the watchdog runs, and the log says why. */
	if (err == 0)
		run(open_watchdog());
	log_event(LOG_ERROR, "unit_cannot_run", "err", -err);
}
