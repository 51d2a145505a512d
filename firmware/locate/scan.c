/*
 * The inner loop of the finder. All comparisons are exact in 64-bit integers:
 * the mean of a box is compared with a share of the mean contrast around the
 * plate by multiplying out, so no rounding differs between machines.
 */
#include "locate/scan.h"

/* The next level is half as large, so these steps go on: 28, 35, 44, 56 ... */
const uint8_t scan_widths_px[SCAN_WIDTHS] = {28, 35, 44};
const uint8_t scan_shapes_tenths[SCAN_SHAPES] = {45, 31, 21, 15};

enum {
	STROKE_LEAST = 8, /* mean horizontal gradient inside a plate: less cannot be read either */
	CONTRAST_FLOOR = 3, /* keeps noise on flat ground from looking like contrast */
};

static int32_t
part(int32_t size, int32_t n, int32_t of)
{
	int32_t at = size * n * 2 + of;

	/* rounds down for negative numbers too */
	return at >= 0 ? at / (2 * of) : -((-at + 2 * of - 1) / (2 * of));
}

static int64_t
corners(int32_t corner[4], const struct sums *s, int32_t x0, int32_t y0, int32_t x1, int32_t y1)
{
	int32_t stride = (int32_t)s->stride;

	x1 += x1 == x0;
	y1 += y1 == y0;
	corner[0] = y0 * stride + x0;
	corner[1] = y0 * stride + x1;
	corner[2] = y1 * stride + x0;
	corner[3] = y1 * stride + x1;
	return (int64_t)(x1 - x0) * (y1 - y0);
}

void
scan_place_set(struct scan_place *p, struct scan_box b, const struct sums *s, int32_t width_px, int32_t height_px)
{
	p->area = (int32_t)corners(p->corner, s, part(width_px, b.u0, 16), part(height_px, b.v0, 8), part(width_px, b.u1, 16),
				   part(height_px, b.v1, 8));
	p->channel = b.channel;
}

void
scan_size_set(struct scan_size *z, const struct scan_model *m, const struct sums *s, int32_t width_px, int32_t height_px)
{
	z->width_px = width_px;
	z->height_px = height_px;
	z->around_area = corners(z->around, s, part(width_px, SCAN_AROUND_U0, 16), part(height_px, SCAN_AROUND_V0, 8),
				 part(width_px, SCAN_AROUND_U1, 16), part(height_px, SCAN_AROUND_V1, 8));
	z->inner_area = corners(z->inner, s, part(width_px, 1, 16), part(height_px, 2, 8), part(width_px, 15, 16),
				part(height_px, 6, 8));
	for (uint32_t t = 0; t < m->n_trees; t++)
		for (int i = 0; i < 3; i++)
			scan_place_set(&z->places[t][i], m->trees[t].box[i], s, width_px, height_px);
}

int
scan_look(struct scan_around *a, const struct scan_size *z, const struct sums *s, size_t at)
{
	if (scan_sum(s->sum[SUMS_STROKE] + at, z->inner) < STROKE_LEAST * z->inner_area)
		return 0;
	a->contrast = scan_sum(s->sum[SUMS_STROKE] + at, z->around) + scan_sum(s->sum[SUMS_BAR] + at, z->around) +
		      CONTRAST_FLOOR * z->around_area;
	a->luma = scan_sum(s->sum[SUMS_LUMA] + at, z->around);
	return 1;
}

/* Is the box's mean, less the mean luma around for the luma channel, at least limit/64 of the contrast around? */
static int
ask(const struct scan_place *p, int16_t limit, const struct scan_around *a, const struct scan_size *z, const struct sums *s,
    size_t at)
{
	int64_t sum = scan_sum(s->sum[p->channel] + at, p->corner) * z->around_area;

	if (p->channel == SUMS_LUMA)
		sum -= a->luma * p->area;
	return 64 * sum >= limit * a->contrast * p->area;
}

static int
judge(int32_t *score, int64_t *budget, const struct scan_size *z, const struct scan_model *m, const struct sums *s, size_t at)
{
	struct scan_around a;

	if (!scan_look(&a, z, s, at))
		return 0;
	*score = 0;
	for (uint32_t t = 0; t < m->n_trees; t++) {
		const struct scan_tree *tree = &m->trees[t];
		int first = ask(&z->places[t][0], tree->at[0], &a, z, s, at);
		int then = ask(&z->places[t][1 + first], tree->at[1 + first], &a, z, s, at);

		*score += tree->leaf[2 * first + then];
		if (*score < tree->stop) {
			*budget -= t + 1;
			return 0;
		}
	}
	*budget -= m->n_trees;
	return 1;
}

/* Full: the windows below the mean score make room, and nothing as low is kept from now on. */
static void
thin_out(struct scan_found *found)
{
	int64_t sum = 0;
	uint32_t kept = 0;

	for (uint32_t i = 0; i < found->n; i++)
		sum += found->windows[i].score;
	found->floor = (int32_t)(sum / found->n) + 1;
	for (uint32_t i = 0; i < found->n; i++)
		if (found->windows[i].score >= found->floor)
			found->windows[kept++] = found->windows[i];
	found->n = kept;
}

static void
keep(struct scan_found *found, struct box box, int32_t score)
{
	if (score < found->floor)
		return;
	if (found->n == SCAN_WINDOWS_MAX)
		thin_out(found);
	found->windows[found->n++] = (struct scan_window){box, score};
}

static void
scan_one_size(struct scan_found *found, const struct scan_size *z, const struct scan_model *m, const struct sums *s,
	      int64_t *budget)
{
	/* the model was taught on windows that are off by half of this */
	int32_t step_x = (z->width_px + 4) / 10, step_y = z->height_px * 2 / 9;
	int32_t to = (int32_t)s->shrink, score;

	step_y += step_y == 0;
	for (int32_t y = 0; y + z->height_px <= (int32_t)s->height_px; y += step_y)
		for (int32_t x = 0; x + z->width_px <= (int32_t)s->width_px; x += step_x) {
			if (*budget <= 0)
				return;
			if (judge(&score, budget, z, m, s, sums_at(s, x, y)))
				keep(found, (struct box){x * to, y * to, z->width_px * to, z->height_px * to}, score);
		}
}

void
scan_level(struct scan_found *found, struct scan_size *z, const struct scan_model *m, const struct sums *s, int64_t budget)
{
	for (int w = 0; w < SCAN_WIDTHS; w++)
		for (int shape = 0; shape < SCAN_SHAPES; shape++) {
			scan_size_set(z, m, s, scan_widths_px[w], scan_height_px(scan_widths_px[w], shape));
			scan_one_size(found, z, m, s, &budget);
		}
}
