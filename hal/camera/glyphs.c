/*
 * Letters and digits as strokes on a grid of 5 x 9 points, drawn by us: each
 * pair of digits is a point (column, row), a space lifts the pen.
 */
#include "plate.h"

#include <string.h>

static const char *const strokes[] = {
	['0'] = "10304147381807 0110 0107", ['1'] = "022028 0848", ['2'] = "0110304143 430848",
	['3'] = "00402434 344547381807", ['4'] = "38300646", ['5'] = "40000434454738 381807",
	['6'] = "4130100107183847453414 1405", ['7'] = "004018", ['8'] = "1030414334140301 0110 14050718384745 4534",
	['9'] = "071838474130100103 03143443", ['A'] = "082048 1535", ['B'] = "003041433404 344547380800",
	['C'] = "4130100107183847", ['D'] = "00304147380800", ['E'] = "40000848 0434", ['F'] = "400008 0434",
	['G'] = "413010010718384744 4424", ['H'] = "0008 4048 0444", ['I'] = "2028", ['J'] = "404738180706",
	['K'] = "0008 4004 0448", ['L'] = "000848", ['M'] = "0800244048", ['N'] = "08004840",
	['O'] = "10304147381807 0110 0107", ['P'] = "080030414334 3404", ['Q'] = "10304147381807 0110 0107 2648",
	['R'] = "080030414334 3404 2448", ['S'] = "4130100103143445 4547381807", ['T'] = "0040 2028",
	['U'] = "000718384740", ['V'] = "002840", ['W'] = "0018243840", ['X'] = "0048 4008", ['Y'] = "0024 40242428",
	['Z'] = "00400848", ['.'] = "2728",
};

struct pen {
	uint8_t *p;
	int32_t w, h, luma;
	double half; /* of the stroke's width */
};

/* All texels nearer to the line a-b than half a stroke; the rim in its share. */
static void
pen_line(const struct pen *pen, struct point a, struct point b)
{
	double dx = b.x - a.x, dy = b.y - a.y, long2 = dx * dx + dy * dy, reach = pen->half + 1;
	double half2 = pen->half * pen->half, rim = (pen->half + 1) * (pen->half + 1) - half2;
	int32_t x0 = (int32_t)((a.x < b.x ? a.x : b.x) - reach), x1 = (int32_t)((a.x > b.x ? a.x : b.x) + reach) + 1;
	int32_t y0 = (int32_t)((a.y < b.y ? a.y : b.y) - reach), y1 = (int32_t)((a.y > b.y ? a.y : b.y) + reach) + 1;

	for (int32_t y = y0 < 0 ? 0 : y0; y < y1 && y < pen->h; y++)
		for (int32_t x = x0 < 0 ? 0 : x0; x < x1 && x < pen->w; x++) {
			double px = (double)x + 0.5 - a.x, py = (double)y + 0.5 - a.y;
			double t = long2 > 0 ? (px * dx + py * dy) / long2 : 0, ex, ey, off;
			uint8_t *d = pen->p + y * pen->w + x;

			t = t < 0 ? 0 : t > 1 ? 1 : t;
			ex = px - t * dx;
			ey = py - t * dy;
			off = ex * ex + ey * ey - half2;
			if (off <= 0)
				*d = (uint8_t)pen->luma;
			else if (off < rim)
				*d = (uint8_t)(*d + (int32_t)((1.0 - off / rim) * (double)(pen->luma - *d)));
		}
}

static void
pen_letter(const struct pen *pen, const char *s, double x, double y, double w, double h)
{
	struct point last = {0, 0};
	int down = 0;

	while (s != NULL && *s != '\0') {
		struct point to;

		if (*s == ' ') {
			down = 0;
			s++;
			continue;
		}
		to.x = x + w * (double)(s[0] - '0') / 4.0;
		to.y = y + h * (double)(s[1] - '0') / 8.0;
		if (down)
			pen_line(pen, last, to);
		last = to;
		down = 1;
		s += 2;
	}
}

void
glyphs_draw(uint8_t *p, int32_t w, int32_t h, const char *text, int32_t x, int32_t y, int32_t letter_w, int32_t height,
	    int32_t luma)
{
	struct pen pen = {.p = p, .w = w, .h = h, .luma = luma, .half = (double)height / 14.0};

	for (; *text != '\0'; text++, x += letter_w) {
		unsigned char c = (unsigned char)*text;

		if (c < ARRAY_SIZE(strokes))
			pen_letter(&pen, strokes[c], (double)x + pen.half + (double)letter_w * 0.06, (double)y + pen.half,
				   (double)letter_w * 0.82 - 2 * pen.half, (double)height - 2 * pen.half);
	}
}
