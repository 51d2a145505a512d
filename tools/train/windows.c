/*
 * For tools/train/windows.py: the windows that the second net will be shown, cut by
 * the firmware's own code. find.c is taken in whole, since what happens between its
 * two nets is its own affair.
 */
#include "locate/find.c"

struct shown {
	int64_t left, top, step; /* as in struct verify_window */
	int32_t permille;
	uint8_t pixels[VERIFY_H_PX][VERIFY_W_PX];
};

static void
nudge(struct candidate *c, const int32_t permille[4])
{
	int64_t w = c->right - c->left, h = c->bottom - c->top;

	c->left += w * permille[0] / 1000;
	c->top += h * permille[1] / 1000;
	c->right += w * permille[2] / 1000;
	c->bottom += h * permille[3] / 1000;
}

/*
 * Searches the picture; every candidate's edges are moved by a share of its size before it is cut. Where nothing is found,
 * as by a net at the beginning of its learning, the guesses (edges in BOXES_SUBs) are the candidates.
 */
int
windows(struct find *f, const struct luma *picture, const int32_t moves[BOXES_MOST][4],
        const int64_t guesses[][4], uint32_t n_guesses, struct shown out[BOXES_MOST])
{
	struct candidate gathered[BOXES_MOST];
	uint32_t n;

	f->found.n = 0;
	levels_build(&f->levels, f->levels_work, picture);
	for (uint32_t i = 0; i < f->levels.n; i++)
		search_level(f, i);
	n = boxes_gather(&f->found, CANDIDATE_PERMILLE, BOXES_KEEP_NESTED, gathered);
	if (n == 0)
		for (; n < n_guesses && n < BOXES_MOST; n++)
			gathered[n] = (struct candidate){guesses[n][0], guesses[n][1], guesses[n][2], guesses[n][3], 0};
	for (uint32_t i = 0; i < n; i++) {
		struct verify_window w;

		nudge(&gathered[i], moves[i]);
		w = verify_cut(f->verify_work, picture, &f->levels, &gathered[i]);
		out[i].left = w.left;
		out[i].top = w.top;
		out[i].step = w.step;
		out[i].permille = gathered[i].permille;
		for (uint32_t y = 0; y < VERIFY_H_PX; y++)
			memcpy(out[i].pixels[y], w.picture.pixels + y * w.picture.stride_bytes, VERIFY_W_PX);
	}
	return (int)n;
}
