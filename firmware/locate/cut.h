/*
 * locate/cut.h - from a plate's box to the only pixels that may leave this room.
 *
 * cut_box() holds the hard limits; whatever found the plate, nothing larger or
 * of another shape than these few lines allow is cut out.
 */
#ifndef LOCATE_CUT_H
#define LOCATE_CUT_H

#include "locate/find.h"

struct cut_rule {
	uint32_t margin_x_permille; /* added left and right, of the plate's width: 0..1000 */
	uint32_t margin_y_permille; /* added above and below, of the plate's height: 0..1000 */
	uint32_t share_max_permille; /* of the frame: 1..CUT_RULE_MOST_SHARE */
};

enum {
	CUT_PLATE_LEAST_PX = 8,      /* of a plate's width and height: fewer show no characters */
	CUT_ASPECT_LEAST_TENTHS = 8, /* width over height of the plate; motorcycles' are nearly square */
	CUT_ASPECT_MOST_TENTHS = 80,
	CUT_RULE_DEFAULT_X = 150,
	CUT_RULE_DEFAULT_Y = 300,
	CUT_RULE_DEFAULT_SHARE = 150,
	CUT_RULE_MOST_SHARE = 250, /* no policy can allow more */
};

/*
 * What would be cut out for this plate, inside the frame.
 *   -EPERM  over a limit: nothing may be cut out
 */
int cut_box(struct box *crop, const struct box *plate, const struct cut_rule *rule, uint32_t width_px, uint32_t height_px) MUST_CHECK;

/*
 * Grey pixels of a crop (rows of w bytes, no gaps) to a picture file of
 * `encoding` (enum crop_encoding). Returns its length, -ENOSPC when it does not
 * fit, -EIO when the library failed. Library memory comes from the arena.
 */
int64_t cut_encode(const uint8_t *pixels, uint32_t w, uint32_t h, uint8_t encoding, int jpeg_quality, struct space into) MUST_CHECK;

#endif
