/*
 * capture/slots.h - which places of the frame memory are free.
 *
 * A place is given with a frame's sequence number and comes back with the same
 * one; anything else is a release from before a restart and is ignored. The place
 * that has been free longest is used first, so that a locate that was started
 * again and still reads an old message seldom finds it overwritten.
 */
#ifndef CAPTURE_SLOTS_H
#define CAPTURE_SLOTS_H

#include "base/base.h"

struct slots {
	struct {
		int busy;
		uint64_t sequence, freed_at;
	} of[CONFIG_FRAME_SLOTS];
	uint64_t turn;
};

void slots_init(struct slots *s);
/* The slot to write the next frame into, or -EAGAIN. It stays free until slots_give(). */
int slots_peek(const struct slots *s) MUST_CHECK;
void slots_give(struct slots *s, uint32_t slot, uint64_t sequence);
void slots_take_back(struct slots *s, uint32_t slot, uint64_t sequence);
void slots_take_back_all(struct slots *s);

#endif
