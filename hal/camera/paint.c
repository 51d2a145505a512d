/*
 * Polygons, textures and light in grey. See paint.h for why no function of the
 * mathematics library is called here.
 */
#include "paint.h"

#include <string.h>

struct dice
dice_of(uint64_t seed, uint64_t salt)
{
	return (struct dice){.state = seed * 0x9e3779b97f4a7c15u + salt * 0xd1b54a32d192ed03u + 0x632be59bd9b4e019u};
}

/* splitmix64 */
static uint64_t
next(struct dice *d)
{
	uint64_t z = d->state += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

uint32_t
dice_roll(struct dice *d, uint32_t sides)
{
	return (uint32_t)(((next(d) >> 32) * sides) >> 32);
}

double
dice_between(struct dice *d, double least, double most)
{
	return least + (most - least) * (double)dice_roll(d, 1000001) / 1000000.0;
}

static uint8_t
clamp_luma(int32_t v)
{
	return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
}

/* Coordinates far outside a frame say nothing more, and would not fit an int. */
static int32_t
whole(double v)
{
	if (!(v > -30000.0))
		return -30000;
	if (v > 30000.0)
		return 30000;
	return (int32_t)v - (v < (double)(int32_t)v);
}

static int32_t
between(int32_t v, int32_t least, int32_t most)
{
	return v < least ? least : v > most ? most : v;
}

size_t
texture_bytes(int32_t w, int32_t h)
{
	size_t n = 0;

	for (int i = 0; i < TEXTURE_LEVELS; i++)
		n += (size_t)((w >> i) + 1) * (size_t)((h >> i) + 1);
	return n;
}

void
texture_init(struct texture *t, uint8_t *memory, int32_t w, int32_t h)
{
	t->w = w;
	t->h = h;
	for (int i = 0; i < TEXTURE_LEVELS; i++) {
		t->level[i] = memory;
		memory += (size_t)((w >> i) + 1) * (size_t)((h >> i) + 1);
	}
}

void
texture_finish(struct texture *t)
{
	for (int i = 1; i < TEXTURE_LEVELS; i++) {
		int32_t w = t->w >> i, h = t->h >> i, from = t->w >> (i - 1);

		for (int32_t y = 0; y < h; y++)
			for (int32_t x = 0; x < w; x++) {
				const uint8_t *s = t->level[i - 1] + 2 * y * from + 2 * x;

				t->level[i][y * w + x] = (uint8_t)((s[0] + s[1] + s[from] + s[from + 1] + 2) / 4);
			}
	}
}

/* Luma of one row between two places, with the first and last pixel in their share. */
static void
paint_span(uint8_t *row, int32_t w, double from, double to, int32_t luma)
{
	int32_t x0, x1;

	if (from < 0)
		from = 0;
	if (to > (double)w)
		to = (double)w;
	if (!(to > from))
		return;
	x0 = whole(from);
	x1 = whole(to);
	if (x0 == x1) {
		row[x0] = clamp_luma(row[x0] + (int32_t)((to - from) * (double)(luma - row[x0])));
		return;
	}
	row[x0] = clamp_luma(row[x0] + (int32_t)(((double)(x0 + 1) - from) * (double)(luma - row[x0])));
	memset(row + x0 + 1, clamp_luma(luma), (size_t)(x1 - x0 - 1));
	if (x1 < w)
		row[x1] = clamp_luma(row[x1] + (int32_t)((to - (double)x1) * (double)(luma - row[x1])));
}

void
paint_polygon(const struct canvas *c, const struct point *corners, size_t n, int32_t top, int32_t bottom)
{
	double first = 1e9, last = -1e9;
	int32_t y0, y1;

	for (size_t i = 0; i < n; i++) {
		first = corners[i].y < first ? corners[i].y : first;
		last = corners[i].y > last ? corners[i].y : last;
	}
	y0 = between(whole(first), 0, c->h);
	y1 = between(whole(last) + 1, 0, c->h);
	for (int32_t y = y0; y < y1; y++) {
		double at = (double)y + 0.5, from = 1e9, to = -1e9, share;

		for (size_t i = 0; i < n; i++) {
			struct point a = corners[i], b = corners[(i + 1) % n];
			double x;

			if ((a.y <= at) == (b.y <= at))
				continue;
			x = a.x + (b.x - a.x) * ((at - a.y) / (b.y - a.y));
			from = x < from ? x : from;
			to = x > to ? x : to;
		}
		share = last > first ? (at - first) / (last - first) : 0;
		paint_span(c->p + (size_t)y * c->stride, c->w, from, to, top + (int32_t)(share * (double)(bottom - top)));
	}
}

/* From a pixel to the texture: u = (m0 x + m1 y + m2) / (m6 x + m7 y + m8), v likewise. */
struct mapping {
	double m[9];
};

/* Heckbert's unit square to quad, inverted, scaled to texels. Returns 0 when the quad has no area. */
static int
mapping_of(struct mapping *out, const struct point q[4], double w, double h)
{
	double dx1 = q[1].x - q[2].x, dx2 = q[3].x - q[2].x, sx = q[0].x - q[1].x + q[2].x - q[3].x;
	double dy1 = q[1].y - q[2].y, dy2 = q[3].y - q[2].y, sy = q[0].y - q[1].y + q[2].y - q[3].y;
	double det = dx1 * dy2 - dx2 * dy1, g, k, a, b, c, d, e, f;

	if (det > -1e-6 && det < 1e-6)
		return 0;
	g = (sx * dy2 - dx2 * sy) / det;
	k = (dx1 * sy - sx * dy1) / det;
	a = q[1].x - q[0].x + g * q[1].x;
	b = q[3].x - q[0].x + k * q[3].x;
	c = q[0].x;
	d = q[1].y - q[0].y + g * q[1].y;
	e = q[3].y - q[0].y + k * q[3].y;
	f = q[0].y;
	*out = (struct mapping){{(e - f * k) * w, (c * k - b) * w, (b * f - c * e) * w,
				 (f * g - d) * h, (a - c * g) * h, (c * d - a * f) * h,
				 d * k - e * g, b * g - a * k, a * e - b * d}};
	return 1;
}

/* Luma at a place of a texture in texels x 256, between its four neighbours; -1 outside. */
static int32_t
texel(const uint8_t *p, int32_t w, int32_t h, double u, double v)
{
	int32_t x, y, fx, fy, x1, y1;

	if (!(u >= 0 && v >= 0 && u < (double)w && v < (double)h))
		return -1;
	x = between((int32_t)(u * 256.0) - 128, 0, (w - 1) * 256);
	y = between((int32_t)(v * 256.0) - 128, 0, (h - 1) * 256);
	fx = x & 255;
	fy = y & 255;
	x >>= 8;
	y >>= 8;
	x1 = x + 1 < w ? x + 1 : x;
	y1 = y + 1 < h ? y + 1 : y;
	return ((p[y * w + x] * (256 - fx) + p[y * w + x1] * fx) * (256 - fy) +
		(p[y1 * w + x] * (256 - fx) + p[y1 * w + x1] * fx) * fy + 32768) >> 16;
}

static double
span_of(struct point a, struct point b)
{
	double dx = a.x > b.x ? a.x - b.x : b.x - a.x, dy = a.y > b.y ? a.y - b.y : b.y - a.y;

	return dx > dy ? dx + dy * 0.4 : dy + dx * 0.4;
}

static struct box
around(const struct canvas *c, struct point (*quads)[4], size_t n)
{
	double x0 = 1e9, x1 = -1e9, y0 = 1e9, y1 = -1e9;
	struct box b;

	for (size_t i = 0; i < n; i++)
		for (int k = 0; k < 4; k++) {
			struct point p = quads[i][k];

			x0 = p.x < x0 ? p.x : x0;
			x1 = p.x > x1 ? p.x : x1;
			y0 = p.y < y0 ? p.y : y0;
			y1 = p.y > y1 ? p.y : y1;
		}
	b.x = between(whole(x0), 0, c->w);
	b.y = between(whole(y0), 0, c->h);
	b.w = between(whole(x1) + 1, 0, c->w) - b.x;
	b.h = between(whole(y1) + 1, 0, c->h) - b.y;
	return b;
}

/* The halving whose texels are about as large as the pixels they go to. */
static int
level_for(const struct texture *t, const struct point q[4])
{
	double shrink = (double)t->w / (span_of(q[0], q[1]) + 0.01);
	int level = 0;

	while (shrink > 1.6 && level + 1 < TEXTURE_LEVELS && (t->w >> (level + 1)) > 4 && (t->h >> (level + 1)) > 4) {
		shrink /= 2;
		level++;
	}
	return level;
}

void
paint_texture(const struct canvas *c, const struct texture *t, struct point (*quads)[4], size_t n, int32_t gain_permille)
{
	struct mapping map[PAINT_MOMENTS_MAX];
	int level = level_for(t, quads[0]);
	int32_t w = t->w >> level, h = t->h >> level, moments = 0;
	struct box b = around(c, quads, n);

	for (size_t i = 0; i < n && i < PAINT_MOMENTS_MAX; i++)
		moments += mapping_of(&map[moments], quads[i], (double)w, (double)h);
	if (moments == 0)
		return;
	for (int32_t y = b.y; y < b.y + b.h; y++) {
		uint8_t *row = c->p + (size_t)y * c->stride;
		double py = (double)y + 0.5;

		for (int32_t x = b.x; x < b.x + b.w; x++) {
			double px = (double)x + 0.5;
			int32_t sum = 0;

			for (int32_t i = 0; i < moments; i++) {
				const double *m = map[i].m;
				double z = m[6] * px + m[7] * py + m[8];
				int32_t v = texel(t->level[level], w, h, (m[0] * px + m[1] * py + m[2]) / z,
						  (m[3] * px + m[4] * py + m[5]) / z);

				sum += v < 0 ? row[x] : v * gain_permille / 1000;
			}
			row[x] = clamp_luma(sum / moments);
		}
	}
}

void
paint_glow(const struct canvas *c, struct point middle, double radius, int32_t strength)
{
	struct point quad[1][4] = {{{middle.x - radius, middle.y - radius}, {middle.x + radius, middle.y - radius},
				    {middle.x + radius, middle.y + radius}, {middle.x - radius, middle.y + radius}}};
	struct box b = around(c, quad, 1);
	double full = radius * radius;

	if (radius < 0.5)
		return;
	for (int32_t y = b.y; y < b.y + b.h; y++)
		for (int32_t x = b.x; x < b.x + b.w; x++) {
			double dx = (double)x + 0.5 - middle.x, dy = (double)y + 0.5 - middle.y;
			double left = 1.0 - (dx * dx + dy * dy) / full;
			uint8_t *p = c->p + (size_t)y * c->stride + x;

			if (left > 0)
				*p = clamp_luma(*p + (int32_t)((double)strength * left * left * left));
		}
}

void
paint_soften(const struct canvas *c, struct box part)
{
	enum { RUN = 256 };
	uint16_t above[RUN] = {0}, here[RUN] = {0}, below[RUN] = {0};
	int32_t right = between(part.x + part.w, 1, c->w - 1), low = between(part.y + part.h, 1, c->h - 1);

	part.x = between(part.x, 1, right);
	part.y = between(part.y, 1, low);
	part.w = right - part.x;
	part.h = low - part.y;
	/* In columns of RUN, so that the row before, already changed, is kept as it was in `above`. */
	for (int32_t x0 = part.x; x0 < part.x + part.w; x0 += RUN) {
		int32_t n = between(part.x + part.w - x0, 0, RUN);

		for (int32_t y = part.y - 1; y <= part.y + part.h; y++) {
			const uint8_t *s = c->p + (size_t)y * c->stride + x0;

			for (int32_t i = 0; i < n; i++)
				below[i] = (uint16_t)(s[i - 1] + 2 * s[i] + s[i + 1]);
			if (y > part.y) {
				uint8_t *d = c->p + (size_t)(y - 1) * c->stride + x0;

				for (int32_t i = 0; i < n; i++)
					d[i] = (uint8_t)((above[i] + 2 * here[i] + below[i] + 8) >> 4);
			}
			memcpy(above, here, sizeof(above));
			memcpy(here, below, sizeof(here));
		}
	}
}

void
paint_streak(const struct canvas *c, int32_t x, int32_t y, int32_t length, int32_t slant, int32_t strength)
{
	for (int32_t i = 0; i < length; i++) {
		int32_t px = x + i * slant / 16, py = y + i;

		if (px >= 0 && px < c->w && py >= 0 && py < c->h) {
			uint8_t *p = c->p + (size_t)py * c->stride + px;

			*p = clamp_luma(*p + strength);
		}
	}
}

int
point_inside(struct point p, const struct point *corners, size_t n)
{
	int left = 0, right = 0;

	for (size_t i = 0; i < n; i++) {
		struct point a = corners[i], b = corners[(i + 1) % n];
		double side = (b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x);

		left |= side > 0;
		right |= side < 0;
	}
	return !(left && right);
}
