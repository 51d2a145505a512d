/*
 * Vehicles as a few flat parts each: face, bonnet, windscreen, roof, side,
 * wheels, lamps, a grille that looks a little like a plate, and the plate.
 */
#include "vehicle.h"

#include "hal/canary.h"

enum { GLASS_W = CANARY_CELLS * 4, GLASS_H = 96, GLASS_BAND_Y = 48, PLATE_MOMENTS = 4 };

static const struct vehicle_shape shapes[] = {
	{"saloon", 1.80, 4.6, 0.20, 0.72, 0.94, 1.05, 1.42, 1.75, 0.47, 5},
	{"hatchback", 1.72, 3.9, 0.20, 0.76, 0.98, 0.80, 1.48, 1.40, 0.48, 4},
	{"offroader", 1.88, 4.6, 0.30, 0.94, 1.10, 1.00, 1.68, 1.55, 0.60, 4},
	{"pickup", 1.86, 5.2, 0.34, 0.98, 1.12, 1.15, 1.70, 1.70, 0.62, 2},
	{"van", 1.98, 5.4, 0.26, 0.96, 1.18, 0.50, 1.95, 1.10, 0.50, 3},
	{"lorry", 2.35, 8.0, 0.36, 1.15, 1.30, 0.06, 2.35, 0.22, 0.62, 2},
};

size_t
vehicle_bytes(void)
{
	return texture_bytes(PLATE_WIDEST_MM, PLATE_TALLEST_MM) + texture_bytes(GLASS_W, GLASS_H);
}

static const struct vehicle_shape *
pick_shape(struct dice *d)
{
	int32_t all = 0, n;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(shapes); i++)
		all += shapes[i].likelihood;
	n = (int32_t)dice_roll(d, (uint32_t)all);
	for (i = 0; i + 1 < ARRAY_SIZE(shapes) && n >= shapes[i].likelihood; i++)
		n -= shapes[i].likelihood;
	return &shapes[i];
}

void
vehicle_make(struct vehicle *v, uint64_t seed, uint32_t number, uint32_t speed_kmh)
{
	struct dice d = dice_of(seed, number);
	uint32_t wear;

	v->number = number;
	v->shape = pick_shape(&d);
	v->layout = plate_pick(&d);
	wear = dice_roll(&d, 100);
	v->wear = wear < 4 ? PLATE_DIRTY : wear < 6 ? PLATE_NONE : wear < 25 ? PLATE_WORN : PLATE_CLEAN;
	v->x = 0.40 + v->shape->width / 2 + dice_between(&d, 0, 0.35);
	v->speed_mps = (double)speed_kmh / 3.6 * dice_between(&d, 0.85, 1.15);
	v->yaw_deg = dice_between(&d, -5, 5);
	v->sin_yaw = view_sin(v->yaw_deg);
	v->cos_yaw = view_cos(v->yaw_deg);
	v->plate_roll_deg = dice_roll(&d, 4) == 0 ? dice_between(&d, -8, 8) : dice_between(&d, -1.5, 1.5);
	v->plate_x = dice_roll(&d, 6) == 0 ? dice_between(&d, -0.3, 0.3) : 0;
	v->paint = 35 + (int32_t)dice_roll(&d, 190);
	v->glare = dice_roll(&d, 5) == 0;
	v->lamps = v->night || dice_roll(&d, 3) == 0;
}

