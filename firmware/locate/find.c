/*
 * Finds plates: the net says for every cell of the picture, at several sizes,
 * whether a plate's centre is there; what agrees is gathered to one box.
 * Everything is in integers, so that every machine reports the same boxes.
 */
#include "locate/find.h"

#include <errno.h>
#include <string.h>

#include "base/wipe.h"
#include "locate/levels.h"
#include "locate/net.h"

enum {
	CANDIDATES_MAX = 512, /* of one frame; the least sure give way */
	CANDIDATE_PERMILLE = 300,
	PLATE_PERMILLE = 660,
	SAME_PERMILLE = 450,   /* boxes sharing this much of their union are one plate */
	INSIDE_PERMILLE = 600, /* or this much of the smaller */
	VOTE_PERMILLE = 500,
	SUB = 64,              /* parts of a pixel */
	PLATE_W_PX = 32,       /* what the net's logarithms are relative to */
	PLATE_H_PX = 12,
};

/* Small things at the finest levels are more often no plate. */
static const int32_t less_permille[LEVELS_MAX] = {80, 40, 0, 0};

/* Edges in SUBs of a frame pixel. */
struct candidate {
	int64_t left, top, right, bottom;
	int32_t permille;
};

struct find {
	uint32_t width_px, height_px;
	struct levels levels;
	struct space levels_work, net_work;
	struct candidate candidates[CANDIDATES_MAX];
	uint32_t n;
};

static size_t
rounded(size_t n)
{
	return (n + 63) / 64 * 64;
}

static size_t
net_most(uint32_t width_px, uint32_t height_px)
{
	return net_bytes(&net_search, width_px < LEVEL_LONGEST_PX ? width_px : LEVEL_LONGEST_PX,
	                 height_px < LEVEL_LONGEST_PX ? height_px : LEVEL_LONGEST_PX);
}

size_t
find_bytes(uint32_t width_px, uint32_t height_px)
{
	return rounded(sizeof(struct find)) + levels_bytes(width_px, height_px) +
	       rounded(net_most(width_px, height_px));
}

int
find_init(struct find **f, struct space work, uint32_t width_px, uint32_t height_px)
{
	size_t head = rounded(sizeof(struct find)), levels = levels_bytes(width_px, height_px);

	if (work.n < find_bytes(width_px, height_px) || (uintptr_t)work.p % 64 != 0)
		return -EINVAL;
	*f = (struct find *)(void *)work.p;
	memset(*f, 0, sizeof(**f));
	(*f)->width_px = width_px;
	(*f)->height_px = height_px;
	(*f)->levels_work = SPACE(work.p + head, levels);
	(*f)->net_work = SPACE(work.p + head + levels, rounded(net_most(width_px, height_px)));
	return 0;
}

/* e to the power of v, both in NET_UNITs, for -8 <= v <= 8; within a third of a percent. */
static int64_t
power_of_e(int32_t v)
{
	int32_t two = v * 369 / NET_UNIT + 16 * NET_UNIT; /* as a power of two, made positive */
	int32_t whole = two / NET_UNIT - 16, part = two % NET_UNIT;
	int64_t p = NET_UNIT * NET_UNIT + part * (168 * NET_UNIT + 88 * part) / NET_UNIT;

	return (whole >= 0 ? p << whole : p >> -whole) / NET_UNIT;
}

static int32_t
within(int32_t v, int32_t most)
{
	return v < -most ? -most : v > most ? most : v;
}

/* The logistic function. */
static int32_t
sure_permille(int32_t heat)
{
	int64_t against = power_of_e(-within(heat, 5 * NET_UNIT));

	return (int32_t)(1000 * NET_UNIT / (NET_UNIT + against));
}

static void
keep(struct find *f, const struct candidate *c)
{
	uint32_t worst = 0;

	if (f->n < CANDIDATES_MAX) {
		f->candidates[f->n++] = *c;
		return;
	}
	for (uint32_t i = 1; i < f->n; i++)
		if (f->candidates[i].permille < f->candidates[worst].permille)
			worst = i;
	if (c->permille > f->candidates[worst].permille)
		f->candidates[worst] = *c;
}

/* The box of one cell, in the frame. */
static struct candidate
candidate_of(const struct find *f, const struct net_answer *a, uint32_t column, uint32_t row, uint32_t level)
{
	const struct level_plan *p = &f->levels.plan;
	int64_t across = (int64_t)p->cell_w * p->mid_w << level, down = (int64_t)p->cell_h * p->mid_h << level;
	int64_t cell = NET_CELL_PX * SUB, wide = p->width, high = p->height;
	int64_t x = column * cell + cell / 2 + a->x * cell / NET_UNIT;
	int64_t y = row * cell + cell / 2 + a->y * cell / NET_UNIT;
	int64_t w = power_of_e(within(a->log_w, 3 * NET_UNIT)) * PLATE_W_PX * SUB / NET_UNIT;
	int64_t h = power_of_e(within(a->log_h, 3 * NET_UNIT)) * PLATE_H_PX * SUB / NET_UNIT;

	return (struct candidate){
		.left = (x - w / 2) * across / wide,
		.top = (y - h / 2) * down / high,
		.right = (x + w / 2) * across / wide,
		.bottom = (y + h / 2) * down / high,
	};
}

