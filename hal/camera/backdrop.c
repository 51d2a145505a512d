/*
 * What does not move: drawn once for the day and once for the night. It holds
 * things that look a little like plates: a sign with lines of text, a drain
 * grating, the louvres of the booth.
 */
#include "backdrop.h"

#include "plate.h"

#include <string.h>

enum { SIGN_W = 400, SIGN_H = 260 };

size_t
backdrop_bytes(void)
{
	return texture_bytes(SIGN_W, SIGN_H);
}

static uint32_t
hash(uint64_t seed, int32_t x, int32_t y)
{
	struct dice d = dice_of(seed, ((uint64_t)(uint32_t)x << 32) | (uint32_t)y);

	return dice_roll(&d, 1024);
}

static int32_t
floor_of(double v)
{
	return (int32_t)v - (v < (double)(int32_t)v);
}

/* Smooth seeded unevenness, 0..1023, with one lattice point a unit. */
static double
grain(uint64_t seed, double x, double y)
{
	int32_t ix = floor_of(x), iy = floor_of(y);
	double fx = x - (double)ix, fy = y - (double)iy;
	double a = hash(seed, ix, iy), b = hash(seed, ix + 1, iy), c = hash(seed, ix, iy + 1), d = hash(seed, ix + 1, iy + 1);

	return (a + (b - a) * fx) * (1 - fy) + (c + (d - c) * fx) * fy;
}

static double
apart(double a, double b)
{
	return a > b ? a - b : b - a;
}

/* Luma of the ground in full light. */
static double
ground(uint64_t seed, double x, double z)
{
	double base = 96 + grain(seed, x * 2.5, z * 2.5) / 60 + grain(seed + 1, x * 28, z * 28) / 45;

	if (x > 3.25 || x < -0.75) { /* pavement of slabs, and its kerb */
		double slab_x = x * 1.8 - (double)floor_of(x * 1.8), slab_z = z * 1.2 - (double)floor_of(z * 1.2);

		base += (x < 3.45 && x > -0.95) ? 62 : 34;
		return slab_x < 0.05 || slab_z < 0.05 ? base - 26 : base;
	}
	if (apart(x, 3.0) < 0.06 || (apart(x, 0.08) < 0.06 && z - 3 * (double)floor_of(z / 3) < 1.9))
		return base + 72; /* lines */
	if (apart(x, 1.1) < 0.22 || apart(x, 2.3) < 0.22)
		base -= 9; /* where wheels run */
	if (apart(x, 2.72) < 0.18 && apart(z, 6.3) < 0.4) /* drain */
		return apart(x, 2.72) > 0.15 || apart(z, 6.3) > 0.37 || z * 12 - (double)floor_of(z * 12) < 0.45 ? 120 : 22;
	return base;
}

/* Share of full light at a distance by night. */
static double
lamp(double z)
{
	double share = 1.9 / (z < 2 ? 2 : z);

	return share > 0.34 ? 0.34 : share;
}

static void
draw_ground(const struct canvas *c, const struct view *view, uint64_t seed, int night)
{
	for (int32_t y = 0; y < c->h; y++)
		for (int32_t x = 0; x < c->w; x++) {
			struct place at;
			double luma = night ? 8 : 150;

			if (view_ground(view, (double)x + 0.5, (double)y + 0.5, &at) && at.z < 60) {
				luma = ground(seed, at.x, at.z);
				luma = night ? luma * lamp(at.z) : luma;
			}
			c->p[(size_t)y * c->stride + (size_t)x] = (uint8_t)luma;
		}
}

struct scenery {
	double x0, y0, x1, y1, z;
	int32_t top, bottom; /* by day */
};

static const struct scenery walls[] = {
	{-9.0, 0.0, 12.0, 6.0, 42.0, 150, 128},  /* a building */
	{-7.0, 1.0, -5.0, 2.4, 41.0, 70, 60},    /* its windows */
	{-3.5, 1.0, -1.5, 2.4, 41.0, 74, 62},
	{1.0, 1.0, 3.0, 2.4, 41.0, 70, 60},
	{4.5, 1.0, 6.5, 2.4, 41.0, 76, 66},
	{4.1, 0.0, 6.2, 2.6, 13.0, 176, 140},    /* the booth */
	{4.3, 1.2, 6.0, 2.3, 12.95, 66, 84},     /* its window */
	{3.55, 0.0, 3.63, 2.3, 9.0, 60, 52},     /* post of the sign */
	{-1.4, 0.0, -1.2, 0.95, 5.5, 210, 190},  /* bollards */
	{-1.4, 0.55, -1.2, 0.75, 5.49, 60, 60},
	{-1.4, 0.0, -1.2, 0.95, 9.0, 205, 185},
	{-1.4, 0.55, -1.2, 0.75, 8.99, 60, 60},
	{3.5, 0.0, 3.7, 0.95, 6.0, 205, 185},
	{3.5, 0.55, 3.7, 0.75, 5.99, 60, 60},
};

static void
draw_wall(const struct canvas *c, const struct view *view, const struct scenery *s, int night)
{
	struct place q[4] = {{s->x0, s->y1, s->z}, {s->x1, s->y1, s->z}, {s->x1, s->y0, s->z}, {s->x0, s->y0, s->z}};
	double share = night ? lamp(s->z) : 1;

	view_paint(view, c, q, 4, (int32_t)((double)s->top * share), (int32_t)((double)s->bottom * share));
}

static void
draw_sign(const struct canvas *c, const struct view *view, int night, uint8_t *work)
{
	static const struct place at[4] = {{3.5, 2.05, 8.95}, {4.75, 2.05, 8.95}, {4.75, 1.2, 8.95}, {3.5, 1.2, 8.95}};
	struct texture t;
	struct point quad[1][4];

	texture_init(&t, work, SIGN_W, SIGN_H);
	memset(t.level[0], 70, (size_t)SIGN_W * SIGN_H);
	glyphs_draw(t.level[0], SIGN_W, SIGN_H, "LANE 4", 40, 24, 52, 66, 225);
	glyphs_draw(t.level[0], SIGN_W, SIGN_H, "CARDS ONLY", 30, 118, 34, 44, 225);
	glyphs_draw(t.level[0], SIGN_W, SIGN_H, "MAX 20 KMH", 30, 190, 34, 44, 225);
	texture_finish(&t);
	for (int i = 0; i < 4; i++)
		if (!view_point(view, at[i], &quad[0][i]))
			return;
	paint_texture(c, &t, quad, 1, night ? 300 : 900);
}

void
backdrop_draw(const struct canvas *c, const struct view *view, uint64_t seed, int night, uint8_t *work)
{
	draw_ground(c, view, seed, night);
	for (size_t i = 0; i < ARRAY_SIZE(walls); i++)
		draw_wall(c, view, &walls[i], night);
	for (int i = 0; i < 9; i++) { /* louvres */
		struct scenery s = {4.5, 0.3 + 0.07 * (double)i, 5.4, 0.335 + 0.07 * (double)i, 12.94, 60, 50};

		draw_wall(c, view, &s, night);
	}
	draw_sign(c, view, night, work);
	paint_soften(c, (struct box){0, 0, c->w, c->h});
}
