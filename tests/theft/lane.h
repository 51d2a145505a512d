/*
 * Passages as a lane would see them: plates of several regions, near and far, by day and by night,
 * painted and encoded as locate does it.
 */
#ifndef TESTS_THEFT_LANE_H
#define TESTS_THEFT_LANE_H

#include "doors/crop/crop.h"
#include "record/policy.h"

enum { LANE_VIEWS = 3, LANE_WIDTH_PX = 1920, LANE_HEIGHT_PX = 1080, LANE_PICTURE_MAX = 65536 };

struct passing {
	uint32_t letters;  /* on the plate */
	uint32_t plate_px; /* its width in the best view */
	uint32_t picture_bytes;
	struct crop
	    crop; /* times and passage are the caller's to fill in; pictures are in memory of their own */
};

/* Paints one passage. The same seed and number give the same bytes. */
void lane_paint(struct passing *p, const struct policy *rules, uint64_t seed, uint64_t number);

/* Which of n painted passages comes as this number, beyond the first n. */
size_t lane_pick(size_t n, uint64_t seed, uint64_t number);

/* Seconds from one vehicle to the next, around an hour of the day: an open road's mornings and evenings, quiet nights. */
double lane_gap_s(uint64_t seed, uint64_t number, int64_t now_s);

#endif
