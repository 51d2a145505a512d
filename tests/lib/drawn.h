/*
 * tests/lib/drawn.h - pictures that a finder is tried on: nothing, patterns that are
 * taken for plates easily, and plates. The same on every machine.
 */
#ifndef TESTS_DRAWN_H
#define TESTS_DRAWN_H

#include <stdint.h>

enum drawn {
	DRAWN_BLACK,
	DRAWN_WHITE,
	DRAWN_SLOPE,
	DRAWN_NOISE,
	DRAWN_CHECKS,       /* fields of 3 pixels */
	DRAWN_CHECKS_LARGE, /* of 24 */
	DRAWN_STRIPES,      /* of 2 pixels */
	DRAWN_GRILLE,
	DRAWN_BRICKS,
	DRAWN_WINDOWS,
	DRAWN_POSTER, /* lines of large and small print */
	DRAWN_LANE,   /* grey boxes, and six plates */
	DRAWN_PLATES, /* as many as there is room for */
	DRAWN_KINDS
};

extern const char *const drawn_names[DRAWN_KINDS];

void drawn_fill(uint8_t *pixels, uint32_t width, uint32_t height, uint32_t stride, enum drawn what);

#endif
