/*
 * locate/luma.h - the brightness of a frame, whatever format the camera sends.
 *
 * GREY and NV12 are looked at where they lie; YUYV and MJPEG are turned into grey
 * in memory lent at init. One thread.
 */
#ifndef LOCATE_LUMA_H
#define LOCATE_LUMA_H

#include "doors/frame/frame.h"
#include "locate/find.h"

/* Work memory for the largest frame of this build. */
enum { LUMA_BYTES = CONFIG_FRAME_MAX_WIDTH_PX * CONFIG_FRAME_MAX_HEIGHT_PX };

/* `work` holds at least LUMA_BYTES and stays lent. */
void luma_init(struct space work);

/*
 * The luma of frame f, whose bytes lie in `slot` (f came from frame_decode, so
 * it fits). *luma is good until luma_done(), and points into the slot when
 * luma_in_place(f->format).
 *   -EBADMSG  an MJPEG frame is broken, or its size is not what f says; nothing is to be released
 */
int luma_of(struct luma *luma, const struct frame *f, struct span slot) MUST_CHECK;
int luma_in_place(uint8_t format) MUST_CHECK;

/* Wipes the work memory that the last frame used. */
void luma_done(void);

#endif
