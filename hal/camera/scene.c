/*
 * The drawn lane: who comes when, one frame at a time, and the truth about it.
 * Everything follows from the seed and the frame's number.
 */
#include "hal/scene.h"

#include <errno.h>
#include <string.h>

#include "backdrop.h"
#include "vehicle.h"

enum {
	PLACES = SCENE_PLATES_MAX,
	NOISE_TURN = 1 << 16,
	NOISE_BYTES = NOISE_TURN + 8192,
	BLOCK = 10,        /* vehicles of one light */
	BLOCK_RAIN = 7,    /* of which those from here on drive in rain */
	DROPS = 240,
	AFTER_LAST_US = 1500000,
};

static const double near_mark_m = 3.0, far_mark_m = 24.0, gone_mark_m = 0.2;

struct place_of_vehicle {
	struct vehicle vehicle;
	uint8_t *memory;
};

struct scene {
	struct scene_wish wish;
	struct view view;
	uint8_t *day, *night;      /* the empty lane */
	int8_t *noise_day, *noise_night;
	struct vehicle coming;     /* the next one; not dressed yet */
	struct place_of_vehicle places[PLACES];
	uint64_t seed, next_index;
	int64_t last_gone_us;
	int dark_now, rain_now;
};

static size_t
up(size_t n)
{
	return (n + 63) & ~(size_t)63;
}

size_t
scene_bytes(uint32_t width_px, uint32_t height_px)
{
	if (width_px < 16 || width_px > 8192 || height_px < 16 || height_px > 8192)
		return 0;
	return up(sizeof(struct scene)) + 2 * up((size_t)width_px * height_px) + 2 * up(NOISE_BYTES) +
	       PLACES * up(vehicle_bytes()) + up(backdrop_bytes());
}

/* Near enough to a bell curve of this width. */
static void
make_noise(int8_t *noise, uint64_t seed, int32_t width_centi)
{
	struct dice d = dice_of(seed, 4242);

	for (int i = 0; i < NOISE_BYTES; i++) {
		int32_t sum = 0;

		for (int k = 0; k < 4; k++)
			sum += (int32_t)dice_roll(&d, 255) - 127;
		noise[i] = (int8_t)(sum * width_centi / (147 * 100));
	}
}

static int
is_night(const struct scene *s, uint32_t number)
{
	if (s->wish.light == SCENE_MIXED)
		return (number - 1) / BLOCK % 2;
	return s->wish.light == SCENE_NIGHT;
}

static int
is_rain(const struct scene *s, uint32_t number)
{
	if (s->wish.rain == SCENE_RAIN_SOME)
		return (number - 1) % BLOCK >= BLOCK_RAIN;
	return s->wish.rain == SCENE_RAIN_ALWAYS;
}

static int64_t
us_for(double metres, const struct vehicle *v)
{
	return (int64_t)(metres / v->speed_mps * 1e6);
}

static void
decide(const struct scene *s, struct vehicle *v, uint32_t number)
{
	v->night = is_night(s, number);
	v->rain = is_rain(s, number);
	vehicle_make(v, s->seed, number, s->wish.speed_kmh);
}

/* Fixes when the vehicle after `before` comes; between day and night nobody is there. */
static void
follow(struct scene *s, const struct vehicle *before)
{
	struct vehicle *v = &s->coming;
	struct dice d = dice_of(s->seed, ((uint64_t)before->number << 32) + 5);
	int64_t gap_us = (int64_t)(s->wish.gap_ms * dice_between(&d, 1000, 1300));
	int64_t passes_us = before->passes_us + us_for(before->shape->length, before) + gap_us;

	decide(s, v, before->number + 1);
	if (v->night != before->night)
		passes_us = before->passes_us + us_for(before->shape->length + near_mark_m, before) + gap_us +
			    us_for(far_mark_m, v);
	v->passes_us = passes_us;
}

