/*
 * warden/wiring.c - THE list. Data moves down the page: capture, locate, seal,
 * spool, uplink. What goes back up is of fixed size and carries no data. Whatever
 * is not in one of these four tables does not exist in the building.
 */
#include <errno.h>
#include <string.h>

#include "warden/wiring.h"

/* ---- who works here ---- */

const char *const wiring_rooms[ROOM_COUNT] = {
	[ROOM_CAPTURE] = "capture", /* takes frames from the camera */
	[ROOM_LOCATE]  = "locate",  /* finds plates and cuts them out; the rest of the picture dies here */
	[ROOM_SEAL]    = "seal",    /* encrypts crops to the recipients of the policy */
	[ROOM_SPOOL]   = "spool",   /* numbers, chains, signs and stores records */
	[ROOM_UPLINK]  = "uplink",  /* delivers records and brings receipts */
};

/* ---- who speaks with whom: one row, one pipe, one way ---- */

static const struct wiring_pipe pipes[] = {
	/* door       from          its descriptor     to            its descriptor  */
	{"frame",   ROOM_CAPTURE, ROOM_FD_OUT,    ROOM_LOCATE,  ROOM_FD_IN},
	{"release", ROOM_LOCATE,  ROOM_FD_IN_ACK, ROOM_CAPTURE, ROOM_FD_OUT_ACK},

	{"crop",    ROOM_LOCATE,  ROOM_FD_OUT,    ROOM_SEAL,    ROOM_FD_IN},
	{"kept",    ROOM_SEAL,    ROOM_FD_IN_ACK, ROOM_LOCATE,  ROOM_FD_OUT_ACK},

	{"sealed",  ROOM_SEAL,    ROOM_FD_OUT,    ROOM_SPOOL,   ROOM_FD_IN},
	{"stored",  ROOM_SPOOL,   ROOM_FD_IN_ACK, ROOM_SEAL,    ROOM_FD_OUT_ACK},

	{"parcel",  ROOM_SPOOL,   ROOM_FD_OUT,    ROOM_UPLINK,  ROOM_FD_IN},
	{"receipt", ROOM_UPLINK,  ROOM_FD_IN_ACK, ROOM_SPOOL,   ROOM_FD_OUT_ACK},

	{"vitals",  ROOM_CAPTURE, ROOM_FD_VITALS, WARDEN,       -1},
	{"vitals",  ROOM_LOCATE,  ROOM_FD_VITALS, WARDEN,       -1},
	{"vitals",  ROOM_SEAL,    ROOM_FD_VITALS, WARDEN,       -1},
	{"vitals",  ROOM_SPOOL,   ROOM_FD_VITALS, WARDEN,       -1},
	{"vitals",  ROOM_UPLINK,  ROOM_FD_VITALS, WARDEN,       -1},

	{"log",     ROOM_CAPTURE, ROOM_FD_LOG,    WARDEN,       -1},
	{"log",     ROOM_LOCATE,  ROOM_FD_LOG,    WARDEN,       -1},
	{"log",     ROOM_SEAL,    ROOM_FD_LOG,    WARDEN,       -1},
	{"log",     ROOM_SPOOL,   ROOM_FD_LOG,    WARDEN,       -1},
	{"log",     ROOM_UPLINK,  ROOM_FD_LOG,    WARDEN,       -1},

	{"health",  WARDEN,       -1,             ROOM_SPOOL,   ROOM_FD_HEALTH},
};

/* ---- what each holds beside its pipes (and 0, 1: nothing) ---- */

