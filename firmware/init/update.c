/*
 * Bundles of RAUC: looked at, installed, put aside; see update.h. RAUC checks the signature, the board
 * and each block of the bundle; that it is not older than what runs, or ran well before, is checked here.
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

#include "base/io.h"
#include "base/log_text.h"

#include "init.h"
#include "newest.h"
#include "slots.h"
#include "update.h"

#define FOLDER  "/data/update"
#define ENDING  ".raucb"
#define RUN_AT  "/run/update"
#define BUS     "unix:path=" RUN_AT "/bus"
#define RELEASE "/etc/laneseal-release" /* "VERSION ROLLBACK" of this root */
#define RAUC    "/usr/bin/rauc"
#define DAEMON  "/usr/bin/dbus-daemon"

enum { SAID_BYTES = 8192, NAME_BYTES = 256, RAUC_WAIT_S = 60, VERSION_BYTES = 64 };

struct release {
	char version[VERSION_BYTES];
	unsigned long rollback;
};

/* ---- what lies there ---- */

/* The first by name, or nothing. */
static int
find_bundle(char path[INIT_PATH_BYTES])
{
	char best[NAME_BYTES] = "";
	const struct dirent *d;
	DIR *dir = opendir(FOLDER);

	while (dir && (d = readdir(dir))) {
		size_t n = strlen(d->d_name);

		if (n > strlen(ENDING) && n < NAME_BYTES &&
		    strcmp(d->d_name + n - strlen(ENDING), ENDING) == 0 &&
		    (best[0] == '\0' || strcmp(d->d_name, best) < 0))
			(void)snprintf(best, sizeof(best), "%s", d->d_name);
	}
	if (dir)
		(void)closedir(dir);
	(void)snprintf(path, INIT_PATH_BYTES, FOLDER "/%s", best);
	return best[0] != '\0';
}

int
update_waits(void)
{
	char path[INIT_PATH_BYTES];

	return find_bundle(path);
}

static int
own_release(struct release *r)
{
	char text[VERSION_BYTES + 32];
	int64_t n = io_load_at(AT_FDCWD, RELEASE, SPACE((uint8_t *)text, sizeof(text) - 1));

	if (n < 0)
		return (int)n;
	text[n] = '\0';
	return sscanf(text, "%63s %lu", r->version, &r->rollback) == 2 ? 0 : -EINVAL;
}

/* ---- running RAUC ---- */