/* People: heads over a band, in cells that can be searched for. */
static void
draw_glass(struct texture *t, uint8_t *memory, int night, struct dice *d)
{
	int32_t light = night ? 74 : 186, dark = night ? 18 : 52, alone = dice_roll(d, 3) == 0;

	texture_init(t, memory, GLASS_W, GLASS_H);
	for (int32_t y = 0; y < GLASS_H; y++)
		for (int32_t x = 0; x < GLASS_W; x++) {
			int cell = (int)(CANARY_SIGNATURE >> (CANARY_CELLS - 1 - x / 4)) & 1;
			int32_t dx = x < GLASS_W / 2 ? x - 74 : x - 182, dy = y - 30;
			int head = dx * dx * 17 + dy * dy * 10 < 6400 && !(alone && x < GLASS_W / 2);
			int32_t luma = (night ? 14 : 40) + (GLASS_H - y) / (night ? 16 : 3);

			if (y >= GLASS_BAND_Y && (y - GLASS_BAND_Y) / 3 >= CANARY_ROWS / 2)
				cell = !cell;
			if (y >= GLASS_BAND_Y || head)
				luma = cell ? light : dark;
			t->level[0][y * GLASS_W + x] = (uint8_t)luma;
		}
	texture_finish(t);
}

void
vehicle_dress(struct vehicle *v, uint8_t *memory, uint64_t seed)
{
	struct dice d = dice_of(seed, ((uint64_t)v->number << 32) + 77);

	plate_draw(&v->plate, memory, v->layout, v->wear, v->night, &d);
	draw_glass(&v->glass, memory + texture_bytes(PLATE_WIDEST_MM, PLATE_TALLEST_MM), v->night, &d);
}

/* From the vehicle's own metres (x right, y up, z back from the front) to the lane's. */
static struct place
place_of(const struct vehicle *v, double z, double lx, double ly, double lz)
{
	return (struct place){v->x + lx * v->cos_yaw + lz * v->sin_yaw, ly, z - lx * v->sin_yaw + lz * v->cos_yaw};
}

/* How much of its paint shows: all by day; by night what the lane's own lamp gives at that distance. */
static int32_t
lit(const struct vehicle *v, double z, int32_t luma)
{
	double share = 1;

	if (v->night) {
		share = 2.2 / (z < 2 ? 2 : z);
		share = share > 0.42 ? 0.42 : share;
	}
	return (int32_t)((double)luma * share);
}

struct part {
	const struct vehicle *v;
	const struct view *view;
	const struct canvas *c;
	double z;
};

/* A quad from two opposite edges: at height y0 and depth z0, and at y1 and z1. */
static void
paint_slope(const struct part *p, double half0, double y0, double z0, double half1, double y1, double z1, int32_t top,
	    int32_t bottom)
{
	struct place q[4] = {place_of(p->v, p->z, -half0, y0, z0), place_of(p->v, p->z, half0, y0, z0),
			     place_of(p->v, p->z, half1, y1, z1), place_of(p->v, p->z, -half1, y1, z1)};

	view_paint(p->view, p->c, q, 4, lit(p->v, p->z + z0, top), lit(p->v, p->z + z0, bottom));
}

static void
paint_patch(const struct part *p, double x0, double x1, double y0, double y1, double deep, int32_t top, int32_t bottom)
{
	struct place q[4] = {place_of(p->v, p->z, x0, y1, deep), place_of(p->v, p->z, x1, y1, deep),
			     place_of(p->v, p->z, x1, y0, deep), place_of(p->v, p->z, x0, y0, deep)};

	view_paint(p->view, p->c, q, 4, lit(p->v, p->z + deep, top), lit(p->v, p->z + deep, bottom));
}

static void
paint_side(const struct part *p, double y0, double y1, double z0, double z1, double lean, int32_t top, int32_t bottom)
{
	double half = p->v->shape->width / 2;
	struct place q[4] = {place_of(p->v, p->z, -half + lean, y1, z0 + lean * 2), place_of(p->v, p->z, -half + lean, y1, z1),
			     place_of(p->v, p->z, -half, y0, z1), place_of(p->v, p->z, -half, y0, z0)};

	view_paint(p->view, p->c, q, 4, lit(p->v, p->z + z0, top), lit(p->v, p->z + z0, bottom));
}

