/*
 * Whether the unit runs, and what the kernel says of its rooms: user, filters, swap, and by which descriptors a
 * room that sees pictures could reach storage. status.json only tells where to look; what it claims is not believed.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "warden/exposure.h"

enum { STATUS_MAX = 1 << 20, PROC_MAX = 16384 };

/* Reads /proc/PID/name as text; -1 when it cannot be seen. */
static int64_t
read_proc(pid_t pid, const char *name, char text[PROC_MAX])
{
	char path[64];
	int64_t n;

	(void)snprintf(path, sizeof(path), "/proc/%ld/%s", (long)pid, name);
	n = io_load_at(AT_FDCWD, path, SPACE((uint8_t *)text, PROC_MAX - 1));
	if (n >= 0)
		text[n] = '\0';
	return n < 0 ? -1 : n;
}

/* The number behind "name:" at the beginning of a line, or -1. */
static int64_t
number_of(const char *text, const char *name)
{
	char line[32];
	const char *at;

	(void)snprintf(line, sizeof(line), "\n%s:", name);
	at = strstr(text, line);
	return at ? strtoll(at + strlen(line), NULL, 10) : -1;
}

/* 1 when the process is alive, bears this name and is a child of that one (0: anybody's). */
static int
is_ours(pid_t pid, const char *name, pid_t parent)
{
	char text[PROC_MAX], first[64];

	(void)snprintf(first, sizeof(first), "Name:\t%s\n", name);
	return pid > 0 && read_proc(pid, "status", text) > 0 && strncmp(text, first, strlen(first)) == 0 &&
	       (parent == 0 || number_of(text, "PPid") == parent) && strstr(text, "\nState:\tZ") == NULL;
}

/* ---- one room ---- */

/* 1 when something could be written to storage through it. The log is text and is not counted. */
static int
is_to_storage(const char *folder, const char *fd)
{
	char path[320], target[PATH_MAX];
	struct stat st;
	ssize_t n;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, fd);
	n = readlink(path, target, sizeof(target) - 1);
	if (strcmp(fd, "2") == 0 || n < 0 || stat(path, &st) < 0)
		return 0;
	target[n] = '\0';
	return (S_ISREG(st.st_mode) && strncmp(target, "/memfd:", 7) != 0) || S_ISDIR(st.st_mode) ||
	       S_ISBLK(st.st_mode);
}

static int
count_to_storage(pid_t pid)
{
	char folder[64];
	const struct dirent *d;
	int n = 0;
	DIR *dir;

	(void)snprintf(folder, sizeof(folder), "/proc/%ld/fd", (long)pid);
	dir = opendir(folder);
	if (dir == NULL)
		return -1;
	while ((d = readdir(dir)) != NULL)
		n += d->d_name[0] != '.' && is_to_storage(folder, d->d_name);
	(void)closedir(dir);
	return n;
}

/* -1, 0 or 1: the room's network is not the one we are in. */
static int
has_own_network(pid_t pid)
{
	char path[64];
	struct stat its, ours;

	(void)snprintf(path, sizeof(path), "/proc/%ld/ns/net", (long)pid);
	if (stat(path, &its) < 0 || stat("/proc/self/ns/net", &ours) < 0)
		return -1;
	return its.st_ino != ours.st_ino;
}

static void
look_at_room(struct exposure_room *r, pid_t pid)
{
	char text[PROC_MAX];

	*r = (struct exposure_room){
	    .pid = pid, .no_new_privs = -1, .filtered = -1, .core_dumps = -1, .swap_bytes = -1};
	r->to_storage = count_to_storage(pid);
	r->own_network = has_own_network(pid);
	if (read_proc(pid, "status", text) > 0) {
		r->uid = (long)number_of(text, "Uid");
		r->no_new_privs = (int)number_of(text, "NoNewPrivs");
		r->filtered = number_of(text, "Seccomp") < 0 ? -1 : number_of(text, "Seccomp") == 2;
		r->swap_bytes = number_of(text, "VmSwap") < 0 ? -1 : number_of(text, "VmSwap") * 1024;
	}
	/* Shared memory is not in VmSwap. It may be seen only by root. */
	if (read_proc(pid, "smaps_rollup", text) > 0 && number_of(text, "Swap") >= 0)
		r->swap_bytes = number_of(text, "Swap") * 1024;
	if (read_proc(pid, "limits", text) > 0) {
		const char *line = strstr(text, "Max core file size");
		char hard[24] = "";

		if (line && sscanf(line, "Max core file size %*s %23s", hard) == 1)
			r->core_dumps = strcmp(hard, "0") != 0;
	}
}

/* ---- the unit ---- */

static json_t *
read_status(struct exposure_unit *e, const char *state_folder)
{
	static uint8_t bytes[STATUS_MAX];
	json_t *status;
	int64_t n;
	int folder = open(state_folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	n = folder < 0 ? -errno : io_load_at(folder, "status.json", SPACE_OF(bytes));
	if (folder >= 0)
		(void)close(folder);
	if (n < 0) {
		e->trouble = (int)n;
		return NULL;
	}
	status = json_loadb((const char *)bytes, (size_t)n, 0, NULL);
	if (!json_is_object(status))
		e->trouble = -EBADMSG;
	return status;
}

static pid_t
pid_of(const json_t *object)
{
	json_int_t pid = json_integer_value(json_object_get(object, "pid"));

	return pid > 0 && pid <= INT32_MAX ? (pid_t)pid : 0;
}

void
exposure_look_unit(struct exposure_unit *e, const char *state_folder)
{
	json_t *status;

	memset(e, 0, sizeof(*e));
	status = read_status(e, state_folder);
	if (e->trouble < 0) {
		json_decref(status);
		return;
	}
	e->pid = pid_of(status);
	e->written_s = json_integer_value(json_object_get(status, "written_utc_s"));
	e->running = is_ours(e->pid, "laneseald", 0);
	for (int room = 0; room < ROOM_COUNT && e->running; room++) {
		pid_t pid = pid_of(json_object_get(json_object_get(status, "rooms"), wiring_rooms[room]));

		if (is_ours(pid, wiring_rooms[room], e->pid))
			look_at_room(&e->rooms[room], pid);
	}
	json_decref(status);
}
