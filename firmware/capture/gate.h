/*
 * capture/gate.h - with a trigger, a vehicle's frames are those of a while after its edge; all others go no further.
 *
 *     gate_open_trigger -> { gate_next ... ; gate_lets(at_us) for each frame }
 *
 * Edges and frames are put in order by their times, so a run is the same at any speed.
 */
#ifndef CAPTURE_GATE_H
#define CAPTURE_GATE_H

#include "base/base.h"
#include "hal/trigger.h"

/* What the next room has to be told. A vehicle that came while the one before was in its window ends that. */
enum gate_event { GATE_NOTHING, GATE_BEGIN, GATE_END };

struct gate {
	struct hal_trigger *trigger; /* NULL: no trigger, every frame goes on */
	int64_t window_us;
	int inside;
	int64_t until_us; /* end of the window, while inside */
	struct hal_trigger_edge edge;
	int pending;             /* `edge` was taken but not told: the window before ended first */
	uint64_t triggers, lost; /* edges told; edges that the trigger could not tell */
};

/*
 * The next thing that happened until now_us; call again until GATE_NOTHING.
 * Returns enum gate_event, or -EIO: the trigger is gone.
 */
int gate_next(struct gate *g, int64_t now_us) MUST_CHECK;

/* 1 when a frame of this time goes on to locate; after gate_next() said nothing more for that time. */
int gate_lets(const struct gate *g, int64_t at_us) MUST_CHECK;

#endif