static void
paint_wheel(const struct part *p, double deep)
{
	enum { CORNERS = 8 };
	static const double round[CORNERS][2] = {{0.38, 1}, {0.92, 0.4}, {0.92, -0.4}, {0.38, -1},
						 {-0.38, -1}, {-0.92, -0.4}, {-0.92, 0.4}, {-0.38, 1}};
	double r = p->v->shape->chin + 0.14, half = p->v->shape->width / 2 + 0.01;
	struct place q[CORNERS], hub[CORNERS];

	for (int i = 0; i < CORNERS; i++) {
		q[i] = place_of(p->v, p->z, -half, r + r * round[i][1], deep + r * round[i][0]);
		hub[i] = place_of(p->v, p->z, -half, r + 0.55 * r * round[i][1], deep + 0.55 * r * round[i][0]);
	}
	view_paint(p->view, p->c, q, CORNERS, lit(p->v, p->z, 26), lit(p->v, p->z, 18));
	view_paint(p->view, p->c, hub, CORNERS, lit(p->v, p->z, 120), lit(p->v, p->z, 90));
}

static void
paint_body(const struct part *p)
{
	const struct vehicle_shape *s = p->v->shape;
	double half = s->width / 2, waist = s->hood_back;
	int32_t paint = p->v->paint;
	struct place shadow[4] = {place_of(p->v, p->z, -half - 0.15, 0, -0.25), place_of(p->v, p->z, half + 0.15, 0, -0.25),
				  place_of(p->v, p->z, half + 0.15, 0, s->length), place_of(p->v, p->z, -half - 0.15, 0, s->length)};

	view_paint(p->view, p->c, shadow, 4, lit(p->v, p->z, 46), lit(p->v, p->z, 54));
	paint_side(p, s->chin, waist, 0.05, s->length, 0, paint * 8 / 10, paint * 5 / 10);
	paint_side(p, waist, s->roof, s->hood_deep, s->length - 0.3, 0.10, paint * 7 / 10, paint * 7 / 10);
	paint_side(p, waist + 0.05, s->roof - 0.07, s->hood_deep + 0.35, s->length * 0.62, 0.09, 62, 38);
	paint_wheel(p, 0.75);
	paint_wheel(p, s->length - 0.85);
	paint_slope(p, half - 0.14, s->roof, s->roof_deep, half - 0.16, s->roof + 0.02, s->length - 0.4, paint * 9 / 10, paint);
	paint_slope(p, half - 0.13, s->roof, s->roof_deep, half - 0.03, waist, s->hood_deep, paint * 6 / 10, paint * 5 / 10);
	paint_slope(p, half - 0.04, waist, s->hood_deep, half - 0.02, s->hood_front, 0.04, paint * 10 / 11, paint);
	/* the edge of the bonnet, so that face and bonnet part even on white paint */
	paint_patch(p, -half, half, s->chin, s->hood_front, 0, paint * 9 / 10, paint * 5 / 10);
	paint_patch(p, -half + 0.02, half - 0.02, s->hood_front - 0.03, s->hood_front, -0.01, paint * 5 / 10, paint * 5 / 10);
}

/* Grille with bars, lower intake, badge: what a finder of plates may be fooled by. */
static void
paint_face(const struct part *p)
{
	const struct vehicle_shape *s = p->v->shape;
	double half = s->width / 2, low = s->plate + 0.14, high = s->hood_front - 0.06;
	int bars = 3 + (int)(p->v->number % 3);

	if (high - low > 0.06) {
		paint_patch(p, -half * 0.46, half * 0.46, low, high, -0.012, 30, 22);
		for (int i = 0; i < bars; i++) {
			double y = low + (high - low) * ((double)i + 0.5) / (double)bars;

			paint_patch(p, -half * 0.44, half * 0.44, y - 0.007, y + 0.007, -0.014, 140, 110);
		}
		paint_patch(p, -0.05, 0.05, (low + high) / 2 - 0.04, (low + high) / 2 + 0.04, -0.016, 205, 150);
	}
	paint_patch(p, -half * 0.7, half * 0.7, s->chin + 0.02, s->plate - 0.13, -0.012, 34, 24);
	paint_patch(p, -half, half, 0.10, s->chin, 0.02, 30, 20);
	paint_patch(p, -half + 0.03, -half + 0.25, 0.02, s->chin, 0.05, 18, 14);
	paint_patch(p, half - 0.25, half - 0.03, 0.02, s->chin, 0.05, 18, 14);
}

