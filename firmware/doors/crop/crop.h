/*
 * doors/crop/crop.h - locate hands seal one passage: the best views of one plate, cut out and encoded.
 *
 * locate -> seal: struct crop. seal -> locate: struct crop_ack, once spool has the
 * record on disk. Until then locate keeps the passage and offers it again to a
 * seal that says hello. docs/DOORS.md, "crop".
 */
#ifndef DOORS_CROP_H
#define DOORS_CROP_H

#include "base/base.h"

enum {
	CROP_VIEWS_MAX = 8,      /* of one passage, whatever the unit that made it was built for: a policy allows no more */
	CROP_NAME_BYTES = 64,
	CROP_MESSAGE_MAX = CONFIG_PASSAGE_MAX_KIB * 1024,
	CROP_TYPE = 1,
	CROP_ACK_TYPE = 2,
	CROP_HELLO_TYPE = 3, /* empty, from a seal that has just started */
	CROP_ACK_BYTES = 9,
};

_Static_assert(CONFIG_LOCATE_VIEWS_MAX <= CROP_VIEWS_MAX, "a door takes CROP_VIEWS_MAX views");

/* A crop's source, beside enum source_kind of doors/frame: locate drew the plate itself, no vehicle passed. */
enum { CROP_SOURCE_SELF_TEST = 4 };

enum crop_encoding { CROP_JPEG = 1, CROP_PNG = 2 };

/* Where the vehicle went, from the growth of its plate over the passage. */
enum crop_direction { CROP_DIRECTION_UNKNOWN = 0, CROP_APPROACHING = 1, CROP_RECEDING = 2 };

struct crop_view {
	struct box plate;           /* tight, frame pixels */
	struct box crop;            /* what was cut out, frame pixels; inside the frame */
	int64_t utc_us;             /* start of exposure */
	uint32_t score_permille;    /* the detector's, 0..1000 */
	uint32_t sharpness_milli;   /* mean squared luma gradient inside the plate, x 1000 */
	uint32_t exposure_us;       /* 0: not known */
	uint8_t encoding;           /* enum crop_encoding */
	char name[CROP_NAME_BYTES]; /* of the replayed picture; empty for a sensor */
	struct span bytes;          /* the encoded picture, grey, crop.w x crop.h */
};

struct crop {
	uint64_t passage;  /* unique in one boot: restarts of locate << 32 | number */
	uint8_t source;    /* enum source_kind, the least trusted of all its frames; or CROP_SOURCE_SELF_TEST */
	uint8_t direction; /* enum crop_direction */
	uint16_t lane;     /* setting lane.number */
	uint16_t frame_width_px, frame_height_px;
	uint32_t frames_seen; /* frames in which the plate was found */
	int64_t first_utc_us, last_utc_us;
	uint32_t n_views;
	struct crop_view views[CROP_VIEWS_MAX]; /* best first */
};

struct crop_ack {
	uint64_t passage;
	uint8_t stored; /* 1: on disk; 0: counted only, no valid policy: it will never be stored */
};

/* Decoded spans point into `bytes`. Returns the length or 0, -ENOSPC, -EBADMSG. */
int64_t crop_encode(const struct crop *c, struct space into) MUST_CHECK;
int crop_decode(struct crop *c, struct span bytes) MUST_CHECK;
int crop_ack_encode(const struct crop_ack *a, struct space into) MUST_CHECK;
int crop_ack_decode(struct crop_ack *a, struct span bytes) MUST_CHECK;

#endif