static const struct wiring_thing things[] = {
	/* room         descriptor      thing               may lack */
	{ROOM_CAPTURE, ROOM_FD_FRAMES, THING_FRAMES_WRITE, 0},
	{ROOM_CAPTURE, ROOM_FD_FOLDER, THING_PICTURES,     1},
	{ROOM_CAPTURE, ROOM_FD_TRIGGER, THING_TRIGGER,     1},
	{ROOM_CAPTURE, ROOM_FD_STROBE, THING_STROBE,       1},
	{ROOM_LOCATE,  ROOM_FD_FRAMES, THING_FRAMES_READ,  0},
	{ROOM_SEAL,    ROOM_FD_POLICY, THING_POLICY,       0},
	{ROOM_SPOOL,   ROOM_FD_FOLDER, THING_SPOOL,        0},
	{ROOM_SPOOL,   ROOM_FD_KEY,    THING_KEY,          0},
	{ROOM_UPLINK,  ROOM_FD_FOLDER, THING_OUTBOX,       1},
	{ROOM_UPLINK,  ROOM_FD_ANCHOR, THING_ANCHOR,       1},
	{ROOM_UPLINK,  ROOM_FD_CERTIFICATE, THING_CERTIFICATE, 1},
	{ROOM_UPLINK,  ROOM_FD_S3_KEYS, THING_S3_KEYS,     1},
};

const char *const wiring_told[THING_COUNT] = {
	[THING_FRAMES_WRITE] = "the frame slots, for reading and writing",
	[THING_FRAMES_READ]  = "the frame slots, opened for reading only",
	[THING_PICTURES]     = "the folder a replayed camera takes its pictures from",
	[THING_POLICY]       = "the policy's bytes, a sealed copy",
	[THING_SPOOL]        = "the folder of records",
	[THING_KEY]          = "the unit's signing key",
	[THING_OUTBOX]       = "the folder where uplink.to = \"file:...\" delivers",
	[THING_ANCHOR]       = "the collector's trust anchor, a sealed copy whose hash the policy names",
	[THING_CERTIFICATE]  = "what uplink shows the collector, and its key",
	[THING_S3_KEYS]      = "what uplink signs requests to an object store with",
	[THING_TRIGGER]      = "the one line of a GPIO chip that tells of vehicles",
	[THING_STROBE]       = "the one line of a GPIO chip that lights the flash",
};

/* ---- what each is told, as "name=value" ---- */

