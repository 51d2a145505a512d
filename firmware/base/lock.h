/*
 * base/lock.h - how a room closes itself in before it says "ready".
 *
 * Every room has one list, firmware/ROOM/syscalls.def, of what it may still ask of
 * the kernel: a line a call, with its reason. Everything else ends the room at once
 * (SIGSYS). The same list names the folders it may still open files in. Lines:
 *
 *     CALL(name, "why")
 *     CALL_IF(name, "why", condition, ...)      all conditions hold; arguments count from 0:
 *         IS(argument, value)                   it is this value
 *         NO_BITS(argument, bits)               none of these bits is set
 *         BITS(argument, mask, value)           under the mask it is this value
 *         SELF(argument)                        it is this process
 *     REFUSE(name, errno, "why")                not allowed, but an error is the answer and not the end:
 *     REFUSE_IF(name, errno, "why", condition, ...)   for what a library tries and can do without
 *     FOLDER(descriptor, rights, "why")         beneath this open folder; it may be closed
 *     PATH("path", rights, "why")               beneath this path, or this file; it may not exist
 *     PORT(number, "why")                       TCP may connect to that port
 *     PORT_OF("word", "why")                    to the port of the https:// address in that word
 *     LIMIT(resource, most, "why")              setrlimit(2), without the RLIMIT_ before it
 *
 * with MAY_READ, MAY_KEEP or MAY_DEVICE as rights. A call may stand in several
 * lines; one of them must hold. docs/LOCKS.md says how to add one.
 */
#ifndef BASE_LOCK_H
#define BASE_LOCK_H

#include "base/base.h"
#include "base/landlock.h"

enum {
	MAY_READ = LANDLOCK_READ_FILE | LANDLOCK_READ_DIR,
	MAY_KEEP = MAY_READ | LANDLOCK_WRITE_FILE | LANDLOCK_MAKE_REG | LANDLOCK_REMOVE_FILE | LANDLOCK_TRUNCATE,
	MAY_DEVICE = MAY_READ | LANDLOCK_WRITE_FILE | LANDLOCK_IOCTL_DEV,
};

/* Vital "locks": what holds, as bits. */
enum lock {
	LOCK_RIGHTS = 1 << 0, /* no capability is left, no_new_privs, not dumpable, no core file, limits */
	LOCK_FILES = 1 << 1,  /* Landlock */
	LOCK_CALLS = 1 << 2,  /* the list of system calls */
	LOCK_MEMORY = 1 << 3, /* all memory is locked: no page of it goes to swap */
};

/*
 * Closes every lock that the board wants (HARDEN_*), for this process and all
 * threads and processes it starts later. A lock that does not close ends the
 * process with ROOM_EXIT_LOCK, having said which one and why. A second call does
 * nothing. Threads that are there already are under the list of calls, but not
 * under Landlock: a room that starts threads calls this before them.
 */
void lock_close(void);

/*
 * For a room whose libraries start threads before main(), which Landlock would then not hold: closes the locks and
 * starts the same program with the same words again inside them, with `environment` (at most LOCK_ENVIRONMENT_MAX
 * words and NULL) and no other. Returns in that second life, where everything is closed. The list needs what a
 * program needs to start, and PATH("/proc/self/exe", ...). Call it first of all after room_begin().
 */
enum { LOCK_ENVIRONMENT_MAX = 8 };
void lock_close_and_begin_again(char *const argv[], char *const environment[]);

/* The parts, for lock_close() and for the test of each alone. Return 0 or -errno. */
int lock_rights(void) MUST_CHECK;
int lock_files(void) MUST_CHECK;
int lock_calls(void) MUST_CHECK;

/* For vitals: enum lock bits, and the Landlock ABI whose rules hold (0: none). */
int64_t lock_closed(void);
int64_t lock_landlock_abi(void);

#endif
