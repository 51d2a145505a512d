/*
 * warden/house.h - everything the warden has in hand while the unit runs.
 *
 * house_open -> house_run. Opening says every mistake that a person can mend and
 * starts nothing; running returns the exit status of laneseald.
 */
#ifndef WARDEN_HOUSE_H
#define WARDEN_HOUSE_H

#include <sys/types.h>

#include "base/base.h"
#include "base/pipe.h"
#include "doors/vitals/vitals.h"
#include "warden/logs.h"
#include "warden/rules.h"
#include "warden/settings.h"
#include "warden/walls.h"
#include "warden/wiring.h"

enum {
	HOUSE_PIPES_MAX = 24,
	HOUSE_EXIT_GOOD = 0,
	HOUSE_EXIT_FAULT = 1,
	HOUSE_EXIT_LOCK = ROOM_EXIT_LOCK,
	HOUSE_EXIT_SETTINGS = ROOM_EXIT_SETTINGS,
};

enum house_phase { HOUSE_OPENING, HOUSE_RUNNING, HOUSE_CLOSING };

enum resident_state {
	RESIDENT_DOWN,     /* not running; will be started when due */
	RESIDENT_STARTING, /* must say "ready" by due_us */
	RESIDENT_UP,
	RESIDENT_LEAVING,  /* was asked to finish; must be gone by due_us */
	RESIDENT_GONE,     /* finished, and not to be started again */
};

/* One room, over all its instances. */
struct resident {
	enum resident_state state;
	int program;          /* descriptor of the executable: what was measured is what runs */
	pid_t pid;            /* 0: none */
	int64_t started_us, due_us; /* monotonic */
	unsigned int backoff_ms;
	uint64_t restarts;
	int been_ready;       /* once, in any instance */

	struct log_door log;
	struct pipe_in vitals_in;
	uint8_t vitals_buffer[VITALS_MESSAGE_BYTES];
	int64_t vitals[VITAL_COUNT];      /* of the instance that runs */
	int64_t vitals_before[VITAL_COUNT]; /* totals of those that ended */
	int64_t cpu_us_before;
	int64_t peak_rss_kib; /* the largest of those that ended */
};

struct house {
	struct settings settings;
	struct rules rules;
	struct walls walls;
	int check_only;       /* --check: look at everything, make nothing */
	int state_folder;
	int pipes[HOUSE_PIPES_MAX][2]; /* by row of wiring_pipes(); [0] reads, [1] writes */
	int things[THING_COUNT];       /* -1: this unit does without */
	char camera[SETTINGS_TEXT_BYTES]; /* what capture is told: without the folder, which it gets as a descriptor */
	uint8_t firmware[CRYPTO_HASH_BYTES];
	struct resident residents[ROOM_COUNT];
	enum house_phase phase;
	int exit_status;
	int status_trouble;   /* of writing status.json the last time: -errno */
	int self_test;        /* 1: locate begins with a record of a plate it draws, and a healthy unit has stored it */
	int alive_fd;         /* takes a byte each second: a sign of life; -1: nobody watches */
	unsigned int usb_ignored; /* base/usb.h, at the last look */
	int64_t started_us;
	struct pipe_out health_out; /* to spool */
	int64_t health_us;    /* when the next statement is due */
	int64_t run;          /* drawn at start; not negative */
};

/*
 * Reads the settings and opens all that the rooms need. Returns an exit status:
 * HOUSE_EXIT_GOOD to go on. *h is the caller's memory and lives as long as the program.
 */
int house_open(struct house *h, const char *settings_file, int check_only) MUST_CHECK;

/* Starts the rooms, watches them, and closes in order when asked. Returns an exit status. */
int house_run(struct house *h) MUST_CHECK;

#endif