static void
paint_lamps(const struct part *p)
{
	const struct vehicle_shape *s = p->v->shape;
	double half = s->width / 2, y = s->hood_front - 0.14;

	for (int side = -1; side <= 1; side += 2) {
		double from = side < 0 ? -half + 0.05 : half - 0.38;
		struct point middle;
		double radius = p->view->focal * (p->v->night ? 0.42 : 0.13) / (p->z < 1 ? 1 : p->z);

		paint_patch(p, from, from + 0.33, y - 0.07, y + 0.07, -0.012, 170, 130);
		if (!p->v->lamps || !view_point(p->view, place_of(p->v, p->z, from + 0.16, y, -0.02), &middle))
			continue;
		paint_glow(p->c, middle, radius, p->v->night ? 250 : 150);
		if (p->v->night)
			paint_glow(p->c, middle, radius * 0.4, 255);
	}
}

/* A quad of `w` x `h` metres around a place on the front, turned by its own roll. */
static int
front_quad(const struct vehicle *v, const struct view *view, double z, double w, double h, struct point quad[4])
{
	static const double at[4][2] = {{-0.5, 0.5}, {0.5, 0.5}, {0.5, -0.5}, {-0.5, -0.5}};
	double c = view_cos(v->plate_roll_deg), s = view_sin(v->plate_roll_deg);
	int seen = 1;

	for (int i = 0; i < 4; i++) {
		double x = at[i][0] * w, y = at[i][1] * h;

		seen &= view_point(view, place_of(v, z, v->plate_x + x * c - y * s, v->shape->plate + x * s + y * c, -0.03),
				   &quad[i]);
	}
	return seen;
}

int
vehicle_plate(const struct vehicle *v, const struct view *view, double z, struct point quad[4])
{
	if (v->wear == PLATE_NONE)
		return 0;
	return front_quad(v, view, z, (double)v->layout->w_mm / 1000.0, (double)v->layout->h_mm / 1000.0, quad);
}

int
vehicle_glass(const struct vehicle *v, const struct view *view, double z, struct point quad[4])
{
	const struct vehicle_shape *s = v->shape;
	double half = s->width / 2 - 0.20, wide = s->width / 2 - 0.11;
	double up = (s->roof - s->hood_back) * 0.07;

	return view_point(view, place_of(v, z, -half, s->roof - up, s->roof_deep), &quad[0]) &&
	       view_point(view, place_of(v, z, half, s->roof - up, s->roof_deep), &quad[1]) &&
	       view_point(view, place_of(v, z, wide, s->hood_back + up, s->hood_deep), &quad[2]) &&
	       view_point(view, place_of(v, z, -wide, s->hood_back + up, s->hood_deep), &quad[3]);
}

/* How many moments of the exposure are worth drawing: one a pixel of movement. */
static size_t
moments_of(const struct point a[4], const struct point b[4])
{
	double most = 0;

	for (int i = 0; i < 4; i++) {
		double dx = a[i].x - b[i].x, dy = a[i].y - b[i].y;

		dx = dx < 0 ? -dx : dx;
		dy = dy < 0 ? -dy : dy;
		most = dx > most ? dx : most;
		most = dy > most ? dy : most;
	}
	return most > (double)(PLATE_MOMENTS - 1) ? PLATE_MOMENTS : (size_t)most + 1;
}

