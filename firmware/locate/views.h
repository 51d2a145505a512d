/*
 * locate/views.h - which sights of a plate are worth keeping.
 */
#ifndef LOCATE_VIEWS_H
#define LOCATE_VIEWS_H

#include "locate/follow.h"

/*
 * Copies the crop of this plate into `views` (best first, `most` places) when it
 * is better than the worst of them. Returns 1 when kept, 0 when not.
 *   -EPERM  cut_box() refused it, or the crop is larger than FOLLOW_VIEW_BYTES
 */
int view_keep(struct follow_view *views, uint32_t most, const struct cut_rule *rule, const struct frame *frame,
	      const struct luma *luma, const struct plate *plate) MUST_CHECK;

/* Wipes the pixels and frees the place. */
void view_wipe(struct follow_view *view);

#endif
