/*
 * Process 1 of a running unit: closes what the kernel leaves open, mounts the one
 * writable partition, feeds the watchdog, and keeps laneseald running.
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
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/log_text.h"

#include "init.h"

enum { WAIT_S = 10, LOOK_S = 1, WATCHDOG_S = 30, AGAIN_S = 2, CLOSE_S = 15 };

#define DATA_PART "laneseal-data"
#define SETTINGS  "/data/unit/unit.conf"

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

/* ---- the data partition ---- */

static int
mount_data(const char *device)
{
	return init_mount(device, "/data", "ext4", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME,
			  "errors=remount-ro");
}

/*
 * Repairs what can be repaired without asking; only a partition that is no ext4 at
 * all, or is beyond that, is made anew. Records that were on it are then lost,
 * which their chain shows: so it is said.
 */
static int
open_data(void)
{
	char device[INIT_PATH_BYTES];
	const char *const check[] = {"/usr/sbin/e2fsck", "-p", device, NULL};
	const char *const make[] = {"/usr/sbin/mke2fs", "-q", "-F", "-t", "ext4", "-L", "data", device, NULL};
	int err = init_find_part(device, DATA_PART, WAIT_S), status;

	if (err < 0)
		return err;
	status = init_run(check);
	if (status >= 0 && status < 4) { /* clean, or repaired */
		err = mount_data(device);
		if (err == 0) {
			log_event(LOG_NOTE, "data_open", "repaired", status != 0);
			return 0;
		}
	}
	log_event(LOG_WARN, "data_made_anew", "check", status);
	status = init_run(make);
	if (status != 0) {
		log_event(LOG_ERROR, "data_cannot_be_made", "status", status);
		return -EIO;
	}
	return mount_data(device);
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
	(void)ioctl(fd, WDIOC_SETTIMEOUT, &seconds);
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

static pid_t
start(const sigset_t *unblocked)
{
	pid_t child;

	if (access(SETTINGS, R_OK) < 0) {
		log_event(LOG_WARN, "not_provisioned", "err", errno);
		return -1;
	}
	child = fork();
	if (child == 0) {
		(void)sigprocmask(SIG_SETMASK, unblocked, NULL);
		(void)setsid();
		(void)execl("/usr/bin/laneseald", "laneseald", "--settings", SETTINGS, (char *)NULL);
		_exit(127);
	}
	return child;
}

/* Takes every child that ended. 1 when the unit's own was among them. */
static int
reap(pid_t unit)
{
	int ended = 0, status;

	for (pid_t p = waitpid(-1, &status, WNOHANG); p > 0; p = waitpid(-1, &status, WNOHANG)) {
		if (p != unit)
			continue;
		log_event(LOG_WARN, "laneseald_ended", "status", status);
		ended = 1;
	}
	return ended;
}

static void
close_unit(pid_t unit)
{
	if (unit > 0 && kill(unit, SIGTERM) == 0)
		for (int i = 0; i < CLOSE_S * 10 && !reap(unit); i++)
			(void)usleep(100000);
	(void)umount2("/data", 0);
	sync();
}

/* Waits for a signal or until it is time to look round again; returns the signal, 0 for none. */
static int
wait_signal(const sigset_t *set, int seconds)
{
	const struct timespec limit = {.tv_sec = seconds};
	int number = sigtimedwait(set, NULL, &limit);

	return number > 0 ? number : 0;
}

static void
run(int watchdog)
{
	sigset_t set, unblocked;
	pid_t unit = -1;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGCHLD);
	(void)sigaddset(&set, SIGINT); /* Ctrl-Alt-Del, which the kernel hands on */
	(void)sigaddset(&set, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &set, &unblocked);
	for (;;) {
		int number;

		feed(watchdog);
		init_give_cameras();
		init_look_at_usb();
		if (unit <= 0)
			unit = start(&unblocked);
		number = wait_signal(&set, LOOK_S);
		if (number == SIGCHLD && reap(unit)) {
			unit = -1;
			(void)sleep(AGAIN_S);
		}
		if (number == SIGINT || number == SIGTERM)
			break;
	}
	close_unit(unit);
	(void)reboot(RB_AUTOBOOT);
}

void
init_run_unit(void)
{
	int err = init_mount("run", "/run", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0755,size=16m");

	(void)reboot(RB_DISABLE_CAD);
	if (err == 0)
		err = open_data();
	set_switches();
	log_event(LOG_NOTE, "init", "data", err == 0);
	/* Without a place for records the lane still must not stay silent: the watchdog runs, and the log says why. */
	if (err == 0)
		run(open_watchdog());
	log_event(LOG_ERROR, "unit_cannot_run", "err", -err);
}