static void
look_at_level(struct find *f, uint32_t level)
{
	const struct net_picture *picture = &f->levels.pictures[level];
	const struct net_answer *answer = net_run(&net_search, picture, f->net_work, NET_BEST);
	uint32_t columns = net_cells(picture->width_px), rows = net_cells(picture->height_px);

	for (uint32_t row = 0; row < rows; row++) {
		for (uint32_t column = 0; column < columns; column++, answer++) {
			struct candidate c;
			int32_t permille = sure_permille(answer->heat) - less_permille[level];

			if (permille < CANDIDATE_PERMILLE)
				continue;
			c = candidate_of(f, answer, column, row, level);
			c.permille = permille;
			keep(f, &c);
		}
	}
}

static int64_t
area(const struct candidate *c)
{
	return (c->right - c->left) * (c->bottom - c->top);
}

static int64_t
shared_area(const struct candidate *a, const struct candidate *b)
{
	int64_t left = a->left > b->left ? a->left : b->left, top = a->top > b->top ? a->top : b->top;
	int64_t right = a->right < b->right ? a->right : b->right;
	int64_t bottom = a->bottom < b->bottom ? a->bottom : b->bottom;

	return right > left && bottom > top ? (right - left) * (bottom - top) : 0;
}

/* What they share of what they cover together. */
static int64_t
overlap_permille(const struct candidate *a, const struct candidate *b)
{
	int64_t both = shared_area(a, b), all = area(a) + area(b) - both;

	return all > 0 ? both * 1000 / all : 0;
}

static int
inside(const struct candidate *a, const struct candidate *b)
{
	int64_t smaller = area(a) < area(b) ? area(a) : area(b);

	return shared_area(a, b) * 1000 > INSIDE_PERMILLE * smaller;
}

/* The mean of all candidates that agree with this one, the surer the heavier. */
static struct candidate
vote(const struct find *f, const struct candidate *best)
{
	struct candidate mean = {.permille = best->permille};
	int64_t weights = 0;

	for (uint32_t i = 0; i < f->n; i++) {
		const struct candidate *c = &f->candidates[i];
		int64_t same = overlap_permille(best, c), weight = same * c->permille * c->permille;

		if (same < VOTE_PERMILLE)
			continue;
		weights += weight;
		mean.left += weight * c->left;
		mean.top += weight * c->top;
		mean.right += weight * c->right;
		mean.bottom += weight * c->bottom;
	}
	mean.left /= weights;
	mean.top /= weights;
	mean.right /= weights;
	mean.bottom /= weights;
	return mean;
}

static int32_t
edge(int64_t sub, uint32_t most)
{
	int64_t px = (sub + SUB / 2) / SUB;

	return (int32_t)(sub < 0 ? 0 : px > most ? most : px);
}

static int
report(struct plate *plate, const struct candidate *c, const struct luma *picture)
{
	int32_t left = edge(c->left, picture->width_px), right = edge(c->right, picture->width_px);
	int32_t top = edge(c->top, picture->height_px), bottom = edge(c->bottom, picture->height_px);

	plate->box = (struct box){left, top, right - left, bottom - top};
	plate->score_permille = (uint32_t)c->permille;
	return right > left && bottom > top;
}

/* Takes the best first; what is the same plate as one taken has had its vote and is dropped. */
static int
gather(struct find *f, const struct luma *picture, struct plate plates[FIND_PLATES_MAX])
{
	struct candidate taken[FIND_PLATES_MAX], means[FIND_PLATES_MAX];
	uint8_t gone[CANDIDATES_MAX] = {0};
	int n = 0;

	while (n < FIND_PLATES_MAX) {
		const struct candidate *best = NULL;
		int hidden = 0;

		for (uint32_t i = 0; i < f->n; i++)
			if (!gone[i] && (!best || f->candidates[i].permille > best->permille))
				best = &f->candidates[i];
		if (!best || best->permille < PLATE_PERMILLE)
			break;
		taken[n] = *best;
		means[n] = vote(f, best);
		for (uint32_t i = 0; i < f->n; i++)
			gone[i] |= overlap_permille(&taken[n], &f->candidates[i]) > SAME_PERMILLE ||
			           inside(&taken[n], &f->candidates[i]);
		for (int i = 0; i < n; i++)
			hidden |= inside(&means[i], &means[n]);
		gone[best - f->candidates] = 1;
		n += !hidden && report(&plates[n], &means[n], picture);
	}
	return n;
}

int
find(struct find *f, const struct luma *picture, struct plate plates[FIND_PLATES_MAX])
{
	if (picture->width_px > f->width_px || picture->height_px > f->height_px || !picture->width_px ||
	    !picture->height_px)
		return -EINVAL;
	f->n = 0;
	levels_build(&f->levels, f->levels_work, picture);
	for (uint32_t i = 0; i < f->levels.n; i++)
		look_at_level(f, i);
	return gather(f, picture, plates);
}

void
find_wipe(struct find *f)
{
	f->n = 0;
	wipe(f->candidates, sizeof(f->candidates));
	wipe(f->levels_work.p, f->levels_work.n);
	wipe(f->net_work.p, f->net_work.n);
}
