/*
 * warden/exposure.h - what a thief of this unit would hold at this moment: `laneseald --exposure`.
 *
 * Looks afresh each time: at the spool's names, the unit's folders, status.json, and what the kernel says of
 * the rooms. Changes nothing, and runs beside a laneseald that works. One thread.
 */
#ifndef WARDEN_EXPOSURE_H
#define WARDEN_EXPOSURE_H

#include <sys/types.h>

#include "warden/rules.h"
#include "warden/settings.h"
#include "warden/wiring.h"

enum {
	EXPOSURE_EXIT_READABLE = 2, /* beside those of house.h: something on this unit can be read */
	EXPOSURE_PATHS_MAX = 8,
	EXPOSURE_FILE_MAX = 65536, /* bytes of a file that is looked into for a private key */
	EXPOSURE_FILES_MAX = 100000,
};

/* ---- the records: exposure_spool.c ---- */

struct exposure_spool {
	int trouble;           /* -errno of opening the folder; -ENOENT: no record was ever stored there */
	uint64_t records;      /* whole ones */
	uint64_t passages;     /* those of them that hold pictures */
	uint64_t bytes;        /* of the records */
	uint64_t delivered;    /* of records */
	int delivered_trouble; /* -EBADMSG: the mark is damaged, and none counts as delivered */
	uint64_t damaged;      /* set aside as *.bad */
	uint64_t foreign;      /* files that are no record's */
	uint64_t unreadable;   /* damaged places, and files that cannot be read */
	int64_t oldest_s, newest_s; /* seconds since 1970, to RECORD_COARSE_TIME_S; -1: no passage */
};

/* key_id: of the unit's key; records of it are found again behind damaged bytes. */
void exposure_look_spool(struct exposure_spool *e, const char *folder,
			 const uint8_t key_id[RECORD_KEY_ID_BYTES]);

/* ---- private keys on the unit: exposure_keys.c ---- */

struct exposure_keys {
	uint64_t files, passed_over;                         /* looked into; too large, or not readable */
	uint64_t found;                                      /* private keys beside the unit's own */
	char paths[EXPOSURE_PATHS_MAX][SETTINGS_TEXT_BYTES]; /* of the first ones found */
	int own_trouble;                                     /* -errno: the unit's key cannot be read */
	uint8_t own_id[RECORD_KEY_ID_BYTES];                 /* of the unit's key */
	int own_is_recipient; /* the unit's own key is among the policy's recipients */
};

/*
 * `roots`: folders and files, of which each is looked into once. own_key is the unit's, connection_key what it
 * shows to its collector: neither counts. connection_key and policy NULL: there is none.
 */
void exposure_look_keys(struct exposure_keys *e, char *const *roots, const char *own_key,
			const char *connection_key, const struct policy *policy);

/* ---- the rooms that run: exposure_rooms.c ---- */

struct exposure_room {
	pid_t pid; /* 0: does not run */
	long uid;
	int no_new_privs, filtered, core_dumps, own_network; /* -1: could not be seen */
	int64_t swap_bytes; /* of its memory, on the swap device; -1: could not be seen */
	int to_storage; /* descriptors by which it could write a file, the log aside; -1: could not be seen */
};

struct exposure_unit {
	int trouble; /* of status.json: -errno; -ENOENT there is none, -EBADMSG it is damaged */
	int running; /* the laneseald that wrote it still lives */
	pid_t pid;
	int64_t written_s; /* seconds since 1970 */
	struct exposure_room rooms[ROOM_COUNT];
};

void exposure_look_unit(struct exposure_unit *e, const char *state_folder);

/* ---- all of it: exposure.c and exposure_say.c ---- */

struct exposure {
	struct settings settings;
	struct rules rules;
	int64_t now_s;
	struct exposure_spool spool;
	struct exposure_keys keys;
	struct exposure_unit unit;
	uint64_t replayed_bytes;        /* pictures that a replaying camera reads from this unit's storage */
	uint64_t frame_bytes;           /* of one frame as it is set */
	int frames_most, passages_most; /* in memory; 0 when nothing runs */
};

/* Looks, prints to standard output, returns the exit status of laneseald. */
int exposure_tell(const char *settings_file, int as_json) MUST_CHECK;

void exposure_say_text(const struct exposure *e);
/* -ENOMEM: nothing was printed. */
int exposure_say_json(const struct exposure *e) MUST_CHECK;

/* At most so many bytes of plaintext on storage. */
uint64_t exposure_plain_bytes(const struct exposure *e);
/* 1 when there is nothing on this unit that a thief could read. */
int exposure_is_sealed(const struct exposure *e) MUST_CHECK;

#endif
