/*
 * hal/canary.h - the pattern that is painted on the people behind the windscreen.
 *
 * No plate crop may hold it, so whatever leaves the pixel rooms can be searched
 * for it. The band of people is 64 cells wide and 16 cells high: the upper 8 rows
 * of cells show CANARY_SIGNATURE, most significant bit at the left, 1 light and
 * 0 dark; the lower 8 rows show it inverted. Every luma row through the band
 * therefore holds the 64 cells at some scale, from about 2 pixels a cell (far) to
 * 10 (near), light by day and dim by night. The heads above are the same cells.
 */
#ifndef HAL_CANARY_H
#define HAL_CANARY_H

#include "base/base.h"

#define CANARY_SIGNATURE 0xb34cd1962e5a87e9u

enum {
	CANARY_CELLS = 64,
	CANARY_ROWS = 16,
	CANARY_SURE = 60, /* cells that must agree to call it found; chance alone gives less than 1 in 10^12 a try */
};

/* The reference row: 64 bytes, 0 or 255. */
void scene_canary_row(uint8_t row[CANARY_CELLS]);

/*
 * Searches one row of 8-bit luma for the 64 cells, upright or inverted, at 1 to
 * 12 pixels a cell. Returns the most cells that agree (0..64). Compare with
 * CANARY_SURE. Uses no memory but its stack.
 */
int canary_in_row(struct span row) MUST_CHECK;

#endif
