/*
 * locate/light.h - how bright a plate is, or a whole frame: one number for the exposure of frames to come.
 */
#ifndef LOCATE_LIGHT_H
#define LOCATE_LIGHT_H

#include "locate/luma.h"

/*
 * The luma that four fifths of the box are darker than: the ground of a light plate, the letters of a dark one, so
 * that both are exposed alike. `box` lies inside the frame.
 */
uint8_t light_of_plate(const struct luma *luma, const struct box *box);
/* The mean of the frame, looked at coarsely. */
uint8_t light_of_scene(const struct luma *luma);

#endif
