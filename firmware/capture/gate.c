/*
 * Which frames belong to a vehicle that the trigger told of; see gate.h.
 */
#include "gate.h"

static int
leave(struct gate *g)
{
	g->inside = 0;
	return GATE_END;
}

int
gate_next(struct gate *g, int64_t now_us)
{
	if (g->trigger == NULL)
		return GATE_NOTHING;
	if (!g->pending) {
		int got = hal_trigger_next(g->trigger, now_us, &g->edge);

		if (got < 0)
			return got;
		g->pending = got;
		g->lost += got ? g->edge.lost : 0;
	}
	if (g->inside && (g->pending || now_us >= g->until_us))
		return leave(g);
	if (!g->pending)
		return GATE_NOTHING;
	g->pending = 0;
	g->inside = 1;
	g->until_us = g->edge.at_us + g->window_us;
	g->triggers++;
	return GATE_BEGIN;
}

int
gate_lets(const struct gate *g, int64_t at_us)
{
	return g->trigger == NULL || (g->inside && at_us < g->until_us);
}
