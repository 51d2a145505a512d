/*
 * Number plates of several regions: ground, frame, strip, letters, wear. The
 * ground reflects back to the lamp, so by night it is the brightest thing on
 * the road.
 */
#include "plate.h"

#include <string.h>

const struct plate_layout plate_layouts[] = {
	{"eu", 520, 110, {"LL-DD LLL", NULL}, {76, 0}, 47, 'L', NULL, 0, 5},
	{"eu", 520, 110, {"L DDDDLL", NULL}, {76, 0}, 50, 'L', NULL, 0, 3},
	{"eu", 520, 111, {"LLDD LLL", NULL}, {78, 0}, 55, 0, NULL, 0, 3},
	{"eu", 520, 110, {"LLL DDDD", NULL}, {76, 0}, 52, 'L', NULL, 1, 2},
	{"eu-two", 340, 220, {"LLL-D", "LDDD"}, {76, 76}, 56, 'L', NULL, 0, 2},
	{"eu-two", 280, 200, {"LL-", "DDLL"}, {74, 74}, 54, 'L', NULL, 0, 2},
	{"us", 305, 152, {"LLLDDDD", NULL}, {68, 0}, 37, 'W', "OCEANVIEW", 0, 4},
	{"us", 305, 152, {"DLLLDDD", NULL}, {68, 0}, 37, 'W', "HILL STATE", 1, 2},
	{"mercosur", 400, 130, {"LLLDLDD", NULL}, {65, 0}, 51, 'T', "MERCOSUL", 0, 4},
	{"asia", 500, 120, {"LLDDLLDDDD", NULL}, {70, 0}, 45, 0, NULL, 0, 2},
	{"asia-two", 340, 200, {"LLDDLL", "DDDD"}, {72, 72}, 50, 0, NULL, 0, 2},
	{"asia-two", 330, 165, {"DDD", "DD-DD"}, {38, 85}, 52, 0, NULL, 1, 1},
};
const uint32_t plate_layout_count = ARRAY_SIZE(plate_layouts);

const struct plate_layout *
plate_pick(struct dice *d)
{
	int32_t all = 0, n;
	uint32_t i;

	for (i = 0; i < plate_layout_count; i++)
		all += plate_layouts[i].likelihood;
	n = (int32_t)dice_roll(d, (uint32_t)all);
	for (i = 0; i + 1 < plate_layout_count && n >= plate_layouts[i].likelihood; i++)
		n -= plate_layouts[i].likelihood;
	return &plate_layouts[i];
}

static void
fill(struct texture *t, int32_t x, int32_t y, int32_t w, int32_t h, int32_t luma)
{
	for (int32_t i = y < 0 ? 0 : y; i < y + h && i < t->h; i++)
		for (int32_t k = x < 0 ? 0 : x; k < x + w && k < t->w; k++)
			t->level[0][i * t->w + k] = (uint8_t)luma;
}

/* A made-up number for a pattern; what is no letter and no digit stays. */
static void
make_number(char out[16], const char *pattern, struct dice *d)
{
	static const char letters[] = "ABCDEFGHJKLMNPRSTUVWXYZ";
	size_t i;

	for (i = 0; pattern[i] != '\0' && i < 15; i++)
		out[i] = pattern[i] == 'L'   ? letters[dice_roll(d, sizeof(letters) - 1)]
			 : pattern[i] == 'D' ? (char)('0' + dice_roll(d, 10))
					     : pattern[i];
	out[i] = '\0';
}

static void
draw_line(struct texture *t, const char *number, int32_t left, int32_t right, int32_t y, int32_t letter_mm,
	  int32_t line_mm, int32_t ink)
{
	int32_t n = (int32_t)strlen(number), x = left + (right - left - n * letter_mm) / 2;

	glyphs_draw(t->level[0], t->w, t->h, number, x, y, letter_mm, line_mm, ink);
	for (int32_t i = 0; i < n; i++)
		if (number[i] == '-') /* the inspection seal */
			fill(t, x + i * letter_mm + letter_mm / 4, y + line_mm / 4, letter_mm / 2, line_mm / 2,
			     (ink + 2 * 120) / 3);
}

