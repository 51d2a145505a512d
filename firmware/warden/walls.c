/*
 * warden/walls.c - the walls that a room cannot put up itself: its user, its namespaces, its limits.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "base/log_text.h"
#include "warden/walls.h"

enum { SPACES = CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS };

/* ---- capabilities ---- */

struct rights {
	struct __user_cap_header_struct header;
	struct __user_cap_data_struct half[_LINUX_CAPABILITY_U32S_3];
};

static int
rights_read(struct rights *r)
{
	memset(r, 0, sizeof(*r));
	r->header.version = _LINUX_CAPABILITY_VERSION_3;
	return syscall(SYS_capget, &r->header, r->half) < 0 ? -errno : 0;
}

static int
may(int capability)
{
	struct rights r;

	return rights_read(&r) == 0 && (r.half[capability / 32].effective >> capability % 32 & 1);
}

/* Leaves one capability, over exec too, with which the room locks its memory before it gives it up. */
static int
keep_only(int capability)
{
	struct rights r;
	int err = rights_read(&r);

	if (err < 0)
		return err;
	for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		uint32_t bit = capability / 32 == i ? 1U << capability % 32 : 0;

		r.half[i].permitted &= bit;
		r.half[i].effective = r.half[i].inheritable = r.half[i].permitted;
	}
	if (syscall(SYS_capset, &r.header, r.half) < 0)
		return -errno;
	if (r.half[capability / 32].permitted == 0)
		return 0;
	return prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0) < 0 ? -errno : 0;
}

/* ---- namespaces ---- */

static int
write_self(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), err;

	if (fd < 0)
		return -errno;
	err = io_write_all(fd, text, strlen(text));
	(void)close(fd);
	return err;
}

/* The user stays who it is: one line, itself to itself. */
static int
map_user(uid_t uid, gid_t gid)
{
	char line[48];
	int err = write_self("/proc/self/setgroups", "deny");

	(void)snprintf(line, sizeof(line), "%u %u 1", gid, gid);
	if (err == 0)
		err = write_self("/proc/self/gid_map", line);
	(void)snprintf(line, sizeof(line), "%u %u 1", uid, uid);
	return err < 0 ? err : write_self("/proc/self/uid_map", line);
}

static int
leave_spaces(enum spaces how, int with_network)
{
	int spaces = with_network ? SPACES & ~CLONE_NEWNET : SPACES, err;
	uid_t uid = geteuid();
	gid_t gid = getegid();

	if (how == SPACES_NONE)
		return 0;
	if (unshare(how == SPACES_OF_USER ? spaces | CLONE_NEWUSER : spaces) < 0)
		return -errno;
	if (how == SPACES_DIRECT)
		return 0;
	/* The files of /proc/self are this user's own only while the process may be looked into. */
	if (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0)
		return -errno;
	err = map_user(uid, gid);
	return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ? -errno : err;
}

/* Tries in a child, whose exit status is the errno. */
static int
try_spaces(enum spaces how)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(-leave_spaces(how, 0));
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -errno;
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -EPERM;
}

/* ---- the plan ---- */

static int
plan_spaces(struct walls *w)
{
	int direct = may(CAP_SYS_ADMIN), err;

	if (!CONFIG(HARDEN_NAMESPACES))
		return 0;
	w->spaces = direct ? SPACES_DIRECT : SPACES_OF_USER;
	err = try_spaces(w->spaces);
	if (err == 0)
		return 0;
	w->spaces = SPACES_NONE;
	w->spaces_error = err;
	if (direct)
		log_text(LOG_ERROR, "namespaces: the kernel makes none (%s), and nothing was started; a board without them says so with "
			 "CONFIG_HARDEN_NAMESPACES and its reason", strerror(-err));
	return direct ? err : 0;
}

int
walls_plan(struct walls *w)
{
	memset(w, 0, sizeof(*w));
	if (CONFIG(HARDEN_UIDS)) {
		w->own_uids = may(CAP_SETUID) && may(CAP_SETGID) && may(CAP_CHOWN);
		w->uids_error = w->own_uids ? 0 : -EPERM;
	}
	return plan_spaces(w);
}

void
walls_weaker(const struct walls *w, void (*say)(void *to, const char *text), void *to)
{
	char text[192];

	if (w->uids_error < 0) {
		(void)snprintf(text, sizeof(text), "all rooms run as user %u; started by root each is a user of its own", geteuid());
		say(to, text);
	}
	if (w->spaces_error < 0) {
		(void)snprintf(text, sizeof(text), "rooms stay in the machine's network namespace (no user namespaces: %s); their lists of "
			       "system calls still have no socket", strerror(-w->spaces_error));
		say(to, text);
	}
}

static void
warn(void *to, const char *text)
{
	(void)to;
	log_text(LOG_WARN, "weaker: %s", text);
}

void
walls_say_weaker(const struct walls *w)
{
	walls_weaker(w, warn, NULL);
}

uid_t
walls_uid(const struct walls *w, enum room room)
{
	return w->own_uids ? (uid_t)CONFIG_HARDEN_UID_FIRST + (uid_t)room : (uid_t)-1;
}

/* ---- going in ---- */

/* Cameras belong to a group on every distribution; without it capture's own user could not open one. */
static int
take_groups(enum room room)
{
	const struct group *video = CONFIG(HAL_CAMERA_LIBCAMERA) && room == ROOM_CAPTURE ? getgrnam("video") : NULL;

	return setgroups(video ? 1 : 0, video ? &video->gr_gid : NULL) < 0 ? -errno : 0;
}

static int
become(uid_t uid, enum room room)
{
	const struct rlimit no_limit = {RLIM_INFINITY, RLIM_INFINITY};
	int unlimited = setrlimit(RLIMIT_MEMLOCK, &no_limit) == 0, err;

	err = take_groups(room);
	if (err < 0)
		return err;
	if (prctl(PR_SET_KEEPCAPS, !unlimited, 0, 0, 0) < 0 || setresgid(uid, uid, uid) < 0 || setresuid(uid, uid, uid) < 0)
		return -errno;
	return unlimited ? 0 : keep_only(CAP_IPC_LOCK);
}

/* Counted by user: where rooms share one it would count the others' processes too. */
static int
limit_processes(const struct walls *w, uid_t uid)
{
	const rlim_t most = WALLS_PROCESSES_MAX * (w->spaces == SPACES_OF_USER ? 1 : WALLS_UNITS_MAX);
	const struct rlimit few = {most, most};

	if (uid == (uid_t)-1 && w->spaces != SPACES_OF_USER)
		return 0;
	return setrlimit(RLIMIT_NPROC, &few) < 0 ? -errno : 0;
}

int
walls_enter(const struct walls *w, enum room room, int with_network)
{
	uid_t uid = walls_uid(w, room);
	int err = leave_spaces(w->spaces, with_network);

	if (err == 0)
		err = limit_processes(w, uid);
	return err < 0 || uid == (uid_t)-1 ? err : become(uid, room);
}