static void
rewind_lane(struct scene *s)
{
	for (int i = 0; i < PLACES; i++)
		s->places[i].vehicle.number = 0;
	decide(s, &s->coming, 1);
	s->coming.passes_us = us_for(far_mark_m - near_mark_m, &s->coming) + 200000;
	s->next_index = 0;
	s->last_gone_us = 0;
	s->dark_now = s->coming.night;
	s->rain_now = s->coming.rain;
}

int
scene_init(struct scene **out, struct space work, const struct scene_wish *wish)
{
	size_t need = scene_bytes(wish->width_px, wish->height_px), plane = up((size_t)wish->width_px * wish->height_px);
	struct canvas c = {NULL, (int32_t)wish->width_px, (int32_t)wish->height_px, wish->width_px};
	struct scene *s = (struct scene *)(void *)work.p;
	uint8_t *p = work.p + up(sizeof(*s));

	if (need == 0 || work.n < need || wish->rate_mhz == 0 || wish->speed_kmh < 1 || wish->speed_kmh > 150 ||
	    wish->gap_ms < 100 || wish->gap_ms > 600000)
		return -EINVAL;
	memset(s, 0, sizeof(*s));
	s->wish = *wish;
	s->seed = wish->seed * 1000003u + wish->restarts;
	s->view = view_of(c.w, c.h);
	s->day = p;
	s->night = p + plane;
	s->noise_day = (int8_t *)(p + 2 * plane);
	s->noise_night = (int8_t *)(p + 2 * plane + up(NOISE_BYTES));
	p += 2 * plane + 2 * up(NOISE_BYTES);
	for (int i = 0; i < PLACES; i++, p += up(vehicle_bytes()))
		s->places[i].memory = p;
	make_noise(s->noise_day, s->seed, 200);
	make_noise(s->noise_night, s->seed + 1, 330);
	c.p = s->day;
	if (wish->light != SCENE_NIGHT)
		backdrop_draw(&c, &s->view, wish->seed, 0, p);
	c.p = s->night;
	if (wish->light != SCENE_DAY)
		backdrop_draw(&c, &s->view, wish->seed, 1, p);
	rewind_lane(s);
	*out = s;
	return 0;
}

static double
metres_at(const struct vehicle *v, int64_t at_us)
{
	return near_mark_m + (double)(v->passes_us - at_us) / 1e6 * v->speed_mps;
}

/* Lets vehicles into the picture and out of it. Returns how many are there, far ones first. */
static size_t
move_on(struct scene *s, int64_t at_us, const struct vehicle *here[PLACES])
{
	size_t n = 0;

	for (int i = 0; i < PLACES; i++) {
		struct vehicle *v = &s->places[i].vehicle;

		if (v->number != 0 && metres_at(v, at_us) + v->shape->length < gone_mark_m) {
			v->number = 0;
			s->last_gone_us = v->passes_us + us_for(near_mark_m + v->shape->length - gone_mark_m, v);
		}
	}
	for (int i = 0; i < PLACES; i++) {
		struct place_of_vehicle *p = &s->places[i];
		int more = s->wish.vehicles == 0 || s->coming.number <= s->wish.vehicles;

		if (p->vehicle.number == 0 && more && metres_at(&s->coming, at_us) <= far_mark_m) {
			p->vehicle = s->coming;
			vehicle_dress(&p->vehicle, p->memory, s->seed);
			s->dark_now = p->vehicle.night;
			s->rain_now = p->vehicle.rain;
			follow(s, &p->vehicle);
		}
		if (p->vehicle.number != 0)
			here[n++] = &p->vehicle;
	}
	for (size_t i = 1; i < n; i++) /* by insertion: at most eight */
		for (size_t k = i; k > 0 && metres_at(here[k], at_us) > metres_at(here[k - 1], at_us); k--) {
			const struct vehicle *swap = here[k];

			here[k] = here[k - 1];
			here[k - 1] = swap;
		}
	return n;
}

static int64_t
time_of(const struct scene *s, uint64_t index)
{
	return (int64_t)(index * 1000000000u / s->wish.rate_mhz);
}

