/*
 * The kernel's clock and what the kernel says of it. A time daemon (chrony,
 * systemd-timesyncd, ptp4l with phc2sys) tells the kernel through adjtimex(2) whether it is
 * synchronised and how large the error may be; nothing else is asked here. Asking the
 * daemon itself would need a socket, which the room that signs has not.
 *
 * The kernel does not know what a daemon listens to: chrony and phc2sys leave the same flags
 * behind for NTP, PTP and a receiver on a serial line. Only a pulse that the kernel itself
 * counts is seen, and whether it read the battery-backed clock when it started.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/timex.h>
#include <unistd.h>

#include "base/clock.h"
#include "hal/clock.h"

enum { QUALITY_FREE = 1, QUALITY_SYNCED = 2, QUALITY_HOLDOVER = 3 };
enum { SOURCE_NONE = 0, SOURCE_RTC = 1, SOURCE_DAEMON = 2, SOURCE_PULSE = 3 };
enum { RTCS = 4 };

/*
 * A clock that was never synchronised since boot is free; one that was and has
 * lost its source holds over. The kernel does not keep the difference, so this
 * process remembers; after a restart of the room a holdover reads as free,
 * which claims less and not more.
 */
static struct {
	int from_rtc;
	int was_synced;
	uint8_t source;
	int64_t synced_us;
} known;

/* 1 in this file: the kernel set its time from this clock when it started, rtc_hctosys(). */
static int
set_the_time(int rtc)
{
	char path[48], word[2] = "";
	int fd;

	(void)snprintf(path, sizeof(path), "/sys/class/rtc/rtc%d/hctosys", rtc);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	if (read(fd, word, 1) != 1)
		word[0] = '0';
	(void)close(fd);
	return word[0] == '1';
}

void
hal_clock_open(void)
{
	for (int rtc = 0; rtc < RTCS && !known.from_rtc; rtc++)
		known.from_rtc = set_the_time(rtc);
}

static void
judge(struct hal_clock_state *state, int synced, int has_pulse)
{
	state->holdover_s = 0;
	if (synced) {
		known.was_synced = 1;
		known.synced_us = state->running_us;
		known.source = has_pulse ? SOURCE_PULSE : SOURCE_DAEMON;
		state->quality = QUALITY_SYNCED;
	} else if (known.was_synced) {
		state->quality = QUALITY_HOLDOVER;
		state->holdover_s = (uint32_t)((state->running_us - known.synced_us) / 1000000);
	} else {
		known.source = known.from_rtc ? SOURCE_RTC : SOURCE_NONE;
		state->quality = QUALITY_FREE;
	}
	state->source = known.source;
}

int
hal_clock_read(struct hal_clock_state *state)
{
	struct timex kernel = {.modes = 0};
	int answer = adjtimex(&kernel);

	if (answer < 0)
		return -errno;
	state->utc_us = clock_us(CLOCK_REALTIME);
	state->running_us = clock_us(CLOCK_BOOTTIME);
	judge(state, answer != TIME_ERROR && (kernel.status & STA_UNSYNC) == 0, (kernel.status & STA_PPSSIGNAL) != 0);
	/* Microseconds, rounded up: an error is never told smaller than it is. */
	state->error_ms =
	    kernel.maxerror < 0 ? UINT32_MAX : (uint32_t)(((uint64_t)kernel.maxerror + 999) / 1000);
	return 0;
}
