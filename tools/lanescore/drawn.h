/*
 * tools/lanescore/drawn.h - the drawn lane, also with vehicles that stop and go back, and a bar in the view.
 */
#ifndef LANESCORE_DRAWN_H
#define LANESCORE_DRAWN_H

#include "hal/scene.h"
#include "watch.h"

struct drawn_wish {
	struct scene_wish scene;
	int stops; /* the queue stops every few seconds, and sometimes rolls back */
	int bar;   /* a beam across the frame, behind which plates are lost */
};

/* Draws one lane to its end. -EINVAL when it cannot be drawn. */
int drawn_run(struct watch *w, const struct drawn_wish *wish) MUST_CHECK;

#endif
