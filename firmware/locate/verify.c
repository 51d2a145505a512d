/*
 * Cuts windows as means over areas, or linearly where the plate is smaller than its
 * window, from the coarsest picture that is still fine enough. Integers only.
 */
#include "locate/verify.h"

#include <string.h>

enum {
	FINE = 65536, /* parts of a pixel, of places */
	FINE_OF_SUB = FINE / BOXES_SUB,
	ONE = 256, /* parts of a pixel's share */
	TAPS_MAX = 10,
	STEP_MOST = 8 * FINE,  /* of the source: what TAPS_MAX can take in */
	STEP_LEAST = FINE / 8, /* of the frame */
	SPAN_MOST = VERIFY_W_PX * (STEP_MOST / FINE) + TAPS_MAX,
	STRIDE = VERIFY_W_PX + 2 * NET_PAD_PX,
	CELL_PERMILLE = 100, /* cells less sure have no vote */
	SAME_PERMILLE = 300,
};

/* A picture to cut from. `of` of its pixels are `across` (or `down`) frame pixels. */
struct source {
	const uint8_t *pixels;
	size_t stride_bytes;
	int64_t width, height;
	int64_t across, of_w, down, of_h;
};

/* What one pixel of the window takes from up to TAPS_MAX of the source. */
struct window_taps {
	int64_t first;
	uint32_t n;
	uint32_t share[TAPS_MAX];
};

struct cutting {
	uint8_t window[STRIDE * (VERIFY_H_PX + 2 * NET_PAD_PX)];
	struct window_taps across[VERIFY_W_PX];
	uint16_t sums[SPAN_MOST];
};

size_t
verify_bytes(void)
{
	return (sizeof(struct cutting) + 63) / 64 * 64;
}

static struct source
source_of(const struct luma *picture, const struct levels *levels, uint32_t i)
{
	const struct level_plan *p = &levels->plan;
	const struct net_picture *level = &levels->pictures[i - (i > 0)];

	if (i == 0)
		return (struct source){picture->pixels,
				       picture->stride_bytes,
				       picture->width_px,
				       picture->height_px,
				       1,
				       1,
				       1,
				       1};
	return (struct source){level->pixels,
			       level->stride_bytes,
			       level->width_px,
			       level->height_px,
			       (int64_t)p->cell_w * p->mid_w << (i - 1),
			       p->width,
			       (int64_t)p->cell_h * p->mid_h << (i - 1),
			       p->height};
}

/* The next source when it is fine enough still, or this one too fine to be taken in. */
static struct source
choose(struct verify_window *w, const struct luma *picture, const struct levels *levels)
{
	struct source s = source_of(picture, levels, 0);

	while (w->source < levels->n) {
		struct source next = source_of(picture, levels, w->source + 1);
		int64_t step = w->step * s.of_w / s.across, step_next = w->step * next.of_w / next.across;

		if (step_next < FINE && step <= STEP_MOST)
			break;
		s = next;
		w->source++;
	}
	return s;
}

/* The mean over a pixel of the window, or over a pixel of the source where that is wider. */
static struct window_taps
taps_of(int64_t from, int64_t step)
{
	int64_t wide = step < FINE ? FINE : step, start = from + (step - wide) / 2;
	struct window_taps t = {.first = start >> 16, .n = 0};
	int64_t done = 0;

	for (int64_t end = (t.first + 1) * FINE; done < ONE; end += FINE) {
		int64_t until = (end - start < wide ? end - start : wide) * ONE / wide;

		CHECK(t.n < TAPS_MAX);
		t.share[t.n++] = (uint32_t)(until - done);
		done = until;
	}
	return t;
}

/* Adds one row's share to the sums; beyond the source's edges all is grey. */
static void
add_row(uint16_t *sums, int64_t n, const struct source *s, int64_t x, int64_t y, uint32_t share)
{
	int64_t begin = x < 0 ? -x : 0, end = s->width - x;
	const uint8_t *row;

	begin = begin < n ? begin : n;
	end = end > n ? n : end;
	if (y < 0 || y >= s->height || end <= begin)
		begin = end = n;
	for (int64_t i = 0; i < begin; i++)
		sums[i] = (uint16_t)(sums[i] + NET_PAD_GREY * share);
	for (int64_t i = end; i < n; i++)
		sums[i] = (uint16_t)(sums[i] + NET_PAD_GREY * share);
	if (begin == end)
		return;
	row = s->pixels + (size_t)y * s->stride_bytes + x + begin;
	for (int64_t i = begin; i < end; i++)
		sums[i] = (uint16_t)(sums[i] + *row++ * share);
}

