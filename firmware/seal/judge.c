/*
 * seal/judge.c - holds each view of a passage against the policy's crop rules.
 */
#include <errno.h>

#include "seal/judge.h"

int
judge_crop(const struct policy *p, const struct crop *c)
{
	uint64_t frame = (uint64_t)c->frame_width_px * c->frame_height_px;

	if (c->n_views > p->views_max)
		return -EPERM;
	for (uint32_t i = 0; i < c->n_views; i++) {
		const struct box *b = &c->views[i].crop;

		/* Cannot overflow: the door's decoder let in only boxes inside the frame. */
		if ((uint64_t)b->w * (uint64_t)b->h * 1000 > frame * p->share_max_permille)
			return -EPERM;
	}
	return 0;
}
