/*
 * warden/wiring.h - the list of rooms, of what each holds, is told, and with whom it speaks.
 *
 * The tables are in wiring.c; to learn the building, read that file. A
 * conversation that is not in the list does not exist: the warden makes what the
 * rows say and hands a room nothing else.
 */
#ifndef WARDEN_WIRING_H
#define WARDEN_WIRING_H

#include "base/base.h"
#include "base/room.h"

/* In the order data moves: shutting down goes this way, starting the other. */
enum room { ROOM_CAPTURE, ROOM_LOCATE, ROOM_SEAL, ROOM_SPOOL, ROOM_UPLINK, ROOM_COUNT, WARDEN = ROOM_COUNT };

/* One pipe, one way: `from` has its writing end as from_fd, `to` its reading end as to_fd. */
struct wiring_pipe {
	const char *name;
	enum room from;
	int from_fd;
	enum room to;
	int to_fd;
};

/* What the warden opens for rooms beside the pipes; wiring_told says what each is. */
enum thing {
	THING_FRAMES_WRITE,
	THING_FRAMES_READ,
	THING_PICTURES,
	THING_POLICY,
	THING_SPOOL,
	THING_KEY,
	THING_OUTBOX,
	THING_ANCHOR,
	THING_CERTIFICATE,
	THING_S3_KEYS,
	THING_TRIGGER,
	THING_STROBE,
	THING_COUNT
};

struct wiring_thing {
	enum room room;
	int fd;
	enum thing thing;
	int may_lack; /* 1: some settings do without it, and the descriptor is then not open */
};

/*
 * One "name=value" on a room's command line. `from` is the path of a setting,
 * or the name of a fact (FACT_...), which has no dot in it.
 */
struct wiring_word {
	enum room room;
	const char *name;
	const char *from;
	int times; /* a number is multiplied by this; 0 means 1 */
};

/* What the warden finds out by itself. */
enum fact {
	FACT_CAMERA,        /* camera.name without the folder, which a room gets as a descriptor */
	FACT_RESTARTS,      /* of this room, since laneseald started */
	FACT_FIRMWARE,      /* SHA-256 over the six programs, hex */
	FACT_POLICY_KEY,    /* the agency's policy key, a point, hex */
	FACT_POLICY_KEY_NEXT, /* the one that will follow; empty: none */
	FACT_POLICY_NEWEST, /* newest policy version this unit has seen */
	FACT_VIEWS,         /* locate.views, or fewer when the policy says so */
	FACT_MARGIN_X,      /* the policy's crop rules */
	FACT_MARGIN_Y,
	FACT_SHARE_MAX,
	FACT_HEARTBEAT,     /* the policy's heartbeat interval */
	FACT_RETENTION,     /* days that the policy lets the unit keep records */
	FACT_DROP,          /* what it lets go undelivered, POLICY_DROP_* */
	FACT_RUN,           /* drawn once in the warden's life: as long as it lasts, locate's passage numbers go on */
	FACT_BY_TRIGGER,    /* 1: a trigger tells of vehicles; 0: locate finds out by itself */
	FACT_SELF_TEST,     /* 1: --self-test, locate begins with a record of a plate it draws */
	FACT_TO,            /* uplink.to without the folder, which a room gets as a descriptor; "none" when the policy forbids it */
	FACT_COUNT
};

extern const char *const wiring_rooms[ROOM_COUNT];
extern const char *const wiring_facts[FACT_COUNT];
extern const char *const wiring_told[THING_COUNT];

/* The rows, and how many there are. */
const struct wiring_pipe *wiring_pipes(size_t *n);
const struct wiring_thing *wiring_things(size_t *n);
const struct wiring_word *wiring_words(size_t *n);

/* The fact of that name, or -ENOENT when it is the path of a setting. */
int wiring_fact(const char *from);

#endif
