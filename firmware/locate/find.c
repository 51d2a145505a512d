/*
 * Finds plates: one net searches the whole picture at several sizes, another looks
 * again at what the first found. Everything is in integers, so that every machine
 * reports the same boxes.
 */
#include "locate/find.h"

#include <errno.h>
#include <string.h>

#include "base/wipe.h"
#include "locate/boxes.h"
#include "locate/levels.h"
#include "locate/net_kernels.h"
#include "locate/verify.h"

enum {
	CANDIDATE_PERMILLE = 450, /* of the search: gets a second look */
	PLATE_PERMILLE = 630,
	SEARCH_SHARE_PERMILLE = 600, /* what the search's score counts in the last one */
	LOOKS_MOST = BOXES_MOST,     /* of a frame, mirrored ones among them */
	FURTHER_OFF = 3,             /* plates so much narrower than a surer one are not of this lane */
};

/* Small things at the finest levels are more often no plate. */
static const int32_t less_permille[LEVELS_MAX] = {80, 40, 0, 0};

struct find {
	uint32_t width_px, height_px;
	struct levels levels;
	struct space levels_work, net_work, verify_work;
	struct candidates found, again, cells;
	struct net_answer answers[VERIFY_CELLS]; /* about the window being looked at */
};

static size_t
rounded(size_t n)
{
	return (n + 63) / 64 * 64;
}

static size_t
net_most(uint32_t width_px, uint32_t height_px)
{
	size_t search = net_bytes(&net_search, width_px < LEVEL_LONGEST_PX ? width_px : LEVEL_LONGEST_PX,
	                          height_px < LEVEL_LONGEST_PX ? height_px : LEVEL_LONGEST_PX);
	size_t verify = net_bytes(&net_verify, VERIFY_W_PX, VERIFY_H_PX);

	return rounded(search > verify ? search : verify);
}

size_t
find_bytes(uint32_t width_px, uint32_t height_px)
{
	return rounded(sizeof(struct find)) + levels_bytes(width_px, height_px) + net_most(width_px, height_px) +
	       verify_bytes();
}

int
find_init(struct find **f, struct space work, uint32_t width_px, uint32_t height_px)
{
	size_t levels = levels_bytes(width_px, height_px), net = net_most(width_px, height_px);
	uint8_t *p = work.p + rounded(sizeof(struct find));

	if (work.n < find_bytes(width_px, height_px) || (uintptr_t)work.p % 64 != 0)
		return -EINVAL;
	*f = (struct find *)(void *)work.p;
	memset(*f, 0, sizeof(**f));
	(*f)->width_px = width_px;
	(*f)->height_px = height_px;
	(*f)->levels_work = SPACE(p, levels);
	(*f)->net_work = SPACE(p + levels, net);
	(*f)->verify_work = SPACE(p + levels + net, verify_bytes());
	return 0;
}

/* A box of a level, in the frame. */
static struct candidate
in_frame(const struct find *f, const struct candidate *c, uint32_t level)
{
	const struct level_plan *p = &f->levels.plan;
	int64_t across = (int64_t)p->cell_w * p->mid_w << level, down = (int64_t)p->cell_h * p->mid_h << level;

	return (struct candidate){
		.left = c->left * across / p->width,
		.top = c->top * down / p->height,
		.right = c->right * across / p->width,
		.bottom = c->bottom * down / p->height,
	};
}

static void
search_level(struct find *f, uint32_t level)
{
	const struct net_picture *picture = &f->levels.pictures[level];
	const struct net_answer *answer = net_run(&net_search, picture, f->net_work, NULL);
	uint32_t columns = net_cells(picture->width_px), rows = net_cells(picture->height_px);

	for (uint32_t row = 0; row < rows; row++) {
		for (uint32_t column = 0; column < columns; column++, answer++) {
			int32_t permille = boxes_sure_permille(answer) - less_permille[level];
			struct candidate c;

			if (permille < CANDIDATE_PERMILLE)
				continue;
			c = boxes_of_cell(answer, column, row);
			c = in_frame(f, &c, level);
			c.permille = permille;
			boxes_keep(&f->found, &c);
		}
	}
}

/*
 * What the second net says of up to BOXES_MOST candidates, surest first. It looks twice, the second time
 * into a mirror, as long as a first look is left for each of the others.
 */
static void
look_again(struct find *f, const struct luma *picture, const struct candidate *found, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		struct verify_window w = verify_cut(f->verify_work, picture, &f->levels, &found[i]);
		struct candidate c;

		memcpy(f->answers, net_run(&net_verify, &w.picture, f->net_work, NULL), sizeof(f->answers));
		if (n + i < LOOKS_MOST) {
			verify_mirror(&w);
			verify_mean(f->answers, net_run(&net_verify, &w.picture, f->net_work, NULL));
		}
		c = verify_read(&w, f->answers, &found[i], &f->cells);
		if (c.permille == 0)
			continue;
		c.permille = ((1000 - SEARCH_SHARE_PERMILLE) * c.permille + SEARCH_SHARE_PERMILLE * found[i].permille) / 1000;
		boxes_keep(&f->again, &c);
	}
}

static int32_t
edge(int64_t sub, uint32_t most)
{
	int64_t px = (sub + BOXES_SUB / 2) / BOXES_SUB;

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

/* Whether a surer plate (they come surest first) is so much wider that this one is of a vehicle far behind it. */
static int
further_off(const struct candidate *gathered, uint32_t i)
{
	int64_t width = gathered[i].right - gathered[i].left;

	for (uint32_t k = 0; k < i; k++)
		if (gathered[k].right - gathered[k].left > FURTHER_OFF * width)
			return 1;
	return 0;
}

int
find(struct find *f, const struct luma *picture, struct plate plates[FIND_PLATES_MAX])
{
	struct candidate gathered[BOXES_MOST];
	uint32_t n;
	int reported = 0;

	if (picture->width_px > f->width_px || picture->height_px > f->height_px || !picture->width_px ||
	    !picture->height_px)
		return -EINVAL;
	f->found.n = f->again.n = 0;
	levels_build(&f->levels, f->levels_work, picture);
	for (uint32_t i = 0; i < f->levels.n; i++)
		search_level(f, i);
	n = boxes_gather(&f->found, CANDIDATE_PERMILLE, BOXES_KEEP_NESTED, gathered);
	look_again(f, picture, gathered, n);
	n = boxes_gather(&f->again, PLATE_PERMILLE, BOXES_DROP_NESTED, gathered);
	for (uint32_t i = 0; i < n; i++)
		reported += !further_off(gathered, i) && report(&plates[reported], &gathered[i], picture);
	return reported;
}

void
find_wipe(struct find *f)
{
	f->found.n = f->again.n = 0;
	wipe(&f->found, sizeof(f->found));
	wipe(&f->again, sizeof(f->again));
	wipe(&f->cells, sizeof(f->cells));
	wipe(f->answers, sizeof(f->answers));
	wipe(f->levels_work.p, f->levels_work.n);
	wipe(f->net_work.p, f->net_work.n);
	wipe(f->verify_work.p, f->verify_work.n);
}
