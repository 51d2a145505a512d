/*
 * hal/camera/y4m.h - frames of a YUV4MPEG2 file, 8 bits, luma only.
 */
#ifndef HAL_CAMERA_Y4M_H
#define HAL_CAMERA_Y4M_H

#include "base/base.h"

struct y4m {
	uint32_t width_px, height_px;
	size_t header_bytes;  /* of the file */
	size_t frame_bytes;   /* all planes of one frame, without its own header */
};

enum { Y4M_HEADER_MAX = 1024, Y4M_FRAME_HEADER_MAX = 256 };

/*
 * Reads the file's header from its first bytes (Y4M_HEADER_MAX are enough).
 *   -EBADMSG  no such header, or a word of it is malformed
 *   -ENOTSUP  more than 8 bits, or planes of another shape than 4:2:0, 4:2:2, 4:4:4 or mono
 */
int y4m_header(struct y4m *y, struct span bytes) MUST_CHECK;

/* Length of the frame header at the beginning of `bytes`, or -EBADMSG. */
int y4m_frame_header(struct span bytes) MUST_CHECK;

#endif
