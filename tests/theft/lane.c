/*
 * Draws plates with the drawn lane's own painter, at the widths a lane camera is aimed for (130 px and
 * more for a US plate, 170 px for a European one), and hands them to locate's limits and encoder.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../hal/camera/plate.h"
#include "lane.h"
#include "locate/cut.h"

enum { JPEG_QUALITY = 90 /* locate.jpeg_quality, when nothing is said */, NEAREST_PX = 420 };

static uint32_t
letters_on(const struct plate_layout *layout)
{
	uint32_t n = 0;

	for (int i = 0; i < 2 && layout->lines[i]; i++)
		for (const char *c = layout->lines[i]; *c; c++)
			n += *c == 'L' || *c == 'D';
	return n;
}

/* Most vehicles stop where the camera was aimed; some stand nearer, some farther. */
static uint32_t
best_width_px(struct dice *d, const struct plate_layout *layout)
{
	double aimed = layout->w_mm > 400 ? 230 : 170;
	double spread = dice_between(d, -1, 1) + dice_between(d, -1, 1) + dice_between(d, -1, 1);
	double w = aimed * (1 + 0.25 * spread);

	return (uint32_t)(w < 110 ? 110 : w > NEAREST_PX ? NEAREST_PX : w);
}

static void
add_noise(const struct canvas *c, struct dice *d, uint32_t strength)
{
	for (size_t i = 0; i < (size_t)c->w * (size_t)c->h; i++) {
		int32_t v = c->p[i] + (int32_t)dice_roll(d, 2 * strength + 1) - (int32_t)strength;

		c->p[i] = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
	}
}

static void
paint_crop(const struct canvas *c, const struct texture *plate, const struct crop_view *v, struct dice *d,
	   uint32_t noise)
{
	const struct point all[4] = {{0, 0}, {c->w, 0}, {c->w, c->h}, {0, c->h}};
	double x = v->plate.x - v->crop.x, y = v->plate.y - v->crop.y, w = v->plate.w, h = v->plate.h;
	double lean = dice_between(d, -0.08, 0.08) * h, turn = dice_between(d, -0.06, 0.06) * h;
	struct point quad[1][4] = {
	    {{x, y + turn}, {x + w, y}, {x + w + lean, y + h}, {x + lean, y + h + turn}}};
	int32_t body = 40 + (int32_t)dice_roll(d, 120);

	paint_polygon(c, all, 4, body + 20, body - 20);
	paint_texture(c, plate, quad, 1, 800 + (int32_t)dice_roll(d, 400));
	paint_soften(c, (struct box){0, 0, c->w, c->h});
	add_noise(c, d, noise);
}

/* One view, `far` steps before the best one. Returns 0 when the policy's rules forbid a crop of it. */
static int
add_view(struct passing *p, const struct texture *plate, const struct policy *rules, struct dice *d,
	 uint32_t far, uint32_t noise)
{
	static uint8_t pixels[LANE_WIDTH_PX * LANE_HEIGHT_PX], picture[LANE_PICTURE_MAX];
	struct cut_rule rule = {rules->margin_x_permille, rules->margin_y_permille,
				rules->share_max_permille};
	struct crop_view *v = &p->crop.views[p->crop.n_views];
	int32_t w = (int32_t)(p->plate_px * (10 - far) / 10), h = w * plate->h / plate->w;
	struct canvas c = {.p = pixels};
	uint8_t *kept;
	int64_t n;

	*v = (struct crop_view){.score_permille = 700 + dice_roll(d, 300),
				.sharpness_milli = dice_roll(d, 400000),
				.exposure_us = 500,
				.encoding = CROP_JPEG};
	v->plate = (struct box){400 + (int32_t)dice_roll(d, 600), 300 + (int32_t)dice_roll(d, 300), w, h};
	if (cut_box(&v->crop, &v->plate, &rule, LANE_WIDTH_PX, LANE_HEIGHT_PX) < 0)
		return 0;
	c.w = v->crop.w;
	c.h = v->crop.h;
	c.stride = (size_t)c.w;
	paint_crop(&c, plate, v, d, noise);
	n = cut_encode(pixels, (uint32_t)c.w, (uint32_t)c.h, CROP_JPEG, JPEG_QUALITY, SPACE_OF(picture));
	CHECK(n > 0);
	kept = malloc((size_t)n);
	CHECK(kept != NULL);
	memcpy(kept, picture, (size_t)n);
	v->bytes = SPAN(kept, (size_t)n);
	p->crop.n_views++;
	p->picture_bytes += (uint32_t)n;
	return 1;
}

void
lane_paint(struct passing *p, const struct policy *rules, uint64_t seed, uint64_t number)
{
	static uint8_t *memory;
	struct dice d = dice_of(seed, number);
	const struct plate_layout *layout = plate_pick(&d);
	uint32_t luck = dice_roll(&d, 100), wear = dice_roll(&d, 100), views;
	int night = dice_roll(&d, 3) == 0;
	struct texture plate;

	if (memory == NULL)
		memory = malloc(texture_bytes(PLATE_WIDEST_MM, PLATE_TALLEST_MM));
	CHECK(memory != NULL);
	*p = (struct passing){.letters = letters_on(layout), .plate_px = best_width_px(&d, layout)};
	p->crop = (struct crop){.source = 3,
				.direction = CROP_APPROACHING,
				.lane = 1,
				.frame_width_px = LANE_WIDTH_PX,
				.frame_height_px = LANE_HEIGHT_PX,
				.frames_seen = 3 + dice_roll(&d, 30)};
	plate_draw(&plate, memory, layout,
		   wear < 80   ? PLATE_CLEAN
		   : wear < 98 ? PLATE_WORN
			       : PLATE_DIRTY,
		   night, &d);
	/* A fast or half hidden vehicle leaves fewer good views. */
	views = luck < 80 ? 3 : luck < 93 ? 2 : 1;
	for (uint32_t i = 0; i < views && i < rules->views_max; i++)
		CHECK(add_view(p, &plate, rules, &d, i, night ? 5 : 2));
}

size_t
lane_pick(size_t n, uint64_t seed, uint64_t number)
{
	struct dice d = dice_of(seed ^ 0x7069636b00000000u, number);

	return dice_roll(&d, (uint32_t)n);
}

double
lane_gap_s(uint64_t seed, uint64_t number, int64_t now_s)
{
	/* vehicles in an hour of a booth lane, by the hour of the day */
	static const uint16_t hourly[24] = {15,  10,  8,   10,  25,  80,  180, 260, 240, 180, 150, 150,
					    160, 160, 170, 200, 250, 260, 190, 120, 80,  60,  40,  25};
	struct dice d = dice_of(seed ^ 0x6761700000000000u, number);
	double even = dice_between(&d, 1e-6, 1);

	return 1.5 - log(even) * (3600.0 / hourly[now_s / 3600 % 24] - 1.5);
}
