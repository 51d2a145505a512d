/*
 * hal/camera/plate.h - draws a number plate, one texel a millimetre.
 *
 * Proportions and layouts follow what is on the road in several regions; the
 * letters are our own strokes, and the numbers are made up.
 */
#ifndef HAL_CAMERA_PLATE_H
#define HAL_CAMERA_PLATE_H

#include "paint.h"

enum plate_wear { PLATE_CLEAN, PLATE_WORN, PLATE_DIRTY /* nobody could read it */, PLATE_NONE };

enum { PLATE_HOLDER_MM = 9, PLATE_WIDEST_MM = 560, PLATE_TALLEST_MM = 260 };

struct plate_layout {
	const char *region;
	int32_t w_mm, h_mm;
	/* 'L' a letter, 'D' a digit, ' ' a gap, '-' a seal; a second line makes it a two-line plate */
	const char *lines[2];
	int32_t line_mm[2];      /* height of the letters of each line */
	int32_t letter_mm;       /* width of one letter with its gap */
	int32_t band;            /* 'L' a strip left, 'T' a strip on top with a small word, 0 none */
	const char *word;        /* on the strip or above the number, or NULL */
	int dark;                /* light letters on a dark plate */
	int32_t likelihood;
};

extern const struct plate_layout plate_layouts[];
extern const uint32_t plate_layout_count;

const struct plate_layout *plate_pick(struct dice *d);

/* Fills t, holder included: (w_mm + 2 holder) x (h_mm + 2 holder). `memory`: texture_bytes() of the widest and tallest. */
void plate_draw(struct texture *t, uint8_t *memory, const struct plate_layout *layout, enum plate_wear wear,
		int night, struct dice *d);

/* Text in the same strokes, for signs: letters of `height` texels from (x, y). */
void glyphs_draw(uint8_t *p, int32_t w, int32_t h, const char *text, int32_t x, int32_t y, int32_t letter_w,
		 int32_t height, int32_t luma);

#endif
