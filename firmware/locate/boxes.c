/*
 * The net's answers as boxes. Exponentials and the logistic function are integers
 * too, so that every machine gives the same edges.
 */
#include "locate/boxes.h"

enum {
	SAME_PERMILLE = 450,   /* boxes sharing this much of their union are one plate */
	INSIDE_PERMILLE = 600, /* or this much of the smaller */
	VOTE_PERMILLE = 500,
	PLATE_W_PX = 32, /* what the net's logarithms are relative to */
	PLATE_H_PX = 12,
};

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
int32_t
boxes_sure_permille(const struct net_answer *answer)
{
	int64_t against = power_of_e(-within(answer->heat, 5 * NET_UNIT));

	return (int32_t)(1000 * NET_UNIT / (NET_UNIT + against));
}

struct candidate
boxes_of_cell(const struct net_answer *a, uint32_t column, uint32_t row)
{
	int64_t cell = NET_CELL_PX * BOXES_SUB;
	int64_t x = column * cell + cell / 2 + a->x * cell / NET_UNIT;
	int64_t y = row * cell + cell / 2 + a->y * cell / NET_UNIT;
	int64_t w = power_of_e(within(a->log_w, 3 * NET_UNIT)) * PLATE_W_PX * BOXES_SUB / NET_UNIT;
	int64_t h = power_of_e(within(a->log_h, 3 * NET_UNIT)) * PLATE_H_PX * BOXES_SUB / NET_UNIT;

	return (struct candidate){.left = x - w / 2, .top = y - h / 2, .right = x + w / 2, .bottom = y + h / 2};
}

void
boxes_keep(struct candidates *all, const struct candidate *c)
{
	uint32_t worst = 0;

	if (all->n < BOXES_CANDIDATES_MAX) {
		all->at[all->n++] = *c;
		return;
	}
	for (uint32_t i = 1; i < all->n; i++)
		if (all->at[i].permille < all->at[worst].permille)
			worst = i;
	if (c->permille > all->at[worst].permille)
		all->at[worst] = *c;
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

int64_t
boxes_overlap_permille(const struct candidate *a, const struct candidate *b)
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

struct candidate
boxes_vote(const struct candidates *all, const struct candidate *best)
{
	struct candidate mean = {.permille = best->permille};
	int64_t weights = 0;

	for (uint32_t i = 0; i < all->n; i++) {
		const struct candidate *c = &all->at[i];
		int64_t same = boxes_overlap_permille(best, c), weight = same * c->permille * c->permille;

		if (same < VOTE_PERMILLE)
			continue;
		weights += weight;
		mean.left += weight * c->left;
		mean.top += weight * c->top;
		mean.right += weight * c->right;
		mean.bottom += weight * c->bottom;
	}
	if (weights == 0)
		return *best;
	mean.left /= weights;
	mean.top /= weights;
	mean.right /= weights;
	mean.bottom /= weights;
	return mean;
}

static const struct candidate *
surest(const struct candidates *all, const uint8_t gone[BOXES_CANDIDATES_MAX])
{
	const struct candidate *best = NULL;

	for (uint32_t i = 0; i < all->n; i++)
		if (!gone[i] && (!best || all->at[i].permille > best->permille))
			best = &all->at[i];
	return best;
}

uint32_t
boxes_gather(const struct candidates *all, int32_t least_permille, enum boxes_nested nested,
             struct candidate gathered[BOXES_MOST])
{
	uint8_t gone[BOXES_CANDIDATES_MAX] = {0};
	uint32_t n = 0;

	while (n < BOXES_MOST) {
		const struct candidate *best = surest(all, gone);
		int hidden = 0;

		if (!best || best->permille < least_permille)
			break;
		gathered[n] = boxes_vote(all, best);
		for (uint32_t i = 0; i < all->n; i++)
			gone[i] |= &all->at[i] == best || (nested == BOXES_DROP_NESTED && inside(best, &all->at[i])) ||
			           boxes_overlap_permille(best, &all->at[i]) > SAME_PERMILLE;
		for (uint32_t i = 0; i < n && nested == BOXES_DROP_NESTED; i++)
			hidden |= inside(&gathered[i], &gathered[n]);
		n += !hidden;
	}
	return n;
}