static const struct wiring_word words[] = {
	/* room         name                  from                  times */
	{ROOM_CAPTURE, "camera",             "camera",              0},
	{ROOM_CAPTURE, "format",             "camera.format",       0},
	{ROOM_CAPTURE, "width_px",           "camera.width_px",     0},
	{ROOM_CAPTURE, "height_px",          "camera.height_px",    0},
	{ROOM_CAPTURE, "rate_mhz",           "camera.rate_fps",     1000},
	{ROOM_CAPTURE, "exposure_us",        "camera.exposure_us",  0},
	{ROOM_CAPTURE, "gain_milli",         "camera.gain_milli",   0},
	{ROOM_CAPTURE, "expose_for",         "camera.expose_for",   0},
	{ROOM_CAPTURE, "silence_ms",         "camera.silence_s",    1000},
	{ROOM_CAPTURE, "pace",               "camera.pace",         0},
	{ROOM_CAPTURE, "vehicles",           "camera.vehicles",     0},
	{ROOM_CAPTURE, "still_frames",       "camera.still_frames", 0},
	{ROOM_CAPTURE, "gap_ms",             "camera.gap_ms",       0},
	{ROOM_CAPTURE, "restarts",           "restarts",            0},
	{ROOM_CAPTURE, "trigger",            "trigger.input",       0},
	{ROOM_CAPTURE, "trigger_debounce_us", "trigger.debounce_us", 0},
	{ROOM_CAPTURE, "trigger_window_ms",  "trigger.window_ms",   0},
	{ROOM_CAPTURE, "strobe",             "strobe.output",       0},
	{ROOM_CAPTURE, "strobe_lead_us",     "strobe.lead_us",      0},
	{ROOM_CAPTURE, "strobe_longest_us",  "strobe.longest_us",   0},

	{ROOM_LOCATE,  "lane",               "lane.number",           0},
	{ROOM_LOCATE,  "views",              "views",                 0},
	{ROOM_LOCATE,  "encoding",           "locate.encoding",       0},
	{ROOM_LOCATE,  "jpeg_quality",       "locate.jpeg_quality",   0},
	{ROOM_LOCATE,  "confirm_frames",     "locate.confirm_frames", 0},
	{ROOM_LOCATE,  "sure_permille",      "locate.sure_permille", 0},
	{ROOM_LOCATE,  "passage_gap_ms",     "locate.passage_gap_ms", 0},
	{ROOM_LOCATE,  "margin_x_permille",  "margin_x_permille",     0},
	{ROOM_LOCATE,  "margin_y_permille",  "margin_y_permille",     0},
	{ROOM_LOCATE,  "share_max_permille", "share_max_permille",    0},
	{ROOM_LOCATE,  "restarts",           "restarts",              0},
	{ROOM_LOCATE,  "by_trigger",         "by_trigger",            0},
	{ROOM_LOCATE,  "self_test",          "self_test",             0},

	{ROOM_SEAL,    "unit",               "unit.name",       0},
	{ROOM_SEAL,    "firmware",           "firmware",        0},
	{ROOM_SEAL,    "policy_key",         "policy_key",      0},
	{ROOM_SEAL,    "policy_key_next",    "policy_key_next", 0},
	{ROOM_SEAL,    "policy_newest",      "policy_newest",   0},

	{ROOM_SPOOL,   "unit",               "unit.name",            0},
	{ROOM_SPOOL,   "max_mib",            "spool.max_mib",        0},
	{ROOM_SPOOL,   "max_records",        "spool.max_records",    0},
	{ROOM_SPOOL,   "free_floor_mib",     "spool.free_floor_mib", 0},
	{ROOM_SPOOL,   "heartbeat_s",        "heartbeat_s",          0},
	{ROOM_SPOOL,   "retention_days",     "retention_days",       0},
	{ROOM_SPOOL,   "drop_undelivered",   "drop_undelivered",     0},
	{ROOM_SPOOL,   "run",                "run",                  0},
	{ROOM_SPOOL,   "restarts",           "restarts",             0},

	{ROOM_UPLINK,  "to",                 "to",                   0},
	{ROOM_UPLINK,  "unit",               "unit.name",            0},
	{ROOM_UPLINK,  "s3_region",          "uplink.s3_region",     0},
	{ROOM_UPLINK,  "max_kbit_s",         "uplink.max_kbit_s",    0},
	{ROOM_UPLINK,  "cadence_s",          "uplink.cadence_s",     0},
};

/* ---- names of the facts, as `from` has them ---- */

const char *const wiring_facts[FACT_COUNT] = {
	[FACT_CAMERA]          = "camera",
	[FACT_RESTARTS]        = "restarts",
	[FACT_FIRMWARE]        = "firmware",
	[FACT_POLICY_KEY]      = "policy_key",
	[FACT_POLICY_KEY_NEXT] = "policy_key_next",
	[FACT_POLICY_NEWEST]   = "policy_newest",
	[FACT_VIEWS]           = "views",
	[FACT_MARGIN_X]        = "margin_x_permille",
	[FACT_MARGIN_Y]        = "margin_y_permille",
	[FACT_SHARE_MAX]       = "share_max_permille",
	[FACT_HEARTBEAT]       = "heartbeat_s",
	[FACT_RETENTION]       = "retention_days",
	[FACT_DROP]            = "drop_undelivered",
	[FACT_RUN]             = "run",
	[FACT_BY_TRIGGER]      = "by_trigger",
	[FACT_SELF_TEST]       = "self_test",
	[FACT_TO]              = "to",
};

const struct wiring_pipe *
wiring_pipes(size_t *n)
{
	*n = ARRAY_SIZE(pipes);
	return pipes;
}

const struct wiring_thing *
wiring_things(size_t *n)
{
	*n = ARRAY_SIZE(things);
	return things;
}

const struct wiring_word *
wiring_words(size_t *n)
{
	*n = ARRAY_SIZE(words);
	return words;
}

int
wiring_fact(const char *from)
{
	for (int fact = 0; fact < FACT_COUNT; fact++)
		if (strcmp(wiring_facts[fact], from) == 0)
			return fact;
	return -ENOENT;
}
