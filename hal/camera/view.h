/*
 * hal/camera/view.h - where a point of the lane lies in the frame.
 */
#ifndef HAL_CAMERA_VIEW_H
#define HAL_CAMERA_VIEW_H

#include "paint.h"

/* Metres: x to the right, y up from the road, z away from the camera. */
struct place {
	double x, y, z;
};

struct view {
	double focal, mid_x, mid_y;
};

struct view view_of(int32_t w, int32_t h);
/* 1 and *p when the place is in front of the camera. */
int view_point(const struct view *v, struct place at, struct point *p) MUST_CHECK;
/* Clips to what is in front of the camera and paints. `n` at most 6. */
void view_paint(const struct view *v, const struct canvas *c, const struct place *corners, size_t n, int32_t top,
		int32_t bottom);
/* The same clipping for outlines: corners of the polygon in the frame, at most n + 1. */
size_t view_outline(const struct view *v, const struct place *corners, size_t n, struct point *out);
/* The ground (y = 0) under a pixel; 0 when it is above the horizon. */
int view_ground(const struct view *v, double px, double py, struct place *at) MUST_CHECK;

/* Sine and cosine of small angles (degrees, up to 45), the same on every machine. */
double view_sin(double degrees);
double view_cos(double degrees);

#endif
