/*
 * hal/camera.h - where frames come from.
 *
 * open -> read ... read -> close. One thread.
 */
#ifndef HAL_CAMERA_H
#define HAL_CAMERA_H

#include "base/base.h"
#include "doors/frame/frame.h"

struct hal_camera;

struct hal_camera_wish {
	const char *name;       /* "synthetic:SEED", "replay:" (pictures in folder_fd), "replay:FILE.y4m" (in folder_fd), libcamera id or "first" */
	int folder_fd;          /* replay: the folder, opened by the warden; -1 otherwise; stays the caller's */
	uint8_t format;         /* enum pixel_format: got, or open refuses */
	uint16_t width_px, height_px; /* got, or open refuses; replayed pictures keep their own size */
	uint32_t rate_mhz;      /* frames a second x 1000 */
	uint32_t exposure_us;   /* 0: automatic */
	uint32_t gain_milli;    /* 0: automatic */
	uint32_t silence_ms;    /* a sensor that gives no frame for so long is gone; 0: it may be silent for ever, as with an external trigger */
	/* simulated cameras only */
	int real_time;          /* 1: frames come at rate_mhz by the clock; 0: as fast as they are taken */
	uint32_t vehicles;      /* synthetic: how many drive through, 0 without end */
	uint32_t still_frames;  /* replay: frames each picture is shown; 0: the folder is one sequence of frames */
	uint32_t gap_ms;        /* replay: time without frames after each picture */
	uint32_t restarts;      /* times capture was started before in this boot: a drawn lane goes on, it does not repeat */
};

/*
 * Opens and starts. *cam is the caller's until hal_camera_close().
 *   -ENODEV   no such camera, folder missing or without one usable picture
 *   -EINVAL   the wish cannot be met (format, size, rate)
 * Anything it has to say about names goes to log_text.
 */
int hal_camera_open(struct hal_camera **cam, const struct hal_camera_wish *wish) MUST_CHECK;

/*
 * Waits for the next frame and copies it into `slot` (at least FRAME_SLOT_BYTES).
 * Sets every field of *f but slot.
 *   1         a frame
 *   0         none within limit_ms: with an external trigger this is no fault
 *   -ENODATA  a simulated camera has come to its end
 *   -EIO      this frame was broken; count it and call again
 *   -ENODEV   the camera is gone, or was silent for longer than silence_ms
 */
int hal_camera_read(struct hal_camera *cam, struct space slot, struct frame *f, int limit_ms) MUST_CHECK;

/*
 * From one of the next frames on: this shutter time and gain, as near as the camera has them.
 *   -ENOTSUP  it cannot be told while it runs
 */
int hal_camera_expose(struct hal_camera *cam, uint32_t exposure_us, uint32_t gain_milli) MUST_CHECK;

/* Pictures that were skipped because they could not be used, since open. */
uint64_t hal_camera_skipped(const struct hal_camera *cam);

/* Wipes every buffer that held pixels. NULL is harmless. */
void hal_camera_close(struct hal_camera *cam);

#endif