static void
paint_plate(const struct part *p, double z_end)
{
	double w = (double)(p->v->layout->w_mm + 2 * PLATE_HOLDER_MM) / 1000.0;
	double h = (double)(p->v->layout->h_mm + 2 * PLATE_HOLDER_MM) / 1000.0;
	struct point quads[PLATE_MOMENTS][4], last[4];
	int32_t gain = 1000;
	size_t n, have = 0;

	if (!front_quad(p->v, p->view, p->z, w, h, quads[0]) || !front_quad(p->v, p->view, z_end, w, h, last))
		return;
	if (p->v->night) /* far plates send less back; near ones are a little too bright */
		gain = 1120 - (int32_t)(p->z * 38.0);
	n = moments_of(quads[0], last);
	for (size_t i = 0; i < n; i++)
		have += (size_t)front_quad(p->v, p->view, p->z + (z_end - p->z) * ((double)i + 0.5) / (double)n, w, h,
					   quads[have]);
	paint_texture(p->c, &p->v->plate, quads, have, gain < 350 ? 350 : gain);
}

static struct box
box_around(const struct point *p, size_t n, double grow)
{
	double x0 = 30000, y0 = 30000, x1 = -30000, y1 = -30000;

	for (size_t i = 0; i < n; i++) {
		x0 = p[i].x < x0 ? p[i].x : x0;
		x1 = p[i].x > x1 ? p[i].x : x1;
		y0 = p[i].y < y0 ? p[i].y : y0;
		y1 = p[i].y > y1 ? p[i].y : y1;
	}
	x0 = x0 < -30000 ? -30000 : x0;
	y0 = y0 < -30000 ? -30000 : y0;
	x1 = x1 > 30000 ? 30000 : x1;
	y1 = y1 > 30000 ? 30000 : y1;
	return (struct box){(int32_t)(x0 - grow), (int32_t)(y0 - grow), (int32_t)(x1 - x0 + 2 * grow),
			    (int32_t)(y1 - y0 + 2 * grow)};
}

void
vehicle_paint(const struct vehicle *v, const struct view *view, const struct canvas *c, double z, double z_end)
{
	struct part p = {v, view, c, z};
	struct point glass[1][4], outline[VEHICLE_PART_CORNERS];

	paint_body(&p);
	if (vehicle_glass(v, view, z, glass[0])) {
		paint_texture(c, &v->glass, glass, 1, v->night ? lit(v, z, 2000) : 1000);
		if (v->glare && !v->night)
			paint_glow(c, glass[0][1], view->focal * 0.3 / (z < 1 ? 1 : z), 170);
	}
	paint_face(&p);
	for (int i = 0; i < VEHICLE_PARTS; i++) {
		size_t n = vehicle_part(v, view, z, i, outline);

		if (n >= 3)
			paint_soften(c, box_around(outline, n, 3));
	}
	if (v->wear != PLATE_NONE)
		paint_plate(&p, z_end);
	paint_lamps(&p);
}

size_t
vehicle_part(const struct vehicle *v, const struct view *view, double z, int part,
	     struct point corners[VEHICLE_PART_CORNERS])
{
	const struct vehicle_shape *s = v->shape;
	double half = s->width / 2;
	struct place q[VEHICLE_PARTS][4] = {
		{place_of(v, z, -half, s->hood_front, 0), place_of(v, z, half, s->hood_front, 0),
		 place_of(v, z, half, 0.02, 0), place_of(v, z, -half, 0.02, 0)},
		{place_of(v, z, -half, s->roof, s->roof_deep), place_of(v, z, half, s->roof, s->roof_deep),
		 place_of(v, z, half, s->hood_front, 0), place_of(v, z, -half, s->hood_front, 0)},
		{place_of(v, z, -half, s->roof, s->hood_deep), place_of(v, z, -half, s->roof, s->length),
		 place_of(v, z, -half, 0.02, s->length), place_of(v, z, -half, 0.02, 0)},
	};

	if (part < 0 || part >= VEHICLE_PARTS)
		return 0;
	return view_outline(view, q[part], 4, corners);
}
