/*
 * hal/picture.h - JPEG and PNG files to luma and back, through libjpeg-turbo and libspng.
 *
 * A file from outside is never trusted: its size is read from the header and
 * compared with the caller's limits before anything is decoded, and a picture
 * that ends early or needs guessing is refused. The libraries allocate; our own
 * code does not.
 */
#ifndef HAL_PICTURE_H
#define HAL_PICTURE_H

#include "base/base.h"

enum picture_kind { PICTURE_NONE, PICTURE_JPEG, PICTURE_PNG };

struct picture_info {
	enum picture_kind kind;
	uint32_t width_px, height_px;
	int baseline;               /* JPEG only: 8-bit sequential Huffman, as cameras send it */
};

/*
 * Looks at the header only.
 *   -EBADMSG  neither JPEG nor PNG, or a broken header
 */
int picture_probe(struct span file, struct picture_info *info) MUST_CHECK;

/*
 * Decodes the luma into `luma`, width_px bytes a row, and sets *info.
 *   -EBADMSG  broken, or ends early; `luma` is wiped
 *   -EFBIG    more than most_width_px x most_height_px, or than `luma` holds
 *   -ENOMEM   needs more memory than a picture may have (a large progressive JPEG)
 */
int picture_luma(struct span file, uint32_t most_width_px, uint32_t most_height_px, struct space luma,
		 struct picture_info *info) MUST_CHECK;

/*
 * Encodes 8-bit luma as a baseline JPEG of one component.
 * Returns its length, -ENOSPC when `out` is too small, or -EINVAL.
 */
int64_t picture_to_jpeg(const uint8_t *luma, uint32_t width_px, uint32_t height_px, uint32_t stride_bytes,
			int quality_percent, struct space out) MUST_CHECK;

/* A sentence for the person who put the file there. */
const char *picture_why(int err);

#endif
