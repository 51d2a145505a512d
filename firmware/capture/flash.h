/*
 * capture/flash.h - when the next exposure will be, from the last frame, and the pulse that lights it.
 *
 * The camera runs by itself at a steady rate, so the next exposures begin one, two, ... periods after the last one known.
 */
#ifndef CAPTURE_FLASH_H
#define CAPTURE_FLASH_H

#include "base/base.h"
#include "doors/frame/frame.h"
#include "hal/strobe.h"

struct flash {
	struct hal_strobe *strobe; /* NULL: none */
	int64_t period_us;         /* of frames */
	uint32_t exposure_us; /* wished of the camera, for one that does not tell; 0: the camera decides */
	uint32_t lead_us;     /* lit before the exposure begins, and after it ends */
	uint32_t longest_us;  /* the lamp bears no more at a time */
	int64_t due_us;       /* of the next pulse; 0: none is wished */
	uint32_t length_us;
	uint64_t pulses, missed;
};

/* A frame came: plans the pulse for the next exposure that can still be lit. Of unknown exposure: none. */
void flash_plan(struct flash *f, const struct frame *frame, int64_t now_us);

/*
 * Gives the planned pulse if it is due within the next soon_us, and waits for its end.
 * 0, also when nothing is due; -EIO: the strobe is gone.
 */
int flash_work(struct flash *f, int64_t now_us, int64_t soon_us) MUST_CHECK;

#endif
