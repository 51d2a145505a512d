/*
 * Finds out what the rooms' walls would be on this machine, for who asks.
 */
#include <errno.h>
#include <linux/seccomp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/landlock.h"
#include "warden/explain.h"
#include "warden/house.h"

static void
note(void *to, const char *text)
{
	struct explain *e = to;

	CHECK(e->n_notes < EXPLAIN_NOTES_MAX);
	(void)snprintf(e->notes[e->n_notes++], EXPLAIN_TEXT_BYTES, "%s", text);
}

static void note_of(struct explain *e, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void
note_of(struct explain *e, const char *format, ...)
{
	char text[EXPLAIN_TEXT_BYTES];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	note(e, text);
}

/* ---- the board ---- */

#define WHY_NOT(option) (CONFIG(option) ? NULL : CONFIG_##option##_WHY_NOT)

static void
look_at_board(struct explain *e)
{
	const struct {
		const char *option, *why_not;
	} options[] = {
		{"HARDEN_SECCOMP", WHY_NOT(HARDEN_SECCOMP)},
		{"HARDEN_LANDLOCK", WHY_NOT(HARDEN_LANDLOCK)},
		{"HARDEN_NAMESPACES", WHY_NOT(HARDEN_NAMESPACES)},
		{"HARDEN_UIDS", WHY_NOT(HARDEN_UIDS)},
		{"HARDEN_MEMORY", WHY_NOT(HARDEN_MEMORY)},
	};

	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		if (options[i].why_not)
			note_of(e, "this board goes without %s: %s", options[i].option, options[i].why_not);
}

/* ---- the kernel ---- */

/* What an older ABI leaves open; linux/landlock.h and base/landlock.h. */
static const struct {
	int abi;
	const char *linux_version, *open;
} since[] = {
	{3, "6.2", "a file that a room may write to can also be cut short"},
	{4, "6.7", "uplink may connect to any TCP port"},
	{5, "6.10", "devices that a room may open take every control of theirs"},
	{6, "6.12", "signals and abstract unix sockets are left to the lists of system calls"},
};

static void
look_at_landlock(struct explain *e)
{
	e->landlock_abi = landlock_abi();
	if (!CONFIG(HARDEN_LANDLOCK))
		return;
	if (e->landlock_abi < CONFIG_HARDEN_LANDLOCK_ABI_LEAST) {
		e->runs = 0;
		note_of(e, "no room would run: the board wants Landlock of ABI %d or newer, and this kernel has %s",
			CONFIG_HARDEN_LANDLOCK_ABI_LEAST, e->landlock_abi < 0 ? "none" : "an older one");
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(since); i++)
		if (e->landlock_abi < since[i].abi)
			note_of(e, "Landlock of this kernel has ABI %d; before ABI %d (Linux %s) %s", e->landlock_abi, since[i].abi,
				since[i].linux_version, since[i].open);
}

static void
look_at_seccomp(struct explain *e)
{
	uint32_t action = SECCOMP_RET_KILL_PROCESS;

	if (!CONFIG(HARDEN_SECCOMP) || syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0)
		return;
	e->runs = 0;
	note_of(e, "no room would run: this kernel does not end a process for a system call (%s)", strerror(errno));
}

/* A room that is a user of its own gets its limit raised; the others keep the limit of who starts laneseald. */
static void
look_at_memory(struct explain *e)
{
	struct rlimit limit;

	if (!CONFIG(HARDEN_MEMORY) || e->walls.own_uids || getrlimit(RLIMIT_MEMLOCK, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY)
		return;
	note_of(e, "an ordinary user may lock %llu KiB of a room's memory; what is above may be written to swap",
		(unsigned long long)limit.rlim_cur / 1024);
}

/* ---- words ---- */

const char *
explain_descriptor(enum room room, int fd, char text[EXPLAIN_TEXT_BYTES])
{
	size_t n;
	const struct wiring_pipe *pipes = wiring_pipes(&n);
	const struct wiring_thing *things;

	if (fd == STDIN_FILENO || fd == STDOUT_FILENO)
		return "nothing (/dev/null)";
	for (size_t i = 0; i < n; i++) {
		int writes = pipes[i].from == room && pipes[i].from_fd == fd, reads = pipes[i].to == room && pipes[i].to_fd == fd;
		enum room other = writes ? pipes[i].to : pipes[i].from;

		if (!writes && !reads)
			continue;
		(void)snprintf(text, EXPLAIN_TEXT_BYTES, "pipe \"%s\", %s %s", pipes[i].name, writes ? "writes to" : "reads from",
			       other == WARDEN ? "warden" : wiring_rooms[other]);
		return text;
	}
	things = wiring_things(&n);
	for (size_t i = 0; i < n; i++) {
		if (things[i].room != room || things[i].fd != fd)
			continue;
		(void)snprintf(text, EXPLAIN_TEXT_BYTES, "%s%s", wiring_told[things[i].thing],
			       things[i].may_lack ? "; open only where the settings need it" : "");
		return text;
	}
	return NULL;
}

const char *
explain_network(const struct explain *e, enum room room)
{
	if (e->walls.spaces == SPACES_NONE)
		return "the machine's";
	return room == ROOM_UPLINK ? "the machine's while it delivers to https: or s3:, else an empty one" : "an empty one";
}

const char *
explain_spaces(const struct explain *e)
{
	return e->walls.spaces == SPACES_NONE     ? "none"
	       : e->walls.spaces == SPACES_DIRECT ? "System V IPC, host name"
						  : "System V IPC, host name, users";
}

int
explain_tell(int as_json)
{
	static struct explain e = {.runs = 1};

	look_at_board(&e);
	if (walls_plan(&e.walls) < 0) {
		e.runs = 0;
		note(&e, "no room would run: the kernel makes no namespaces");
	}
	walls_weaker(&e.walls, note, &e);
	look_at_landlock(&e);
	look_at_seccomp(&e);
	look_at_memory(&e);
	if (as_json && explain_say_json(&e) < 0)
		return HOUSE_EXIT_FAULT;
	if (!as_json)
		explain_say_text(&e);
	return e.runs ? HOUSE_EXIT_GOOD : HOUSE_EXIT_LOCK;
}
