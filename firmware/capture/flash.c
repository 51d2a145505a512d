/*
 * Pulses of the strobe, timed to the exposure of the next frame; see flash.h.
 */
#include "flash.h"

#include <errno.h>

enum { READY_US = 500 /* what it takes from here to the pulse */ };

void
flash_plan(struct flash *f, const struct frame *frame, int64_t now_us)
{
	uint32_t exposure_us = frame->exposure_us ? frame->exposure_us : f->exposure_us;
	int64_t start = frame->at_us - f->lead_us, earliest = now_us + READY_US,
		lit_us = exposure_us + 2 * (int64_t)f->lead_us;

	f->due_us = 0;
	if (f->strobe == NULL || exposure_us == 0)
		return;
	start += f->period_us;
	if (start < earliest) {
		int64_t passed = (earliest - start + f->period_us - 1) / f->period_us;

		f->missed += (uint64_t)passed;
		start += passed * f->period_us;
	}
	f->due_us = start;
	f->length_us = lit_us < f->longest_us ? (uint32_t)lit_us : f->longest_us;
}

int
flash_work(struct flash *f, int64_t now_us, int64_t soon_us)
{
	int err;

	if (f->due_us == 0 || f->due_us - now_us > soon_us)
		return 0;
	err = hal_strobe_pulse(f->strobe, f->due_us, f->length_us);
	f->due_us = 0;
	f->pulses += err == 0;
	f->missed += err == -ETIME;
	return err == -ETIME ? 0 : err;
}