static void
cut_row(uint8_t *out, struct cutting *c, const struct source *s, const struct window_taps *down)
{
	const struct window_taps *last = &c->across[VERIFY_W_PX - 1];
	int64_t x = c->across[0].first, n = last->first + last->n - x;

	CHECK(n <= SPAN_MOST);
	memset(c->sums, 0, (size_t)n * sizeof(c->sums[0]));
	for (uint32_t i = 0; i < down->n; i++)
		add_row(c->sums, n, s, x, down->first + i, down->share[i]);
	for (uint32_t i = 0; i < VERIFY_W_PX; i++) {
		const struct window_taps *t = &c->across[i];
		uint32_t sum = ONE * ONE / 2;

		for (uint32_t j = 0; j < t->n; j++)
			sum += c->sums[t->first - x + j] * t->share[j];
		out[i] = (uint8_t)(sum / (ONE * ONE));
	}
}

static int64_t
at_most(int64_t v, int64_t most)
{
	return v < most ? v : most;
}

static void
place(struct verify_window *w, const struct candidate *about)
{
	w->left = (about->left + about->right) * FINE_OF_SUB / 2 - VERIFY_W_PX / 2 * w->step;
	w->top = (about->top + about->bottom) * FINE_OF_SUB / 2 - VERIFY_H_PX / 2 * w->step;
}

struct verify_window
verify_cut(struct space work, const struct luma *picture, const struct levels *levels,
	   const struct candidate *about)
{
	struct cutting *c = (struct cutting *)(void *)work.p;
	int64_t width = about->right - about->left, height = about->bottom - about->top;
	uint8_t *out = c->window + NET_PAD_PX * STRIDE + NET_PAD_PX;
	struct verify_window w = {.pixels = out, .picture = {out, STRIDE, VERIFY_W_PX, VERIFY_H_PX}};
	struct source s;
	int64_t step;

	CHECK(work.n >= verify_bytes());
	w.step = (width > 2 * height ? width : 2 * height) * FINE_OF_SUB * 2 / VERIFY_W_PX;
	w.step = w.step > STEP_LEAST ? w.step : STEP_LEAST;
	s = choose(&w, picture, levels);
	w.step = at_most(w.step, STEP_MOST * s.across / s.of_w);
	place(&w, about);
	memset(c->window, NET_PAD_GREY, sizeof(c->window));
	step = w.step * s.of_w / s.across;
	for (uint32_t x = 0; x < VERIFY_W_PX; x++)
		c->across[x] = taps_of(w.left * s.of_w / s.across + x * step, step);
	step = at_most(w.step * s.of_h / s.down, STEP_MOST);
	for (uint32_t y = 0; y < VERIFY_H_PX; y++, out += STRIDE) {
		struct window_taps down = taps_of(w.top * s.of_h / s.down + y * step, step);

		cut_row(out, c, &s, &down);
	}
	return w;
}

void
verify_mirror(struct verify_window *w)
{
	uint8_t *row = w->pixels;

	for (uint32_t y = 0; y < VERIFY_H_PX; y++, row += STRIDE)
		for (uint32_t x = 0; x < VERIFY_W_PX / 2; x++) {
			uint8_t left = row[x];

			row[x] = row[VERIFY_W_PX - 1 - x];
			row[VERIFY_W_PX - 1 - x] = left;
		}
}

void
verify_mean(struct net_answer answers[VERIFY_CELLS], const struct net_answer mirrored[VERIFY_CELLS])
{
	for (uint32_t i = 0; i < VERIFY_CELLS; i++) {
		uint32_t column = i % VERIFY_COLUMNS;
		const struct net_answer *m = &mirrored[i - column + VERIFY_COLUMNS - 1 - column];
		struct net_answer *a = &answers[i];

		a->heat = (a->heat + m->heat) / 2;
		a->x = (a->x - m->x) / 2;
		a->y = (a->y + m->y) / 2;
		a->log_w = (a->log_w + m->log_w) / 2;
		a->log_h = (a->log_h + m->log_h) / 2;
	}
}

static int64_t
in_frame(int64_t origin, int64_t step, int64_t sub)
{
	return (origin + sub * step / BOXES_SUB) / FINE_OF_SUB;
}

struct candidate
verify_read(const struct verify_window *w, const struct net_answer *answer, const struct candidate *about,
	    struct candidates *cells)
{
	const struct candidate *best = NULL;

	cells->n = 0;
	for (uint32_t row = 0; row < VERIFY_CELLS / VERIFY_COLUMNS; row++)
		for (uint32_t column = 0; column < VERIFY_COLUMNS; column++, answer++) {
			struct candidate c = boxes_of_cell(answer, column, row);

			c = (struct candidate){
			    in_frame(w->left, w->step, c.left), in_frame(w->top, w->step, c.top),
			    in_frame(w->left, w->step, c.right), in_frame(w->top, w->step, c.bottom),
			    boxes_sure_permille(answer)};
			if (c.permille >= CELL_PERMILLE)
				boxes_keep(cells, &c);
		}
	for (uint32_t i = 0; i < cells->n; i++)
		if (boxes_overlap_permille(&cells->at[i], about) >= SAME_PERMILLE &&
		    (!best || cells->at[i].permille > best->permille))
			best = &cells->at[i];
	return best ? boxes_vote(cells, best) : (struct candidate){.permille = 0};
}
