/*
 * base/room.h - the beats that every room's main() has in common.
 *
 *     room_begin(argc, argv)    take the doors: fixed descriptors, listed below
 *     room_setting(...)         read the settings: argv, "name=value"
 *     (open what is needed)
 *     room_ready()              drop what is not needed, close the sandbox, say "ready"
 *     while (room_wait(...))    loop
 *     return ROOM_EXIT_DONE     after the owners wiped what they held
 *
 * A room is started by the warden only, with these descriptors and no others.
 * firmware/warden/wiring.c says which room has which.
 */
#ifndef BASE_ROOM_H
#define BASE_ROOM_H

#include <poll.h>

#include "base/base.h"

enum room_fd {
	ROOM_FD_LOG = 2,     /* write: lines to the warden; standard error */
	ROOM_FD_VITALS = 3,  /* write: numbers to the warden */
	ROOM_FD_IN = 4,      /* read: the door that things come in by */
	ROOM_FD_IN_ACK = 5,  /* write: fixed-size answers to the room before */
	ROOM_FD_OUT = 6,     /* write: the door that things leave by */
	ROOM_FD_OUT_ACK = 7, /* read: fixed-size answers of the room after */
	ROOM_FD_FRAMES = 8,  /* memory of the frame slots: capture writes, locate reads */
	ROOM_FD_POLICY = 9,  /* read: the recipients' policy, as signed */
	ROOM_FD_FOLDER = 10, /* capture: pictures to replay; spool: the spool; uplink: where file: delivers */
	ROOM_FD_KEY = 11,    /* read: spool's signing key */
	ROOM_FD_ANCHOR = 12, /* read: uplink's trust anchor, as the policy names it */
	ROOM_FD_CERTIFICATE = 13, /* read: uplink's own certificate and its key */
	ROOM_FD_S3_KEYS = 14, /* read: uplink's key for an object store */
	ROOM_FD_HEALTH = 15, /* read: how the unit is, which spool signs */
	ROOM_FD_TRIGGER = 16, /* read: edges of the line that tells capture of vehicles */
	ROOM_FD_STROBE = 17, /* the line that lights capture's flash */
	ROOM_FD_COUNT = 18,
};

/* Exit status of a room; the warden restarts it after anything but these three. */
enum {
	ROOM_EXIT_DONE = 0,
	ROOM_EXIT_LOCK = 77,     /* EX_NOPERM: a lock does not close; restarting will not help */
	ROOM_EXIT_SETTINGS = 78, /* EX_CONFIG: restarting will not help */
};

void room_begin(int argc, char **argv);

/* The value of "name=..." in argv. A missing or malformed one is the warden's mistake: CHECK. */
int64_t room_setting(const char *name);
const char *room_setting_text(const char *name);

/*
 * Closes the room in (base/lock.h) and sends vital READY. From here it asks the kernel
 * for nothing but what its list has. When a lock does not close, it does not return.
 */
void room_ready(void);

/*
 * Waits until a descriptor is ready, SIGTERM comes, or limit_ms passed (-1: no limit).
 * Returns 1 to go on, 0 once when SIGTERM asked the room to finish. After that it
 * never waits longer than limit_ms and returns 1, so that the room can drain.
 */
int room_wait(struct pollfd *fds, size_t n, int limit_ms) MUST_CHECK;

/* 1 after SIGTERM: finish what is in hand, take what is still in the pipe, and leave. Never waits. */
int room_finishing(void) MUST_CHECK;

#endif
