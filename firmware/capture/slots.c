/*
 * The frame memory's free places; see slots.h for the order they are used in.
 */
#include "slots.h"

#include <errno.h>
#include <string.h>

void
slots_init(struct slots *s)
{
	memset(s, 0, sizeof(*s));
}

int
slots_peek(const struct slots *s)
{
	int oldest = -EAGAIN;

	for (int i = 0; i < CONFIG_FRAME_SLOTS; i++)
		if (!s->of[i].busy && (oldest < 0 || s->of[i].freed_at < s->of[oldest].freed_at))
			oldest = i;
	return oldest;
}

void
slots_give(struct slots *s, uint32_t slot, uint64_t sequence)
{
	CHECK(slot < CONFIG_FRAME_SLOTS && !s->of[slot].busy);
	s->of[slot].busy = 1;
	s->of[slot].sequence = sequence;
}

static void
set_free(struct slots *s, uint32_t slot)
{
	s->of[slot].busy = 0;
	s->of[slot].freed_at = ++s->turn;
}

void
slots_take_back(struct slots *s, uint32_t slot, uint64_t sequence)
{
	CHECK(slot < CONFIG_FRAME_SLOTS);
	if (s->of[slot].busy && s->of[slot].sequence == sequence)
		set_free(s, slot);
}

void
slots_take_back_all(struct slots *s)
{
	for (uint32_t i = 0; i < CONFIG_FRAME_SLOTS; i++)
		if (s->of[i].busy)
			set_free(s, i);
}
