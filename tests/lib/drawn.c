#include "drawn.h"

#include <string.h>

enum { LETTER_W = 5, LETTER_H = 7, LETTERS = 12, PLATE_LETTERS = 7 };

const char *const drawn_names[DRAWN_KINDS] = {"black",        "white",   "slope",  "noise",  "checks",
					      "large checks", "stripes", "grille", "bricks", "windows",
					      "poster",       "lane",    "plates"};

/* 0 1 2 3 4 7 A E H K S T: a row of a letter is five bits. */
static const uint8_t letters[LETTERS][LETTER_H] = {
    {14, 17, 19, 21, 25, 17, 14}, {4, 12, 4, 4, 4, 4, 14},      {14, 17, 1, 6, 8, 16, 31},
    {30, 1, 1, 14, 1, 1, 30},     {2, 6, 10, 18, 31, 2, 2},     {31, 1, 2, 4, 8, 8, 8},
    {14, 17, 17, 31, 17, 17, 17}, {31, 16, 16, 30, 16, 16, 31}, {17, 17, 17, 31, 17, 17, 17},
    {17, 18, 20, 24, 20, 18, 17}, {15, 16, 16, 14, 1, 1, 30},   {31, 4, 4, 4, 4, 4, 4},
};

struct page {
	uint8_t *pixels;
	uint32_t width, height, stride, seed;
};

static uint32_t
dice(struct page *p, uint32_t n)
{
	p->seed ^= p->seed << 13;
	p->seed ^= p->seed >> 17;
	p->seed ^= p->seed << 5;
	return p->seed % (n ? n : 1);
}

/* Slightly rough, as paint is in a picture. What lies beyond the page is not painted. */
static void
paint(struct page *p, uint32_t x0, uint32_t y0, uint32_t wide, uint32_t high, uint32_t value)
{
	for (uint32_t y = y0; y < y0 + high && y < p->height; y++)
		for (uint32_t x = x0; x < x0 + wide && x < p->width; x++)
			p->pixels[(uint64_t)y * p->stride + x] = (uint8_t)(value + dice(p, 8));
}

static void
write_letter(struct page *p, uint32_t x0, uint32_t y0, uint32_t high, uint32_t value)
{
	const uint8_t *letter = letters[dice(p, LETTERS)];
	uint32_t wide = high * LETTER_W / LETTER_H;

	for (uint32_t y = 0; y < high && y0 + y < p->height; y++)
		for (uint32_t x = 0; x < wide && x0 + x < p->width; x++)
			if (letter[y * LETTER_H / high] >> (LETTER_W - 1 - x * LETTER_W / wide) & 1)
				p->pixels[(uint64_t)(y0 + y) * p->stride + x0 + x] = (uint8_t)value;
}

static void
write_line(struct page *p, uint32_t x, uint32_t y, uint32_t high, uint32_t n, uint32_t value)
{
	for (uint32_t i = 0; i < n; i++, x += high * 6 / LETTER_H + 1)
		write_letter(p, x, y, high, value);
}

static void
put_plate(struct page *p, uint32_t x, uint32_t y, uint32_t high)
{
	uint32_t letter = high * 5 / 8, wide = PLATE_LETTERS * (letter * 6 / LETTER_H + 1) + high / 2;
	int light = dice(p, 4) != 0;

	paint(p, x, y, wide, high, light ? 40 : 200);
	paint(p, x + high / 16 + 1, y + high / 16 + 1, wide - high / 8 - 2, high - high / 8 - 2,
	      light ? 215 : 30);
	write_line(p, x + high / 4 + 1, y + (high - letter) / 2, letter, PLATE_LETTERS, light ? 30 : 220);
}