static struct box
cut_to_frame(const struct scene *s, const struct point q[4])
{
	double x0 = (double)s->wish.width_px, y0 = (double)s->wish.height_px, x1 = 0, y1 = 0;
	struct box b = {0, 0, 0, 0};

	for (int i = 0; i < 4; i++) {
		x0 = q[i].x < x0 ? q[i].x : x0;
		y0 = q[i].y < y0 ? q[i].y : y0;
		x1 = q[i].x > x1 ? q[i].x : x1;
		y1 = q[i].y > y1 ? q[i].y : y1;
	}
	x0 = x0 < 0 ? 0 : x0;
	y0 = y0 < 0 ? 0 : y0;
	x1 = x1 > (double)s->wish.width_px ? (double)s->wish.width_px : x1;
	y1 = y1 > (double)s->wish.height_px ? (double)s->wish.height_px : y1;
	if (x1 - x0 < 1 || y1 - y0 < 1)
		return b;
	b.x = (int32_t)x0;
	b.y = (int32_t)y0;
	b.w = (int32_t)x1 - b.x + ((double)(int32_t)x1 < x1);
	b.h = (int32_t)y1 - b.y + ((double)(int32_t)y1 < y1);
	return b;
}

/* 1 when a vehicle nearer than number `from` of `here` hides the point. */
static int
is_hidden(const struct scene *s, const struct vehicle *const *here, size_t from, size_t n, int64_t at_us, struct point p)
{
	struct point corners[VEHICLE_PART_CORNERS];

	for (size_t i = from + 1; i < n; i++)
		for (int part = 0; part < VEHICLE_PARTS; part++) {
			size_t k = vehicle_part(here[i], &s->view, metres_at(here[i], at_us), part, corners);

			if (k >= 3 && point_inside(p, corners, k))
				return 1;
		}
	return 0;
}

/* Share of a quad that is seen, by looking at 9 x 5 points of it. */
static uint32_t
visible_of(const struct scene *s, const struct vehicle *const *here, size_t from, size_t n, int64_t at_us,
	   const struct point q[4])
{
	uint32_t seen = 0;

	for (int i = 0; i < 45; i++) {
		double u = (double)(i % 9) / 8, v = (double)(i / 9) / 4;
		struct point top = {q[0].x + (q[1].x - q[0].x) * u, q[0].y + (q[1].y - q[0].y) * u};
		struct point low = {q[3].x + (q[2].x - q[3].x) * u, q[3].y + (q[2].y - q[3].y) * u};
		struct point p = {top.x + (low.x - top.x) * v, top.y + (low.y - top.y) * v};

		seen += p.x >= 0 && p.y >= 0 && p.x < (double)s->wish.width_px && p.y < (double)s->wish.height_px &&
			!is_hidden(s, here, from, n, at_us, p);
	}
	return seen * 1000 / 45;
}

static int32_t
pixel(double v)
{
	return (int32_t)(v < -30000 ? -30000 : v > 30000 ? 30000 : v);
}

static void
tell_truth(const struct scene *s, const struct vehicle *const *here, size_t n, int64_t at_us, int64_t exposure_us,
	   struct scene_truth *truth)
{
	for (size_t i = 0; i < n; i++) {
		struct scene_plate *t = &truth->plates[i];
		double z = metres_at(here[i], at_us + exposure_us / 2);
		struct point q[4];

		memset(t, 0, sizeof(*t));
		t->vehicle = here[i]->number;
		t->readable = here[i]->wear < PLATE_DIRTY;
		if (vehicle_glass(here[i], &s->view, z, q))
			t->windscreen = cut_to_frame(s, q);
		if (!vehicle_plate(here[i], &s->view, z, q))
			continue;
		for (int k = 0; k < 4; k++) {
			t->quad[k].x = pixel(q[k].x);
			t->quad[k].y = pixel(q[k].y);
		}
		t->visible_permille = visible_of(s, here, i, n, at_us, q);
		if (t->visible_permille > 0)
			t->box = cut_to_frame(s, q);
	}
	truth->n = (uint32_t)n;
	truth->at_us = at_us;
}

