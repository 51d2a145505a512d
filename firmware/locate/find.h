/*
 * locate/find.h - finds plates in one luma plane.
 *
 * find_bytes -> find_init -> find ... find. No heap: all work memory is lent at
 * init. One thread. The method is in docs/LOCATOR.md; what stands behind this
 * interface may change, the interface should not.
 */
#ifndef LOCATE_FIND_H
#define LOCATE_FIND_H

#include "base/base.h"

/* An 8-bit luma plane, lent for the call. Any size from 1x1. */
struct luma {
	const uint8_t *pixels;
	uint32_t width_px, height_px;
	uint32_t stride_bytes;
};

struct plate {
	struct box box;          /* tight, frame pixels, inside the frame */
	uint32_t score_permille; /* 0..1000; only those over the firmware's threshold are reported */
};

enum { FIND_PLATES_MAX = 16 };

struct find;

/* Work memory for frames up to this size. */
size_t find_bytes(uint32_t width_px, uint32_t height_px);
/* `work` is 64-byte aligned and at least find_bytes() long; *f lies inside it. */
int find_init(struct find **f, struct space work, uint32_t width_px, uint32_t height_px) MUST_CHECK;
/*
 * Best first. Returns how many of `plates` (at most FIND_PLATES_MAX) were set.
 * The work for a frame has a ceiling: candidates beyond it are not looked at.
 *   -EINVAL  the picture is larger than find_init() was told
 */
int find(struct find *f, const struct luma *picture, struct plate plates[FIND_PLATES_MAX]) MUST_CHECK;
/* Wipes what the work memory holds of the last picture. */
void find_wipe(struct find *f);

#endif