static void
draw_lane(struct page *p)
{
	uint32_t w = p->width, h = p->height;

	paint(p, 0, 0, w, h, 110);
	for (int i = 0; i < 60; i++) {
		/* One a line: C leaves open in which order arguments are worked out. */
		uint32_t wide = 20 + dice(p, w / 6);
		uint32_t high = 20 + dice(p, h / 6);
		uint32_t x = dice(p, w);
		uint32_t y = dice(p, h);

		paint(p, x, y, wide, high, 40 + dice(p, 180));
	}
	for (uint32_t i = 0; i < 6; i++)
		put_plate(p, w / 12 + i % 3 * (w / 3), h / 8 + i / 3 * (h / 2), h / 32 + 4 + i * h / 128);
}

static void
draw_plates(struct page *p)
{
	paint(p, 0, 0, p->width, p->height, 90);
	for (uint32_t y = 8; y + 30 < p->height; y += 44)
		for (uint32_t x = 8; x + 140 < p->width; x += 156)
			put_plate(p, x, y, 24);
}

static void
draw_poster(struct page *p)
{
	uint32_t high = 9, y = 12;

	paint(p, 0, 0, p->width, p->height, 200);
	for (; y + high < p->height; y += high * 2, high = 9 + dice(p, p->height / 12))
		for (uint32_t x = 12; x < p->width; x += high * 7)
			write_line(p, x, y, high, 3 + dice(p, 5), 25);
}

static void
draw_bricks(struct page *p)
{
	paint(p, 0, 0, p->width, p->height, 170);
	for (uint32_t y = 0; y < p->height; y += 20)
		for (uint32_t x = 0; x < p->width + 30; x += 60)
			paint(p, x + y / 20 % 2 * 30 - (x ? 30 : 0), y, 56, 16, 70 + dice(p, 50));
}

static void
draw_windows(struct page *p)
{
	paint(p, 0, 0, p->width, p->height, 150);
	for (uint32_t y = 20; y < p->height; y += 90)
		for (uint32_t x = 20; x < p->width; x += 70) {
			paint(p, x, y, 44, 60, 220);
			paint(p, x + 4, y + 4, 16, 52, 30 + dice(p, 60));
			paint(p, x + 24, y + 4, 16, 52, 30 + dice(p, 60));
		}
}

static void
draw_grille(struct page *p)
{
	uint32_t w = p->width, h = p->height;

	paint(p, 0, 0, w, h, 120);
	for (uint32_t y = 0; y < h; y += h / 3 + 1)
		for (uint32_t x = w / 8, i = 0; i < 40; i++) {
			paint(p, x + i * (w / 60 + 3), y + h / 16, w / 120 + 1, h / 6, 20);
			paint(p, w / 8, y + h / 16 + i * 6, w / 2, 2, i % 2 ? 200 : 60);
		}
}

/* The patterns that are a formula. */
static uint8_t
formula(struct page *p, enum drawn what, uint32_t x, uint32_t y)
{
	switch (what) {
	case DRAWN_WHITE:
		return 255;
	case DRAWN_SLOPE:
		return (uint8_t)((x + y) / 8);
	case DRAWN_NOISE:
		return (uint8_t)dice(p, 256);
	case DRAWN_CHECKS:
		return (x / 3 + y / 3) % 2 ? 255 : 0;
	case DRAWN_CHECKS_LARGE:
		return (x / 24 + y / 24) % 2 ? 255 : 0;
	case DRAWN_STRIPES:
		return x / 2 % 2 ? 255 : 0;
	default:
		return 0;
	}
}

void
drawn_fill(uint8_t *pixels, uint32_t width, uint32_t height, uint32_t stride, enum drawn what)
{
	static void (*const draw[DRAWN_KINDS])(struct page *) = {
	    [DRAWN_GRILLE] = draw_grille, [DRAWN_BRICKS] = draw_bricks, [DRAWN_WINDOWS] = draw_windows,
	    [DRAWN_POSTER] = draw_poster, [DRAWN_LANE] = draw_lane,     [DRAWN_PLATES] = draw_plates,
	};
	struct page p = {pixels, width, height, stride, 2463534242U};

	if (draw[what]) {
		draw[what](&p);
		return;
	}
	for (uint32_t y = 0; y < height; y++)
		for (uint32_t x = 0; x < width; x++)
			pixels[(uint64_t)y * stride + x] = formula(&p, what, x, y);
}
