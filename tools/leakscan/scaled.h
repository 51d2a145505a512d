/*
 * leakscan/scaled.h - rows of 64 cells, looked for in any 8-bit buffer at any offset and scale.
 *
 * A row of a picture is known by the means of 64 equal cells. A copy of it,
 * enlarged or reduced, brighter or darker, upright or inverted, shows the same 64
 * means but for a factor and an offset; so it is found by their normalised
 * correlation, whatever the width of the buffer's own rows. Scales are 1.5 to 24
 * bytes a cell in steps of 2 %, at every offset of a sixth of a cell or finer.
 * YUYV and RGB rows are such copies too, at two and three bytes a pixel.
 *
 * Correlation of 64 independent noisy cells reaches SCALED_SURE by chance about
 * once in 10^17 tries (Fisher's z, 8.6 standard deviations); a byte costs about
 * 200 tries a row.
 */
#ifndef LEAKSCAN_SCALED_H
#define LEAKSCAN_SCALED_H

#include "base/base.h"

enum {
	SCALED_CELLS = 64,
	SCALED_ROWS_MAX = 16,
	SCALED_PIECE_BYTES = 16384, /* what scaled_find() counts in */
	SCALED_SURE_PERCENT = 80,
};

struct scaled;

struct scaled *scaled_new(void);
void scaled_free(struct scaled *s);

/*
 * Returns 0; 1 for a row with too little in it to tell it from others, which is left out; -ENOSPC.
 * Only rows as irregular as the canary: one with a rhythm is found in any table.
 */
int scaled_add(struct scaled *s, const uint8_t cells[SCALED_CELLS]) MUST_CHECK;

/*
 * How many pieces of the buffer hold one of the rows; *first is the offset of the
 * first found. One thread at a time for one set. 1 or 2 MB/s.
 */
size_t scaled_find(struct scaled *s, struct span in, size_t *first);

#endif
