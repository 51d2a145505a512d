/*
 * doors/frame/frame.h - capture tells locate that a frame lies in a slot, and gets the slot back.
 *
 * Pixels do not travel through the pipe. The warden makes one sealed memory of
 * FRAME_SLOTS slots; capture maps it for writing, locate for reading only.
 * capture -> locate: struct frame. locate -> capture: struct frame_release, struct frame_light.
 * docs/DOORS.md, "frame".
 */
#ifndef DOORS_FRAME_H
#define DOORS_FRAME_H

#include "base/base.h"

enum pixel_format { PIXEL_GREY = 1, PIXEL_NV12 = 2, PIXEL_YUYV = 3, PIXEL_MJPEG = 4 };

/* Only input of a sensor may claim to be one: the camera port sets this, nothing else can. */
enum source_kind { SOURCE_SENSOR = 1, SOURCE_REPLAY = 2, SOURCE_SYNTHETIC = 3 };

enum {
	FRAME_NAME_BYTES = 64,
	FRAME_SLOT_BYTES = CONFIG_FRAME_MAX_WIDTH_PX * CONFIG_FRAME_MAX_HEIGHT_PX * 2,
	FRAME_POOL_BYTES = FRAME_SLOT_BYTES * CONFIG_FRAME_SLOTS,
	FRAME_TYPE = 1,
	FRAME_RELEASE_TYPE = 2,
	FRAME_HELLO_TYPE = 3, /* empty, from a locate that has just started: every slot is free again */
	FRAME_BEGIN_TYPE = 4, /* empty, with a trigger: a vehicle has come, the frames from here on are its own */
	FRAME_END_TYPE = 5,   /* empty: they end here; without a vehicle that has come it says nothing */
	FRAME_LIGHT_TYPE = 6, /* from locate: struct frame_light */
	FRAME_MESSAGE_MAX = 160,
};
_Static_assert((long long)CONFIG_FRAME_MAX_WIDTH_PX *CONFIG_FRAME_MAX_HEIGHT_PX * 2 * CONFIG_FRAME_SLOTS <
		   (1LL << 31),
	       "frame pool must fit in 2 GiB");

struct frame {
	uint32_t slot;       /* 0 .. FRAME_SLOTS-1 */
	uint32_t size_bytes; /* bytes used in the slot, from its beginning */
	uint16_t width_px, height_px;
	uint32_t stride_bytes; /* of a row of the first plane; 0 for MJPEG */
	uint8_t format;        /* enum pixel_format */
	uint8_t source;        /* enum source_kind */
	uint64_t sequence;     /* counts frames of the camera, dropped ones included */
	int64_t at_us;  /* start of exposure, monotonic microseconds; never goes back in one run of capture */
	int64_t utc_us; /* the same instant, microseconds since 1970, as the unit's clock had it */
	uint32_t exposure_us;        /* 0: not known */
	uint32_t gain_milli;         /* analogue gain x 1000; 0: not known */
	char name[FRAME_NAME_BYTES]; /* file name of a replayed picture, NUL-padded; empty for a sensor */
};

struct frame_release {
	uint32_t slot;
	uint64_t sequence; /* of the frame that lay there: a stale release is ignored by capture */
};

enum light_of { LIGHT_PLATE = 1, LIGHT_SCENE = 2 };

/* How bright what matters was, for the exposure of frames to come. */
struct frame_light {
	uint64_t sequence; /* of the frame it was measured in */
	uint8_t of;        /* enum light_of */
	uint8_t luma;      /* of a plate's light parts, or the scene's mean */
};

/*
 * Encode: returns the length, or -ENOSPC. Decode: returns 0 or -EBADMSG; a
 * decoded frame fits its slot: slot number, size, stride and format were checked
 * against each other and against the largest frame.
 */
int frame_encode(const struct frame *f, struct space into) MUST_CHECK;
int frame_decode(struct frame *f, struct span bytes) MUST_CHECK;
int frame_release_encode(const struct frame_release *r, struct space into) MUST_CHECK;
int frame_release_decode(struct frame_release *r, struct span bytes) MUST_CHECK;
int frame_light_encode(const struct frame_light *l, struct space into) MUST_CHECK;
int frame_light_decode(struct frame_light *l, struct span bytes) MUST_CHECK;

/* Bytes an uncompressed frame takes, 0 for a format that has no fixed size (MJPEG) or is unknown. */
size_t frame_bytes(uint8_t format, uint32_t stride_bytes, uint32_t height_px);

#endif
