/*
 * hal/camera/paint.h - grey polygons, textures and light for the drawn lane.
 *
 * Everything is integers or double with + - * / only, and is compiled without
 * fused multiply-add: the same calls give the same bytes on every machine.
 */
#ifndef HAL_CAMERA_PAINT_H
#define HAL_CAMERA_PAINT_H

#include "base/base.h"

struct canvas {
	uint8_t *p;
	int32_t w, h;
	size_t stride;
};

struct point {
	double x, y;
};

/* Seeded numbers: the state is the seed, each roll moves on. */
struct dice {
	uint64_t state;
};

struct dice dice_of(uint64_t seed, uint64_t salt);
uint32_t dice_roll(struct dice *d, uint32_t sides);                 /* 0 .. sides-1 */
double dice_between(struct dice *d, double least, double most);

/* A grey picture with its halvings; level 0 is w x h. Memory is the owner's. */
enum { TEXTURE_LEVELS = 6 };

struct texture {
	uint8_t *level[TEXTURE_LEVELS];
	int32_t w, h;
};

/* Bytes that texture_init() takes for a picture of at most this size. */
size_t texture_bytes(int32_t w, int32_t h);
void texture_init(struct texture *t, uint8_t *memory, int32_t w, int32_t h);
/* Makes the halvings from level 0. */
void texture_finish(struct texture *t);

/* A convex polygon; luma runs from `top` to `bottom` over its height. Sides are smoothed, flat edges are not. */
void paint_polygon(const struct canvas *c, const struct point *corners, size_t n, int32_t top, int32_t bottom);
/*
 * A texture on a quad (corners clockwise from the texture's top left). Several
 * quads are the places it went through while the shutter was open.
 */
enum { PAINT_MOMENTS_MAX = 6 };
void paint_texture(const struct canvas *c, const struct texture *t, struct point (*quads)[4], size_t n,
		   int32_t gain_permille);
/* A lamp: light falls off from the middle and adds to what is there. */
void paint_glow(const struct canvas *c, struct point middle, double radius, int32_t strength);
/* The lens: a 3x3 binomial over one part of the picture. */
void paint_soften(const struct canvas *c, struct box part);
/* A bright drop of rain, some pixels wide. */
void paint_streak(const struct canvas *c, int32_t x, int32_t y, int32_t length, int32_t slant, int32_t strength);

/* 1 when p lies in the convex polygon. */
int point_inside(struct point p, const struct point *corners, size_t n) MUST_CHECK;

#endif
