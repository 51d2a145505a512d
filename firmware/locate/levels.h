/*
 * locate/levels.h - the picture at the sizes the net looks at: the first at most
 * LEVEL_LONGEST_PX long, each next one half of it. Integers only.
 */
#ifndef LOCATE_LEVELS_H
#define LOCATE_LEVELS_H

#include "locate/find.h"
#include "locate/net.h"

enum { LEVEL_LONGEST_PX = 640, LEVELS_MAX = 4 };

/* How a frame's size becomes the first level's: means of cell_w x cell_h pixels, then a mean over areas. */
struct level_plan {
	uint32_t cell_w, cell_h;
	uint32_t mid_w, mid_h; /* of the means */
	uint32_t width, height;
};

struct levels {
	struct level_plan plan;
	struct net_picture pictures[LEVELS_MAX];
	uint32_t n;
	struct space work;
};

struct level_plan level_plan(uint32_t width_px, uint32_t height_px);
size_t levels_bytes(uint32_t width_px, uint32_t height_px);
/* `work` is for all pictures up to the size that levels_bytes() was asked about. */
void levels_build(struct levels *levels, struct space work, const struct luma *picture);

#endif
