/*
 * locate/boxes.h - from what the net says of cells to boxes of plates: each sure
 * cell is a candidate, and candidates that agree are gathered to one. Integers only.
 */
#ifndef LOCATE_BOXES_H
#define LOCATE_BOXES_H

#include "locate/net.h"

enum {
	BOXES_SUB = 64, /* parts of a pixel */
	BOXES_CANDIDATES_MAX = 512, /* the least sure give way */
	BOXES_MOST = 16, /* gathered ones */
};

/* Edges in BOXES_SUBs of a pixel; they may lie outside the picture. */
struct candidate {
	int64_t left, top, right, bottom;
	int32_t permille;
};

struct candidates {
	struct candidate at[BOXES_CANDIDATES_MAX];
	uint32_t n;
};

/* How sure a cell is, 0..1000. */
int32_t boxes_sure_permille(const struct net_answer *answer);
/* The box a cell speaks of, in the picture the net saw; permille is left 0. */
struct candidate boxes_of_cell(const struct net_answer *answer, uint32_t column, uint32_t row);
void boxes_keep(struct candidates *all, const struct candidate *c);
/* What two share of what they cover together, 0..1000. */
int64_t boxes_overlap_permille(const struct candidate *a, const struct candidate *b);
/* The mean of all that agree with this one, the surer the heavier; as sure as this one. */
struct candidate boxes_vote(const struct candidates *all, const struct candidate *best);
/*
 * Takes the surest first; what is the same plate as one taken has had its vote and is
 * dropped. Returns how many of `gathered`, surest first, were set; none is less sure than told.
 * BOXES_KEEP_NESTED: a box that lies in a surer and larger one stays. The recess about a plate
 * is often surer than the plate, until somebody looks again.
 */
enum boxes_nested { BOXES_DROP_NESTED, BOXES_KEEP_NESTED };
uint32_t boxes_gather(const struct candidates *all, int32_t least_permille, enum boxes_nested nested,
                      struct candidate gathered[BOXES_MOST]);

#endif