/* Mud in soft spots; where it is dirty, most of the number is under it. */
static void
draw_wear(struct texture *t, enum plate_wear wear, struct dice *d)
{
	int32_t spots = wear == PLATE_DIRTY ? 160 : wear == PLATE_WORN ? 14 : 0;
	int32_t mud = 70 + (int32_t)dice_roll(d, 30);

	for (int32_t i = 0; i < spots; i++) {
		int32_t cx = (int32_t)dice_roll(d, (uint32_t)t->w), cy = (int32_t)dice_roll(d, (uint32_t)t->h);
		int32_t r = wear == PLATE_DIRTY ? 14 + (int32_t)dice_roll(d, 26) : 3 + (int32_t)dice_roll(d, 9);

		for (int32_t y = cy - r; y <= cy + r; y++)
			for (int32_t x = cx - r; x <= cx + r; x++) {
				int32_t left = r * r - (x - cx) * (x - cx) - (y - cy) * (y - cy);
				uint8_t *p = t->level[0] + y * t->w + x;

				if (left > 0 && x >= 0 && x < t->w && y >= 0 && y < t->h)
					*p = (uint8_t)(*p + (mud - *p) * left / (r * r));
			}
	}
}

void
plate_draw(struct texture *t, uint8_t *memory, const struct plate_layout *layout, enum plate_wear wear, int night,
	   struct dice *d)
{
	int32_t edge = PLATE_HOLDER_MM, w = layout->w_mm, h = layout->h_mm;
	int32_t ground = (night ? 222 : 176) + (int32_t)dice_roll(d, 26), ink = 28 + (int32_t)dice_roll(d, 20);
	int32_t left = edge + 8, right = edge + w - 8, top = edge, y, swap = ground;
	int32_t lines = layout->line_mm[0] + (layout->lines[1] != NULL ? layout->line_mm[1] + 14 : 0);
	char number[16];

	if (layout->dark) {
		ground = night ? ink + 20 : ink + 8;
		ink = swap;
	}
	texture_init(t, memory, w + 2 * edge, h + 2 * edge);
	fill(t, 0, 0, t->w, t->h, 24);
	fill(t, edge, edge, w, h, ground);
	for (int32_t i = 0; i < 3; i++) { /* the embossed line */
		fill(t, edge + 4 + i, edge + 4, 1, h - 8, (ground + ink) / 2);
		fill(t, edge + w - 5 - i, edge + 4, 1, h - 8, (ground + ink) / 2);
		fill(t, edge + 4, edge + 4 + i, w - 8, 1, (ground + ink) / 2);
		fill(t, edge + 4, edge + h - 5 - i, w - 8, 1, (ground + ink) / 2);
	}
	if (layout->band == 'L') {
		fill(t, edge, edge, 42, h, night ? 130 : 58);
		glyphs_draw(t->level[0], t->w, t->h, "X", edge + 11, edge + h - 34, 22, 24, 225);
		left += 40;
	} else if (layout->band == 'T') {
		fill(t, edge, edge, w, 30, night ? 120 : 62);
		draw_line(t, layout->word, left, right, edge + 7, 17, 17, 225);
		top += 26;
	} else if (layout->band == 'W') {
		draw_line(t, layout->word, left, right, edge + 12, 20, 19, (ground + 3 * ink) / 4);
		top += 16;
	}
	y = top + (edge + h - top - lines) / 2;
	for (int i = 0; i < 2 && layout->lines[i] != NULL; i++) {
		make_number(number, layout->lines[i], d);
		draw_line(t, number, left, right, y, layout->letter_mm, layout->line_mm[i], ink);
		y += layout->line_mm[i] + 14;
	}
	draw_wear(t, wear, d);
	texture_finish(t);
}
