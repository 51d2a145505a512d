/*
 * hal/camera/simulated.h - what the two simulated cameras have in common.
 *
 * A source shows one picture after the other, each as luma and with its time
 * since the start; simulated.c keeps the pace and makes the wished format of it.
 */
#ifndef HAL_CAMERA_SIMULATED_H
#define HAL_CAMERA_SIMULATED_H

#include "hal/camera.h"

struct shot {
	uint32_t width_px, height_px;
	int64_t at_us;              /* since the start */
	uint32_t exposure_us, gain_milli;
	uint32_t vehicles_in;       /* a drawn lane: how many have driven through the light barrier by now */
	int fresh;                  /* the luma changed since the last shot */
	struct span jpeg;           /* the same picture as a baseline JPEG, if there is one; the source's until the next call */
	char name[FRAME_NAME_BYTES];
};

struct simulated_source {
	const char *prefix;
	uint8_t kind;               /* enum source_kind */
	/* `name` is what follows the prefix; `luma` (largest frame) is lent until close. */
	int (*open)(void *state, const char *name, const struct hal_camera_wish *wish, struct space luma);
	/* 1, or -ENODATA at the end */
	int (*next)(void *state, struct shot *shot);
	/* Moves on to what is shown at this time; NULL when it cannot. Returns how many frames were passed over. */
	uint64_t (*skip_to)(void *state, int64_t at_us);
	uint64_t (*skipped)(const void *state);
	void (*close)(void *state);
};

extern const struct simulated_source source_synthetic, source_replay;

/* Memory outside any heap, zeroed; NULL when there is none. pages_free wipes. */
void *pages_take(size_t n);
void pages_free(void *p, size_t n);

/* For states of sources: both are small. */
enum { SIMULATED_STATE_BYTES = 1024 };

#endif
