/*
 * The kernel's clock and what the kernel says of it. A time daemon (chrony,
 * systemd-timesyncd, ptp4l) tells the kernel through adjtimex(2) whether it is
 * synchronised and how large the error may be; nothing else is asked here.
 */
#include <errno.h>
#include <sys/timex.h>
#include <time.h>

#include "hal/clock.h"

enum { QUALITY_FREE = 1, QUALITY_SYNCED = 2, QUALITY_HOLDOVER = 3 };

/*
 * A clock that was never synchronised since boot is free; one that was and has
 * lost its source holds over. The kernel does not keep the difference, so this
 * process remembers; after a restart of the room a holdover reads as free,
 * which claims less and not more.
 */
static int was_synced;

int
hal_clock_read(struct hal_clock_state *state)
{
	struct timex kernel = {.modes = 0};
	struct timespec now;
	int answer;

	if (clock_gettime(CLOCK_REALTIME, &now) < 0)
		return -errno;
	answer = adjtimex(&kernel);
	if (answer < 0)
		return -errno;
	state->utc_us = (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
	if (answer != TIME_ERROR && (kernel.status & STA_UNSYNC) == 0) {
		was_synced = 1;
		state->quality = QUALITY_SYNCED;
	} else {
		state->quality = was_synced ? QUALITY_HOLDOVER : QUALITY_FREE;
	}
	/* Microseconds, rounded up: an error is never told smaller than it is. */
	state->error_ms =
	    kernel.maxerror < 0 ? UINT32_MAX : (uint32_t)(((uint64_t)kernel.maxerror + 999) / 1000);
	return 0;
}
