/*
 * locate/net.h - a small convolutional net over one grey picture: for every
 * cell of eight by eight pixels, how sure it is that a plate's centre lies
 * there, and that plate's box.
 *
 * All arithmetic is in integers and the kernels give equal results, so every
 * machine finds the same. There are two nets of this kind, which differ in what
 * they learnt and in size; tools/train makes their files.
 */
#ifndef LOCATE_NET_H
#define LOCATE_NET_H

#include "base/base.h"

enum {
	NET_CELL_PX = 8,
	NET_PAD_PX = 8,      /* free bytes wanted on every side of the picture */
	NET_PAD_GREY = 128,  /* what the net takes to lie beyond its edge */
	NET_UNIT = 256,      /* one, in the answers below */
};

/* What one cell says. */
struct net_answer {
	int32_t heat;          /* logit, in NET_UNITs */
	int32_t x, y;          /* centre from the middle of the cell, in cells */
	int32_t log_w, log_h;  /* of the width over 32 px, of the height over 12 px */
	int32_t unused[3];
};

/* A picture with NET_PAD_PX of NET_PAD_GREY about it; pixels points at its first own pixel. */
struct net_picture {
	const uint8_t *pixels;
	size_t stride_bytes;
	uint32_t width_px, height_px;
};

struct net_weights;
/* Finds plates in a picture; looks a second time at what was found. */
extern const struct net_weights net_search, net_verify;

/* One set of inner loops; net_kernels.h lists them. */
struct net_kernels;

uint32_t net_cells(uint32_t px);
/* Work memory for pictures up to this size, answers included. */
size_t net_bytes(const struct net_weights *weights, uint32_t width_px, uint32_t height_px);
/*
 * Returns the answers row by row, net_cells(width) a row; they lie in `work`,
 * 64-byte aligned and at least net_bytes() long, until the next call. Kernels
 * NULL: the best this processor has.
 */
const struct net_answer *net_run(const struct net_weights *weights, const struct net_picture *picture,
                                 struct space work, const struct net_kernels *kernels);

#endif