/* Runs to the end, with what it prints in `said`. Returns its exit status or -errno. */
static int
run_and_read(const char *const argv[], char *said, size_t room)
{
	int ends[2], status;
	size_t n = 0;
	ssize_t got = 1;
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	child = fork();
	if (child == 0) {
		(void)dup2(ends[1], STDOUT_FILENO);
		(void)execv(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	(void)close(ends[1]);
	while (child > 0 && n < room - 1 && (got = read(ends[0], said + n, room - 1 - n)) > 0)
		n += (size_t)got;
	said[n] = '\0';
	(void)close(ends[0]);
	while (child > 0 && waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return child < 0 ? -errno : WIFEXITED(status) ? WEXITSTATUS(status) : -EINTR;
}

static pid_t
start(const char *const argv[])
{
	pid_t child = fork();

	if (child == 0) {
		(void)execv(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	return child;
}

static void
stop(pid_t child)
{
	if (child <= 0)
		return;
	(void)kill(child, SIGTERM);
	(void)waitpid(child, NULL, 0);
}

/* The value of "name='...'" in RAUC's words for a shell, which nobody gives to one. */
static int
value_of(const char *said, const char *name, char *value, size_t room)
{
	char wanted[48];
	const char *at, *end;

	(void)snprintf(wanted, sizeof(wanted), "%s='", name);
	at = strstr(said, wanted);
	end = at ? strchr(at + strlen(wanted), '\'') : NULL;
	if (end == NULL)
		return -ENOENT;
	at += strlen(wanted);
	if ((size_t)(end - at) >= room)
		return -EFBIG;
	memcpy(value, at, (size_t)(end - at));
	value[end - at] = '\0';
	return 0;
}

/* RAUC wants the devices by name, and both slots' states. */
static int
name_slots(void)
{
	static const char *const parts[SLOTS] = {"laneseal-root-a", "laneseal-root-b"};
	static const char *const links[SLOTS] = {RUN_AT "/slot-a", RUN_AT "/slot-b"};
	char device[INIT_PATH_BYTES];

	(void)mkdir(RUN_AT, 0700);
	for (int i = 0; i < SLOTS; i++) {
		int err = init_find_part(device, parts[i], 1);

		if (err < 0)
			return err;
		if (symlink(device, links[i]) < 0 && errno != EEXIST)
			return -errno;
	}
	return 0;
}

static int
bus_is_there(void)
{
	return access(RUN_AT "/bus", F_OK) == 0;
}

/* Once it answers on the bus, it says how the slots are. */
static int
service_is_there(void)
{
	static const char *const ask[] = {RAUC, "status", NULL};
	static char said[SAID_BYTES];

	return run_and_read(ask, said, sizeof(said)) == 0;
}

static int
wait_for(int (*is_there)(void))
{
	for (int s = 0; s < RAUC_WAIT_S; s++) {
		if (is_there())
			return 0;
		(void)sleep(1);
	}
	return -ETIMEDOUT;
}

/*
 * Debian's RAUC installs only by way of its service and a message bus; both live for the one installation.
 * Returns RAUC's exit status, or -ETIMEDOUT: it was never asked.
 */
static int
install(const char *bundle)
{
	static const char *const bus[] = {
	    DAEMON, "--config-file=/etc/update-bus.conf", "--nofork", "--nopidfile", "--nosyslog", NULL};
	static const char *const service[] = {RAUC, "service", NULL};
	const char *const wish[] = {RAUC, "install", bundle, NULL};
	pid_t bus_pid = start(bus), service_pid = -1;
	int status = wait_for(bus_is_there);

	if (status == 0) {
		service_pid = start(service);
		status = wait_for(service_is_there);
	}
	if (status == 0)
		status = init_run(wish);
	stop(service_pid);
	stop(bus_pid);
	(void)unlink(RUN_AT "/bus");
	return status;
}

/* ---- one bundle ---- */

/* 0: it may be installed; 1: it runs already; -errno: not for this unit. Each reason has been said. */
static int
look_at(const char *bundle)
{
	const char *const info[] = {RAUC, "--output-format=shell", "info", bundle, NULL};
	static char said[SAID_BYTES];
	char version[VERSION_BYTES], build[VERSION_BYTES];
	struct release own;
	char *end;
	unsigned long rollback, newest;
	int status = run_and_read(info, said, sizeof(said));

	if (status != 0) {
		log_text(LOG_ERROR, "update_refused not signed for this unit, or damaged: rauc=%d", status);
		return -EBADMSG;
	}
	if (own_release(&own) < 0 || value_of(said, "RAUC_MF_VERSION", version, sizeof(version)) < 0 ||
	    value_of(said, "RAUC_MF_BUILD", build, sizeof(build)) < 0) {
		log_text(LOG_ERROR, "update_refused it has no version or no rollback index");
		return -EINVAL;
	}
	newest = newest_read(FOLDER);
	if (newest < own.rollback)
		newest = own.rollback;
	rollback = strtoul(build, &end, 10);
	if (build[0] == '\0' || *end != '\0' || rollback < newest) {
		log_text(LOG_ERROR, "update_refused older than what ran here: rollback=%s newest=%lu", build, newest);
		return -ESTALE;
	}
	return strcmp(version, own.version) == 0;
}

static void
put_aside(const char *bundle)
{
	char aside[INIT_PATH_BYTES + 16];

	(void)snprintf(aside, sizeof(aside), "%s.refused", bundle);
	if (rename(bundle, aside) < 0)
		(void)unlink(bundle);
}

int
update_try(void)
{
	char bundle[INIT_PATH_BYTES];
	int err;

	if (!find_bundle(bundle))
		return UPDATE_NONE;
	(void)setenv("DBUS_SYSTEM_BUS_ADDRESS", BUS, 1);
	(void)setenv("PATH", "/usr/bin:/usr/sbin", 1);
	err = name_slots();
	if (err == 0)
		err = look_at(bundle);
	if (err == 1) {
		log_text(LOG_NOTE, "update_runs_already");
		(void)unlink(bundle);
		return UPDATE_REFUSED;
	}
	if (err == 0) {
		err = install(bundle);
		if (err == -ETIMEDOUT) {
			log_text(LOG_WARN, "update_waits RAUC does not answer; it is tried again at the next start");
			return UPDATE_LATER;
		}
		if (err != 0)
			log_text(LOG_ERROR, "update_refused rauc=%d", err);
	}
	if (err != 0) {
		put_aside(bundle);
		return UPDATE_REFUSED;
	}
	/* It lies in the slot. If it does not run there, it is not tried again. */
	(void)unlink(bundle);
	log_text(LOG_NOTE, "update_installed");
	return UPDATE_READY;
}

/* ---- the slot that runs ---- */

int
update_slot_is_good(void)
{
	struct slots s;
	struct release own;
	int slot = slots_booted();

	if (own_release(&own) == 0)
		newest_raise(FOLDER, own.rollback);
	if (slot < 0 || slots_load(&s) < 0)
		return 0;
	if (s.of[slot].ok && s.of[slot].tries == 0)
		return 1;
	s.of[slot].ok = 1;
	s.of[slot].tries = 0;
	if (slots_store(&s) < 0)
		return 0;
	log_event(LOG_NOTE, "slot_is_good", "slot", slot);
	return 1;
}

int
update_give_slot_up(void)
{
	struct slots s;
	int slot = slots_booted();

	if (slot < 0 || slots_load(&s) < 0 || !s.of[!slot].ok)
		return 0;
	s.of[slot].ok = 0;
	s.first = !slot;
	s.of[!slot].tries = 0;
	if (slots_store(&s) < 0)
		return 0;
	log_event(LOG_ERROR, "slot_given_up", "slot", slot);
	return 1;
}
