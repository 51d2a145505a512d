/*
 * The light barrier of the drawn lane: a few crossings that wait for the simulated trigger.
 */
#include "barrier.h"

enum { WAITING_MOST = 64 };

static struct {
	uint32_t seen; /* vehicles that have crossed */
	uint64_t put, taken;
	int64_t at_us[WAITING_MOST];
} barrier;

void
barrier_clear(void)
{
	barrier.seen = 0;
	barrier.put = barrier.taken = 0;
}

void
barrier_see(uint32_t vehicles, int64_t at_us)
{
	for (; barrier.seen < vehicles; barrier.seen++)
		barrier.at_us[barrier.put++ % WAITING_MOST] = at_us;
}

int64_t
barrier_take(void)
{
	if (barrier.put - barrier.taken > WAITING_MOST)
		barrier.taken = barrier.put - WAITING_MOST;
	return barrier.taken == barrier.put ? 0 : barrier.at_us[barrier.taken++ % WAITING_MOST];
}
