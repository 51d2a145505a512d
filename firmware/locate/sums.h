/*
 * locate/sums.h - what the finder looks at: box sums of a few simple channels.
 *
 * A picture is shrunk by a whole number to the base (at most SUMS_BASE_PX
 * pixels), then halved from level to level. Of each level five channels are
 * summed up, so that the sum over any box costs four reads. Levels carry a rim
 * of SUMS_RIM pixels, a repeated edge, so that a window near the edge needs no
 * special case. Integers only: every machine finds the same.
 */
#ifndef LOCATE_SUMS_H
#define LOCATE_SUMS_H

#include "locate/find.h"

enum {
	SUMS_BASE_PX = 330000,
	SUMS_RIM = 24,
	SUMS_LEVELS_MAX = 12,
};

enum sums_channel {
	SUMS_LUMA,   /* brightness */
	SUMS_STROKE, /* horizontal gradient: the upright strokes of characters */
	SUMS_BAR,    /* vertical gradient */
	SUMS_CORNER, /* the smaller of both: characters have it, grilles and edges do not */
	SUMS_THIN,   /* second horizontal difference: strokes of a few pixels */
	SUMS_CHANNELS
};

struct sums {
	uint8_t *pixels[2];  /* this level and the next, without rim */
	uint32_t *sum[SUMS_CHANNELS];
	uint32_t width_px, height_px;
	size_t stride;       /* of the sums, in entries */
	size_t entries;      /* of each plane of sums that were written for the last picture */
	uint32_t shrink;     /* frame pixels for one pixel of this level */
	int which;           /* of `pixels` */
};

/* The shrinking factor of a picture of this size. */
uint32_t sums_shrink(uint32_t width_px, uint32_t height_px);
size_t sums_bytes(uint32_t width_px, uint32_t height_px);
void sums_init(struct sums *s, struct space work, uint32_t width_px, uint32_t height_px);

/* Makes the base level of a picture. */
void sums_begin(struct sums *s, const struct luma *picture);
/* Makes the next level, half as large. Returns 0 when that would be smaller than 16 pixels. */
int sums_halve(struct sums *s) MUST_CHECK;

/* Where the sums of the pixel at (x, y) begin, rim included: x and y from -SUMS_RIM. */
static inline size_t
sums_at(const struct sums *s, int32_t x, int32_t y)
{
	return (size_t)(y + SUMS_RIM) * s->stride + (size_t)(x + SUMS_RIM);
}

#endif
