/*
 * tests/vm/softcam.h - a USB camera that is not there: a UVC device made of a film,
 * shown to a virtual machine's own USB host and drivers through QEMU's usb-redir.
 *
 * film_open -> softcam_init -> softcam_serve. What the camera is told to do wrong it
 * does to whole frames, and counts. No thread.
 */
#ifndef TESTS_VM_SOFTCAM_H
#define TESTS_VM_SOFTCAM_H

#include "base/base.h"

/* Formats in the order the camera lists them; numbers as in its descriptors. */
enum look { LOOK_YUYV = 1, LOOK_NV12, LOOK_GREY, LOOK_MJPEG, LOOK_COUNT = LOOK_MJPEG };

/* ---- the film: luma only, as tools/lanesim writes it ---- */

struct film {
	const uint8_t *bytes;
	size_t n, first, step; /* the file; where its first frame's pixels lie, and how far the next one's */
	uint32_t frames, width_px, height_px;
};

/* A Y4M file in mono. 0 or -errno; -EINVAL when it is no such file. */
int film_open(struct film *f, const char *path) MUST_CHECK;
/* Bytes that a frame may take, and the frame itself as the camera sends it; 0 when it does not fit. */
size_t film_frame_max(const struct film *f, enum look look);
size_t film_frame(const struct film *f, uint32_t index, enum look look, uint8_t *out, size_t most);
/* The same luma brighter or darker, as a sensor would have it; in `out`, which holds a frame of grey. */
void film_light(const struct film *f, uint32_t index, uint32_t permille, uint8_t *out);

/* ---- the device ---- */

enum {
	PAYLOAD_MAX = 16384,
	PAYLOAD_HEADER = 12,
	ENDPOINT = 0x81,
	CONTROL_MAX = 1024,
	PROBE_BYTES = 34,
};

/* What is done to the next frames; each counts down. */
struct faults {
	uint32_t drop;     /* not sent at all */
	uint32_t truncate; /* half of it is sent, then it ends */
	uint32_t error;    /* whole, with the error bit in one payload */
	uint32_t garble;   /* whole, with bytes in it changed */
	uint32_t delay_ms; /* the next frame comes so much later */
	int stall;         /* nothing is sent until it is 0 again */
};

/* Frames come by the clock, or each when it is asked for: then a host as slow as it likes misses none. */
enum pace { PACE_CLOCK, PACE_ASKED };

struct softcam {
	const struct film *film;
	uint32_t rate_mhz;
	uint8_t configuration[512], probe[PROBE_BYTES], commit[PROBE_BYTES];
	size_t n_configuration;
	int32_t exposure, gain, ae_mode; /* in 100 us; as the camera has it; 1 manual, 8 automatic */
	struct faults faults;
	uint32_t lit; /* 0: the film as it is; else so bright, in thousandths, at 100 us and no gain */
	uint8_t *lit_frame;
	int playing, streaming, frame_id;
	enum pace pace;
	uint32_t asked; /* frames that may still go */
	uint32_t film_at;
	int64_t due_us;
	uint8_t *frame;
	size_t n_frame, sent;
	const char *fault; /* of the frame that is being sent */
	uint64_t digest;
	uint64_t frames_sent, frames_dropped, frames_late;
};

/* `frame` holds the largest frame of the film. */
int softcam_init(struct softcam *c, const struct film *film, uint32_t rate_mhz) MUST_CHECK;
/*
 * A control transfer. data: what came, or room for CONTROL_MAX. Returns how many bytes
 * go back (0 for one that only came), or -EPIPE: the device stalls, as a real one does.
 */
int softcam_control(struct softcam *c, const uint8_t setup[8], uint8_t *data, size_t n) MUST_CHECK;
/* When the next payload may go; INT64_MAX while it stalls, or waits to be asked. */
int64_t softcam_due_us(struct softcam *c, int64_t now_us);
/* One payload, at most `most` bytes. Call when it is due. */
size_t softcam_payload(struct softcam *c, int64_t now_us, uint8_t *out, size_t most);
void softcam_stop(struct softcam *c);

/* ---- the line to QEMU ---- */

/*
 * Speaks usbredir on `fd` and takes commands, a line each, from `commands` (-1: none), until one says
 * quit or the other side has gone. `again` is called when a command says plug after unplug:
 * a new descriptor, or -1.
 */
int softcam_serve(struct softcam *c, int fd, int commands, int (*again)(void *), void *arg) MUST_CHECK;

#endif