static void
add_noise(uint8_t *restrict row, const int8_t *restrict noise, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int v = row[i] + noise[i];

		row[i] = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
	}
}

static void
draw_weather(const struct scene *s, const struct canvas *c, uint64_t index)
{
	struct dice d = dice_of(s->seed, index * 2 + 1);
	const int8_t *noise = s->dark_now ? s->noise_night : s->noise_day;

	for (int i = 0; s->rain_now && i < DROPS; i++) {
		int32_t x = (int32_t)dice_roll(&d, (uint32_t)c->w), y = (int32_t)dice_roll(&d, (uint32_t)c->h);
		int32_t longest = c->h / 24 + 4, strength = 14 + (int32_t)dice_roll(&d, 40);

		paint_streak(c, x, y, 4 + (int32_t)dice_roll(&d, (uint32_t)longest), 2, strength);
	}
	for (int32_t y = 0; y < c->h; y++)
		add_noise(c->p + (size_t)y * c->stride, noise + dice_roll(&d, NOISE_TURN), (size_t)c->w);
}

void
scene_exposure(const struct scene *s, uint32_t *exposure_us, uint32_t *gain_milli)
{
	*exposure_us = s->wish.exposure_us != 0 ? s->wish.exposure_us : s->dark_now ? 1500 : 500;
	*gain_milli = s->dark_now ? 4000 : 1000;
}

int
scene_draw(struct scene *s, uint64_t index, uint8_t *luma, struct scene_truth *truth)
{
	struct canvas c = {luma, (int32_t)s->wish.width_px, (int32_t)s->wish.height_px, s->wish.width_px};
	int64_t at_us = time_of(s, index);
	const struct vehicle *here[PLACES];
	uint32_t exposure_us, gain_milli;
	size_t n;

	if (index < s->next_index)
		rewind_lane(s);
	s->next_index = index + 1;
	n = move_on(s, at_us, here);
	if (n == 0 && s->wish.vehicles != 0 && s->coming.number > s->wish.vehicles &&
	    at_us - s->last_gone_us > AFTER_LAST_US)
		return 0;
	scene_exposure(s, &exposure_us, &gain_milli);
	memcpy(luma, s->dark_now ? s->night : s->day, (size_t)c.w * (size_t)c.h);
	for (size_t i = 0; i < n; i++)
		vehicle_paint(here[i], &s->view, &c, metres_at(here[i], at_us), metres_at(here[i], at_us + exposure_us));
	draw_weather(s, &c, index);
	if (truth != NULL)
		tell_truth(s, here, n, at_us, exposure_us, truth);
	return 1;
}

/* Vehicles come in the order of their numbers and none overtakes another. */
uint32_t
scene_nearer(const struct scene *s, uint32_t metres)
{
	int64_t at_us = time_of(s, s->next_index - 1);
	uint32_t least = s->coming.number;

	for (int i = 0; i < PLACES; i++) {
		const struct vehicle *v = &s->places[i].vehicle;

		if (v->number != 0 && v->number < least && metres_at(v, at_us) > (double)metres)
			least = v->number;
	}
	return least - 1;
}

void
scene_passage(const struct scene *s, uint32_t number, struct scene_passage *passage)
{
	struct vehicle v;

	memset(&v, 0, sizeof(v));
	decide(s, &v, number);
	*passage = (struct scene_passage){
		.vehicle = number,
		.shape = v.shape->name,
		.region = v.layout->region,
		.two_line = v.layout->lines[1] != NULL,
		.dark = (uint8_t)v.layout->dark,
		.night = (uint8_t)v.night,
		.rain = (uint8_t)v.rain,
		.legible = v.wear < PLATE_DIRTY,
		.plate = v.wear != PLATE_NONE,
		.speed_metres_per_hour = (uint32_t)(v.speed_mps * 3600),
	};
}
