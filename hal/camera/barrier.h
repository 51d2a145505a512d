/*
 * hal/camera/barrier.h - a light barrier across the drawn lane: from the drawn camera to the simulated trigger.
 *
 * Both live in capture, in one thread. Crossings that nobody takes are overwritten, oldest first.
 */
#ifndef HAL_CAMERA_BARRIER_H
#define HAL_CAMERA_BARRIER_H

#include "base/base.h"

/* A camera begins: nobody has crossed. */
void barrier_clear(void);

/* So many vehicles have crossed by the time of a frame, at_us as its time stamp has it. */
void barrier_see(uint32_t vehicles, int64_t at_us);

/* When the oldest vehicle that was not taken yet was seen to have crossed; 0: none. */
int64_t barrier_take(void) MUST_CHECK;

#endif
