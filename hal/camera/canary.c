/*
 * The canary's reference row and the search for it, shared by the lane that
 * paints it and by the tests that must not find it elsewhere.
 */
#include "hal/canary.h"

#include <string.h>

void
scene_canary_row(uint8_t row[CANARY_CELLS])
{
	for (int i = 0; i < CANARY_CELLS; i++)
		row[i] = (CANARY_SIGNATURE >> (CANARY_CELLS - 1 - i)) & 1 ? 255 : 0;
}

/* Means of the 64 cells of `step` (in 1/16 pixel) from `from`, and how many of them fit the signature. */
static int
cells_agreeing(const uint32_t *sums, size_t from, uint32_t step)
{
	uint32_t all = sums[from + (CANARY_CELLS * step >> 4)] - sums[from];
	uint64_t wide = CANARY_CELLS * step >> 4;
	int same = 0;

	for (uint32_t i = 0; i < CANARY_CELLS; i++) {
		size_t a = from + (i * step >> 4), b = from + ((i + 1) * step >> 4);
		int light = (uint64_t)(sums[b] - sums[a]) * wide > (uint64_t)all * (b - a);

		same += light == (int)((CANARY_SIGNATURE >> (CANARY_CELLS - 1 - i)) & 1);
	}
	return same > CANARY_CELLS - same ? same : CANARY_CELLS - same;
}

/* Something must be there: a flat piece would fit by its noise alone. */
static int
has_contrast(const uint8_t *p, size_t n)
{
	uint8_t least = 255, most = 0;

	for (size_t i = 0; i < n; i++) {
		least = p[i] < least ? p[i] : least;
		most = p[i] > most ? p[i] : most;
	}
	return most - least >= 12;
}

int
canary_in_row(struct span row)
{
	enum { WINDOW = 4096 };
	uint32_t sums[WINDOW + 1];
	int best = 0;

	for (size_t start = 0; start < row.n; start += WINDOW / 2) {
		size_t n = row.n - start < WINDOW ? row.n - start : WINDOW;

		sums[0] = 0;
		for (size_t i = 0; i < n; i++)
			sums[i + 1] = sums[i] + row.p[start + i];
		for (uint32_t step = 16; step <= 192; step += step < 64 ? 1 : 2) {
			size_t wide = CANARY_CELLS * step >> 4;

			for (size_t from = 0; from + wide <= n; from += 1) {
				int same;

				if ((from & 15) == 0 && !has_contrast(row.p + start + from, wide)) {
					from += 15;
					continue;
				}
				same = cells_agreeing(sums, from, step);
				best = same > best ? same : best;
			}
		}
	}
	return best;
}
