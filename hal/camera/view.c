/*
 * A pinhole camera 1.9 m above the road, turned 11 degrees to the right, 12.5
 * degrees down and rolled 1.5: as such boxes hang beside a lane.
 */
#include "view.h"

enum { CLIP_CORNERS = 8 };

static const double height_m = 1.9, near_m = 0.25;
/* of the three angles */
static const double sin_yaw = 0.190809, cos_yaw = 0.981627;
static const double sin_pitch = 0.216440, cos_pitch = 0.976296;
static const double sin_roll = 0.026177, cos_roll = 0.999657;

double
view_sin(double degrees)
{
	double r = degrees * 0.017453292519943295, r2 = r * r;

	return r * (1.0 - r2 / 6.0 * (1.0 - r2 / 20.0 * (1.0 - r2 / 42.0)));
}

double
view_cos(double degrees)
{
	double r = degrees * 0.017453292519943295, r2 = r * r;

	return 1.0 - r2 / 2.0 * (1.0 - r2 / 12.0 * (1.0 - r2 / 30.0 * (1.0 - r2 / 56.0)));
}

struct view
view_of(int32_t w, int32_t h)
{
	return (struct view){.focal = 1500.0 * (double)w / 1280.0, .mid_x = (double)w / 2, .mid_y = (double)h / 2};
}

/* Along the camera's own axes: x right, y down, z ahead. */
static struct place
turned(struct place at)
{
	double x = at.x * cos_yaw - at.z * sin_yaw, ahead = at.x * sin_yaw + at.z * cos_yaw, down = height_m - at.y;
	double y = down * cos_pitch - ahead * sin_pitch;

	return (struct place){x * cos_roll - y * sin_roll, x * sin_roll + y * cos_roll,
			      ahead * cos_pitch + down * sin_pitch};
}

static struct point
seen(const struct view *v, struct place t)
{
	return (struct point){v->mid_x + v->focal * t.x / t.z, v->mid_y + v->focal * t.y / t.z};
}

int
view_point(const struct view *v, struct place at, struct point *p)
{
	struct place t = turned(at);

	if (t.z < near_m)
		return 0;
	*p = seen(v, t);
	return 1;
}

size_t
view_outline(const struct view *v, const struct place *corners, size_t n, struct point *out)
{
	struct place t[CLIP_CORNERS];
	size_t left = 0;

	for (size_t i = 0; i < n && i < CLIP_CORNERS; i++)
		t[i] = turned(corners[i]);
	for (size_t i = 0; i < n; i++) {
		struct place a = t[i], b = t[(i + 1) % n];

		if (a.z >= near_m)
			out[left++] = seen(v, a);
		if ((a.z >= near_m) != (b.z >= near_m)) {
			double k = (near_m - a.z) / (b.z - a.z);

			out[left++] = seen(v, (struct place){a.x + (b.x - a.x) * k, a.y + (b.y - a.y) * k, near_m});
		}
	}
	return left;
}

void
view_paint(const struct view *v, const struct canvas *c, const struct place *corners, size_t n, int32_t top,
	   int32_t bottom)
{
	struct point p[CLIP_CORNERS + 1];
	size_t k = view_outline(v, corners, n, p);

	if (k >= 3)
		paint_polygon(c, p, k, top, bottom);
}

int
view_ground(const struct view *v, double px, double py, struct place *at)
{
	double rx = (px - v->mid_x) / v->focal, ry = (py - v->mid_y) / v->focal;
	double x = rx * cos_roll + ry * sin_roll, y = ry * cos_roll - rx * sin_roll;
	double down = y * cos_pitch + sin_pitch, ahead = cos_pitch - y * sin_pitch, k;

	if (down < 0.004)
		return 0;
	k = height_m / down;
	*at = (struct place){k * (x * cos_yaw + ahead * sin_yaw), 0, k * (ahead * cos_yaw - x * sin_yaw)};
	return 1;
}
