/*
 * Finds plates: windows that the model takes for a plate, over all levels of
 * the picture, are gathered where they overlap and averaged into one box each.
 */
#include "locate/find.h"

#include <errno.h>
#include <string.h>

#include "base/wipe.h"
#include "locate/scan.h"
#include "locate/sums.h"

enum {
	WINDOW_LEAST = 0,       /* a window scoring less has no vote */
	PLATE_LEAST = 3000,     /* a gathered box scoring less is not reported */
	SCORE_SPAN = 8000,      /* from 0 to 1000 permille */
	LEVEL_BUDGET = 6000000, /* trees asked on one level */
};

struct find {
	struct sums sums;
	struct scan_size size;
	struct scan_found found;
	uint32_t width_px, height_px;
	struct space rest;
};

static size_t
head_bytes(void)
{
	return (sizeof(struct find) + 63) / 64 * 64;
}

size_t
find_bytes(uint32_t width_px, uint32_t height_px)
{
	return head_bytes() + sums_bytes(width_px, height_px);
}

int
find_init(struct find **f, struct space work, uint32_t width_px, uint32_t height_px)
{
	if (work.n < find_bytes(width_px, height_px) || (uintptr_t)work.p % 64 != 0)
		return -EINVAL;
	*f = (struct find *)(void *)work.p;
	memset(*f, 0, sizeof(**f));
	(*f)->width_px = width_px;
	(*f)->height_px = height_px;
	(*f)->rest = SPACE(work.p + head_bytes(), work.n - head_bytes());
	sums_init(&(*f)->sums, (*f)->rest, width_px, height_px);
	return 0;
}

static int64_t
shared_area(const struct box *a, const struct box *b)
{
	int32_t left = a->x > b->x ? a->x : b->x, top = a->y > b->y ? a->y : b->y;
	int32_t right = a->x + a->w < b->x + b->w ? a->x + a->w : b->x + b->w;
	int32_t bottom = a->y + a->h < b->y + b->h ? a->y + a->h : b->y + b->h;

	return right > left && bottom > top ? (int64_t)(right - left) * (bottom - top) : 0;
}

static int64_t
area(const struct box *b)
{
	return (int64_t)b->w * b->h;
}

/* Do they overlap by at least permille of what they cover together? */
static int
overlap(const struct box *a, const struct box *b, int64_t permille)
{
	int64_t both = shared_area(a, b);

	return both * 1000 >= permille * (area(a) + area(b) - both);
}

static const struct scan_window *
best_window(const struct scan_found *found)
{
	const struct scan_window *best = NULL;

	for (uint32_t i = 0; i < found->n; i++)
		if (!best || found->windows[i].score > best->score)
			best = &found->windows[i];
	return best;
}

/* The mean of all windows that overlap the best one, weighted by score; they are taken out of the list. */
static void
gather(struct plate *plate, struct scan_found *found, struct box best)
{
	int64_t x = 0, y = 0, w = 0, h = 0, weight = 0;
	uint32_t left = 0;

	for (uint32_t i = 0; i < found->n; i++) {
		const struct scan_window *one = &found->windows[i];
		int64_t vote = one->score - WINDOW_LEAST + 1;

		if (!overlap(&best, &one->box, 400)) {
			found->windows[left++] = *one;
			continue;
		}
		vote *= vote;
		weight += vote;
		x += vote * (2 * one->box.x + one->box.w);
		y += vote * (2 * one->box.y + one->box.h);
		w += vote * one->box.w;
		h += vote * one->box.h;
	}
	found->n = left;
	plate->box.w = (int32_t)(w / weight);
	plate->box.h = (int32_t)(h / weight);
	plate->box.x = (int32_t)(x / weight - plate->box.w) / 2;
	plate->box.y = (int32_t)(y / weight - plate->box.h) / 2;
}

static void
clip(struct box *b, const struct luma *picture)
{
	int32_t right = b->x + b->w, bottom = b->y + b->h;

	b->x = b->x < 0 ? 0 : b->x;
	b->y = b->y < 0 ? 0 : b->y;
	right = right > (int32_t)picture->width_px ? (int32_t)picture->width_px : right;
	bottom = bottom > (int32_t)picture->height_px ? (int32_t)picture->height_px : bottom;
	b->w = right - b->x;
	b->h = bottom - b->y;
}

static int
hidden(const struct plate *plates, int n, const struct box *b)
{
	for (int i = 0; i < n; i++) {
		int64_t both = shared_area(&plates[i].box, b);
		int64_t smaller = area(b) < area(&plates[i].box) ? area(b) : area(&plates[i].box);

		if (both * 2 > smaller)
			return 1;
	}
	return 0;
}

static uint32_t
permille(int32_t score)
{
	int32_t p = (int32_t)((int64_t)score * 1000 / SCORE_SPAN);

	return p < 0 ? 0 : p > 1000 ? 1000 : (uint32_t)p;
}

static int
pick(struct find *f, const struct luma *picture, struct plate plates[FIND_PLATES_MAX])
{
	int n = 0;

	while (n < FIND_PLATES_MAX) {
		const struct scan_window *best = best_window(&f->found);

		if (!best || best->score < PLATE_LEAST)
			break;
		plates[n].score_permille = permille(best->score);
		gather(&plates[n], &f->found, best->box);
		clip(&plates[n].box, picture);
		n += plates[n].box.w > 0 && plates[n].box.h > 0 && !hidden(plates, n, &plates[n].box);
	}
	return n;
}

int
find(struct find *f, const struct luma *picture, struct plate plates[FIND_PLATES_MAX])
{
	if (picture->width_px > f->width_px || picture->height_px > f->height_px)
		return -EINVAL;
	f->found.n = 0;
	f->found.floor = WINDOW_LEAST;
	sums_begin(&f->sums, picture);
	if (f->sums.entries == 0)
		return 0;
	do
		scan_level(&f->found, &f->size, &scan_model, &f->sums, LEVEL_BUDGET);
	while (sums_halve(&f->sums));
	return pick(f, picture, plates);
}

void
find_wipe(struct find *f)
{
	wipe(f->rest.p, f->rest.n);
	wipe(&f->found, sizeof(f->found));
}
