/*
 * locate/scan.h - slides plate-shaped windows over a level and asks a learnt model about each.
 *
 * The model is a list of small decision trees over box means, measured in
 * sixteenths of the plate's width and eighths of its height, so that one model
 * serves every size and shape of plate. A window is given up as soon as its sum
 * of answers falls under what plates had at that point. tools/train made the
 * model; model.c holds it.
 */
#ifndef LOCATE_SCAN_H
#define LOCATE_SCAN_H

#include "locate/sums.h"

enum {
	SCAN_TREES_MAX = 384,
	SCAN_WINDOWS_MAX = 4096,
	SCAN_WIDTHS = 3,
	SCAN_SHAPES = 4,
	/* Around the plate, what sets the scale of contrast: u and v as in struct scan_box. */
	SCAN_AROUND_U0 = -4,
	SCAN_AROUND_U1 = 20,
	SCAN_AROUND_V0 = -4,
	SCAN_AROUND_V1 = 12,
};

/* Where boxes of the model may lie: the rim of the sums must hold them for the largest window. */
enum { SCAN_U_MIN = -6, SCAN_U_MAX = 22, SCAN_V_MIN = -6, SCAN_V_MAX = 14 };

struct scan_box {
	uint8_t channel;         /* enum sums_channel */
	int8_t u0, v0, u1, v1;   /* sixteenths of the plate's width, eighths of its height */
};

struct scan_tree {
	struct scan_box box[3];  /* asked first, asked after no, asked after yes */
	int16_t at[3];           /* yes: the box's contrast in 64ths of that around the plate is at least this */
	int16_t leaf[4];         /* no-no, no-yes, yes-no, yes-yes; adds up to the score, 1024 to one nat of odds */
	int32_t stop;            /* below this sum the window is given up */
};

struct scan_model {
	uint32_t n_trees;
	const struct scan_tree *trees;
};

struct scan_window {
	struct box box; /* frame pixels; may reach out of the frame by a little */
	int32_t score;
};

/* One window size, with the model's boxes turned into offsets from the window's corner. */
struct scan_size {
	int32_t width_px, height_px;
	int32_t around[4], inner[4];
	int64_t around_area, inner_area;
	struct scan_place {
		int32_t corner[4]; /* + - - + */
		int32_t area;
		uint8_t channel;
	} places[SCAN_TREES_MAX][3];
};

struct scan_found {
	uint32_t n;
	int32_t floor;  /* windows scoring less are not kept */
	struct scan_window windows[SCAN_WINDOWS_MAX];
};

extern const struct scan_model scan_model;
extern const uint8_t scan_widths_px[SCAN_WIDTHS];
extern const uint8_t scan_shapes_tenths[SCAN_SHAPES];

static inline int32_t
scan_height_px(int32_t width_px, int shape)
{
	return (width_px * 10 + scan_shapes_tenths[shape] / 2) / scan_shapes_tenths[shape];
}

/* The size's offsets for this level (they depend on its stride). */
void scan_size_set(struct scan_size *z, const struct scan_model *m, const struct sums *s, int32_t width_px, int32_t height_px);
/* A place's offsets; for the trainer. */
void scan_place_set(struct scan_place *p, struct scan_box b, const struct sums *s, int32_t width_px, int32_t height_px);

/* What is measured once for a window. */
struct scan_around {
	int64_t contrast, luma;
};
/* Returns 0 when there is too little contrast for any plate. */
int scan_look(struct scan_around *a, const struct scan_size *z, const struct sums *s, size_t at) MUST_CHECK;

static inline int64_t
scan_sum(const uint32_t *sum, const int32_t corner[4])
{
	return (int32_t)(sum[corner[0]] - sum[corner[1]] - sum[corner[2]] + sum[corner[3]]);
}

/* Looks at every window of one level; adds to *found. Stops when the work of `budget` trees is done. */
void scan_level(struct scan_found *found, struct scan_size *z, const struct scan_model *m, const struct sums *s, int64_t budget);

#endif
