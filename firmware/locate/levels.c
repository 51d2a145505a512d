/*
 * Shrinks a frame for the net. A whole number of pixels is averaged first, and
 * what then is left of the way, less than a factor of two, is a mean over areas
 * with weights in 256ths that add up to one exactly.
 */
#include "locate/levels.h"

#include <string.h>

enum { ONE = 256, SMALLEST_PX = 16, ROWS_KEPT = 3, COLUMNS = 1024 };

/* What one output takes from up to three inputs, from `first` on. */
struct taps {
	uint32_t first;
	uint32_t share[ROWS_KEPT];
};

/* Rows of means, kept while the areas of the rows below may still need them. */
struct means {
	const struct luma *picture;
	const struct level_plan *plan;
	uint8_t *rows[ROWS_KEPT];
	int64_t kept[ROWS_KEPT]; /* which row each holds, or -1 */
	struct taps *across;
	uint16_t *sums;
};

static uint32_t
larger(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

static uint32_t
smaller(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static uint32_t
shrunk(uint32_t px, uint32_t longest)
{
	return longest <= LEVEL_LONGEST_PX ? px : larger(1, (px * LEVEL_LONGEST_PX + longest / 2) / longest);
}

struct level_plan
level_plan(uint32_t width_px, uint32_t height_px)
{
	uint32_t cell = larger(1, larger(width_px, height_px) / LEVEL_LONGEST_PX);
	struct level_plan p = {.cell_w = smaller(cell, width_px), .cell_h = smaller(cell, height_px)};
	uint32_t longest;

	p.mid_w = width_px / p.cell_w;
	p.mid_h = height_px / p.cell_h;
	longest = larger(p.mid_w, p.mid_h);
	p.width = shrunk(p.mid_w, longest);
	p.height = shrunk(p.mid_h, longest);
	return p;
}

static size_t
padded_bytes(uint32_t width, uint32_t height)
{
	return ((size_t)(width + 2 * NET_PAD_PX) * (height + 2 * NET_PAD_PX) + 63) / 64 * 64;
}

static size_t
line_bytes(uint32_t width)
{
	return ((size_t)(width + ROWS_KEPT - 1) * sizeof(uint16_t) + 63) / 64 * 64;
}

static size_t
taps_bytes(uint32_t width)
{
	return (width * sizeof(struct taps) + 63) / 64 * 64;
}

static size_t
bytes_of(uint32_t width, uint32_t height, uint32_t mid_w)
{
	size_t n = (ROWS_KEPT + 1) * line_bytes(mid_w) + taps_bytes(width);

	for (uint32_t i = 0; i < LEVELS_MAX; i++)
		n += padded_bytes(width >> i, height >> i);
	return n;
}

size_t
levels_bytes(uint32_t width_px, uint32_t height_px)
{
	/* A smaller frame may be shrunk less: no level is ever wider or higher than this. */
	uint32_t width = smaller(width_px, LEVEL_LONGEST_PX), height = smaller(height_px, LEVEL_LONGEST_PX);

	return bytes_of(width, height, 2 * LEVEL_LONGEST_PX);
}

static struct taps
taps_of(uint32_t i, uint32_t outputs, uint32_t inputs)
{
	uint64_t from = (uint64_t)i * inputs, to = from + inputs;
	struct taps t = {.first = (uint32_t)(from / outputs)};

	for (uint32_t j = 0; j < ROWS_KEPT; j += 2) {
		uint64_t a = (uint64_t)(t.first + j) * outputs, b = a + outputs;

		a = a > from ? a : from;
		b = b < to ? b : to;
		t.share[j] = b > a ? (uint32_t)(((b - a) * ONE + inputs / 2) / inputs) : 0;
	}
	t.share[1] = ONE - t.share[0] - t.share[2];
	return t;
}

static void
mean_of_four(uint8_t *out, const uint8_t *upper, const uint8_t *lower, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++, upper += 2, lower += 2)
		out[i] = (uint8_t)((upper[0] + upper[1] + lower[0] + lower[1] + 2) / 4);
}

/* The means of `n` cells, whose columns were summed. Inlined, so that a compiler knows the width. */
__attribute__((always_inline)) static inline void
mean_across(uint8_t *out, const uint16_t *columns, uint32_t n, const uint32_t cell_w, uint32_t one)
{
	for (uint32_t x = 0; x < n; x++, columns += cell_w) {
		uint32_t sum = 0;

		for (uint32_t i = 0; i < cell_w; i++)
			sum += columns[i];
		out[x] = (uint8_t)((sum * one + (1U << 19)) >> 20);
	}
}

/* Means of cells that are not more than COLUMNS pixels together: down first, which compilers do many at a time. */
static void
mean_of_cells(uint8_t *out, const uint8_t *in, size_t stride, const struct level_plan *plan, uint32_t n)
{
	uint32_t one = (1U << 20) / (plan->cell_w * plan->cell_h), wide = n * plan->cell_w;
	uint16_t columns[COLUMNS];

	memset(columns, 0, wide * sizeof(columns[0]));
	for (uint32_t j = 0; j < plan->cell_h; j++, in += stride)
		for (uint32_t i = 0; i < wide; i++)
			columns[i] = (uint16_t)(columns[i] + in[i]);
	switch (plan->cell_w) {
	case 3:
		mean_across(out, columns, n, 3, one);
		return;
	case 4:
		mean_across(out, columns, n, 4, one);
		return;
	default:
		mean_across(out, columns, n, plan->cell_w, one);
	}
}

/* One row of means of cells. */
static void
mean_row(uint8_t *out, const struct luma *picture, const struct level_plan *plan, uint32_t y)
{
	const uint8_t *in = picture->pixels + (size_t)y * plan->cell_h * picture->stride_bytes;
	uint32_t most = COLUMNS / plan->cell_w;

	if (plan->cell_w == 1 && plan->cell_h == 1) {
		memcpy(out, in, plan->mid_w);
		return;
	}
	if (plan->cell_w == 2 && plan->cell_h == 2) {
		mean_of_four(out, in, in + picture->stride_bytes, plan->mid_w);
		return;
	}
	CHECK(most > 0 && plan->cell_h <= UINT16_MAX / UINT8_MAX);
	for (uint32_t x = 0; x < plan->mid_w; x += most)
		mean_of_cells(out + x, in + (size_t)x * plan->cell_w, picture->stride_bytes, plan,
			      smaller(most, plan->mid_w - x));
}

static const uint8_t *
mean_row_kept(struct means *m, uint32_t y)
{
	uint32_t row = smaller(y, m->plan->mid_h - 1), slot = row % ROWS_KEPT;

	if (m->kept[slot] != row) {
		mean_row(m->rows[slot], m->picture, m->plan, row);
		m->kept[slot] = row;
	}
	return m->rows[slot];
}

/* The last two sums, of what is not there, are looked at and have no share. */
static void
add_shares(uint16_t *restrict sums, const uint8_t *const rows[ROWS_KEPT], const struct taps *down, uint32_t n)
{
	const uint8_t *restrict a = rows[0], *restrict b = rows[1], *restrict c = rows[2];
	uint16_t share[ROWS_KEPT] = {(uint16_t)down->share[0], (uint16_t)down->share[1],
				     (uint16_t)down->share[2]};

	for (uint32_t x = 0; x < n; x++)
		sums[x] = (uint16_t)(a[x] * share[0] + b[x] * share[1] + c[x] * share[2]);
	sums[n] = sums[n + 1] = 0;
}

/* One row of the first level, from up to three rows of means. */
static void
area_row(uint8_t *out, struct means *m, uint32_t y)
{
	const struct level_plan *p = m->plan;
	struct taps down = taps_of(y, p->height, p->mid_h);
	const uint8_t *rows[ROWS_KEPT];

	for (uint32_t i = 0; i < ROWS_KEPT; i++)
		rows[i] = mean_row_kept(m, down.first + i);
	add_shares(m->sums, rows, &down, p->mid_w);
	for (uint32_t x = 0; x < p->width; x++) {
		const struct taps *t = &m->across[x];
		const uint16_t *sums = m->sums + t->first;
		uint32_t sum = sums[0] * t->share[0] + sums[1] * t->share[1] + sums[2] * t->share[2];

		out[x] = (uint8_t)((sum + ONE * ONE / 2) / (ONE * ONE));
	}
}

static uint8_t *
take(struct space *left, size_t n)
{
	uint8_t *p = left->p;

	CHECK(n <= left->n);
	*left = SPACE(p + n, left->n - n);
	return p;
}

static uint8_t *
new_level(struct levels *levels, struct space *left, uint32_t width, uint32_t height)
{
	size_t stride = width + 2 * NET_PAD_PX, n = padded_bytes(width, height);
	uint8_t *plane = take(left, n), *first = plane + stride * NET_PAD_PX + NET_PAD_PX;

	memset(plane, NET_PAD_GREY, n);
	levels->pictures[levels->n++] = (struct net_picture){first, stride, width, height};
	return first;
}

static struct means
new_means(struct space *left, const struct luma *picture, const struct level_plan *p)
{
	struct means m = {.picture = picture, .plan = p, .kept = {-1, -1, -1}};

	m.sums = (uint16_t *)(void *)take(left, line_bytes(p->mid_w));
	m.across = (struct taps *)(void *)take(left, taps_bytes(p->width));
	for (uint32_t i = 0; i < ROWS_KEPT; i++)
		m.rows[i] = take(left, line_bytes(p->mid_w));
	for (uint32_t x = 0; x < p->width; x++)
		m.across[x] = taps_of(x, p->width, p->mid_w);
	return m;
}

static void
build_first(struct levels *levels, struct space *left, const struct luma *picture)
{
	const struct level_plan *p = &levels->plan;
	struct means means = new_means(left, picture, p);
	uint8_t *out = new_level(levels, left, p->width, p->height);

	for (uint32_t y = 0; y < p->height; y++, out += levels->pictures[0].stride_bytes) {
		if (p->width == p->mid_w && p->height == p->mid_h)
			mean_row(out, picture, p, y);
		else
			area_row(out, &means, y);
	}
}

void
levels_build(struct levels *levels, struct space work, const struct luma *picture)
{
	*levels = (struct levels){.plan = level_plan(picture->width_px, picture->height_px), .work = work};
	build_first(levels, &work, picture);
	while (levels->n < LEVELS_MAX) {
		const struct net_picture *last = &levels->pictures[levels->n - 1];
		uint32_t width = last->width_px / 2, height = last->height_px / 2;
		uint8_t *out;

		if (smaller(width, height) < SMALLEST_PX)
			break;
		out = new_level(levels, &work, width, height);
		for (uint32_t y = 0; y < height; y++, out += width + 2 * NET_PAD_PX) {
			const uint8_t *upper = last->pixels + 2 * (size_t)y * last->stride_bytes;

			mean_of_four(out, upper, upper + last->stride_bytes, width);
		}
	}
}
