/*
 * hal/camera/backdrop.h - the empty lane: road, kerb, booth, a sign, a grating.
 */
#ifndef HAL_CAMERA_BACKDROP_H
#define HAL_CAMERA_BACKDROP_H

#include "view.h"

/* Bytes of work memory for the sign. */
size_t backdrop_bytes(void);
void backdrop_draw(const struct canvas *c, const struct view *view, uint64_t seed, int night, uint8_t *work);

#endif
