/*
 * Shrinks a picture and sums up its channels. One pass over the picture, one
 * pass for each level; the inner loops are plain so that a compiler can use the
 * machine's vectors.
 */
#include "locate/sums.h"

#include <stdlib.h>
#include <string.h>

uint32_t
sums_shrink(uint32_t width_px, uint32_t height_px)
{
	uint32_t by = 1;

	while ((uint64_t)(width_px / by) * (height_px / by) > SUMS_BASE_PX)
		by++;
	return by;
}

/*
 * The sizes of smaller pictures can make a larger base than the largest
 * picture does (it may be just over the limit and be shrunk), and a long thin
 * one has a longer rim: room for the worst of them.
 */
static size_t
base_px(uint32_t width_px, uint32_t height_px)
{
	uint64_t px = (uint64_t)width_px * height_px;

	return px < SUMS_BASE_PX ? (size_t)px : SUMS_BASE_PX;
}

static size_t
plane_entries(uint32_t width_px, uint32_t height_px)
{
	size_t rim = 2 * SUMS_RIM + 1;

	return base_px(width_px, height_px) + rim * ((size_t)width_px + height_px) + rim * rim + 16;
}

static size_t
round_up(size_t n)
{
	return (n + 63) / 64 * 64;
}

size_t
sums_bytes(uint32_t width_px, uint32_t height_px)
{
	return 2 * round_up(base_px(width_px, height_px)) +
	       SUMS_CHANNELS * round_up(plane_entries(width_px, height_px) * sizeof(uint32_t));
}

void
sums_init(struct sums *s, struct space work, uint32_t width_px, uint32_t height_px)
{
	uint8_t *p = work.p;

	CHECK(work.n >= sums_bytes(width_px, height_px));
	memset(s, 0, sizeof(*s));
	for (int i = 0; i < 2; i++, p += round_up(base_px(width_px, height_px)))
		s->pixels[i] = p;
	for (int c = 0; c < SUMS_CHANNELS; c++, p += round_up(plane_entries(width_px, height_px) * sizeof(uint32_t)))
		s->sum[c] = (uint32_t *)(void *)p;
}

/* The mean of each by x by block; what is left over at the right and the bottom is not looked at. */
static void
shrink(uint8_t *out, const struct luma *picture, uint32_t by)
{
	uint32_t width_px = picture->width_px / by, height_px = picture->height_px / by;
	uint32_t area = by * by, half = area / 2;
	/* exact for sums below 255 * 46 * 46 */
	uint64_t inverse = ((uint64_t)1 << 40) / area + 1;

	for (uint32_t y = 0; y < height_px; y++) {
		for (uint32_t x = 0; x < width_px; x++) {
			const uint8_t *p = picture->pixels + (size_t)y * by * picture->stride_bytes + (size_t)x * by;
			uint32_t sum = half;

			for (uint32_t j = 0; j < by; j++, p += picture->stride_bytes)
				for (uint32_t i = 0; i < by; i++)
					sum += p[i];
			*out++ = (uint8_t)(sum * inverse >> 40);
		}
	}
}

static void
shrink_by_2(uint8_t *out, const struct luma *picture)
{
	uint32_t width_px = picture->width_px / 2, height_px = picture->height_px / 2;

	for (uint32_t y = 0; y < height_px; y++) {
		const uint8_t *a = picture->pixels + (size_t)y * 2 * picture->stride_bytes;
		const uint8_t *b = a + picture->stride_bytes;

		for (uint32_t x = 0; x < width_px; x++)
			out[x] = (uint8_t)((a[2 * x] + a[2 * x + 1] + b[2 * x] + b[2 * x + 1] + 2) >> 2);
		out += width_px;
	}
}

static uint32_t
clamp(int32_t at, uint32_t size)
{
	return at < 0 ? 0 : (uint32_t)at >= size ? size - 1 : (uint32_t)at;
}

/* Without a branch: which of two pixels is brighter cannot be guessed. */
static int
away(int a, int b)
{
	return abs(a - b);
}

/* One row of the channels, from the row above, this one and the one below. */
static void
channel_row(uint8_t *row[SUMS_CHANNELS], const uint8_t *above, const uint8_t *here, const uint8_t *below, uint32_t width_px)
{
	uint32_t last = width_px - 1;

	memcpy(row[SUMS_LUMA], here, width_px);
	for (uint32_t x = 0; x < width_px; x++)
		row[SUMS_BAR][x] = (uint8_t)away(above[x], below[x]);
	for (uint32_t x = 1; x < last; x++) {
		row[SUMS_STROKE][x] = (uint8_t)away(here[x - 1], here[x + 1]);
		row[SUMS_THIN][x] = (uint8_t)(away(here[x - 1] + here[x + 1], 2 * here[x]) / 2);
	}
	row[SUMS_STROKE][0] = row[SUMS_THIN][0] = 0;
	row[SUMS_STROKE][last] = row[SUMS_THIN][last] = 0;
	for (uint32_t x = 0; x < width_px; x++)
		row[SUMS_CORNER][x] = row[SUMS_STROKE][x] < row[SUMS_BAR][x] ? row[SUMS_STROKE][x] : row[SUMS_BAR][x];
}

/* sum[y+1][x+1] = all of channel up to and including (x, y), rim included. */
static void
sum_row(uint32_t *out, const uint32_t *above, const uint8_t *row, uint32_t width_px, int edge)
{
	uint32_t run = 0;

	*out++ = 0;
	above++;
	for (int x = 0; x < SUMS_RIM; x++) {
		run += edge ? row[0] : 0;
		*out++ = *above++ + run;
	}
	for (uint32_t x = 0; x < width_px; x++) {
		run += row[x];
		*out++ = *above++ + run;
	}
	for (int x = 0; x < SUMS_RIM; x++) {
		run += edge ? row[width_px - 1] : 0;
		*out++ = *above++ + run;
	}
}

static void
sum_level(struct sums *s)
{
	enum { PART = 8192 };
	static const uint8_t nothing[PART];
	static uint8_t rows[SUMS_CHANNELS][PART];
	uint8_t *row[SUMS_CHANNELS];
	const uint8_t *p = s->pixels[s->which];
	int32_t height = (int32_t)s->height_px;

	CHECK(s->width_px <= PART);
	s->stride = s->width_px + 2 * SUMS_RIM + 1;
	for (int c = 0; c < SUMS_CHANNELS; c++) {
		row[c] = rows[c];
		memset(s->sum[c], 0, s->stride * sizeof(uint32_t));
	}
	for (int32_t y = -SUMS_RIM; y < height + SUMS_RIM; y++) {
		size_t at = (size_t)(y + SUMS_RIM) * s->stride;
		int inside = y >= 0 && y < height;

		if (y <= 0 || inside)
			channel_row(row, p + (size_t)clamp(y - 1, s->height_px) * s->width_px,
				    p + (size_t)clamp(y, s->height_px) * s->width_px,
				    p + (size_t)clamp(y + 1, s->height_px) * s->width_px, s->width_px);
		sum_row(s->sum[SUMS_LUMA] + at + s->stride, s->sum[SUMS_LUMA] + at, row[SUMS_LUMA], s->width_px, 1);
		for (int c = SUMS_STROKE; c < SUMS_CHANNELS; c++)
			sum_row(s->sum[c] + at + s->stride, s->sum[c] + at, inside ? row[c] : nothing, s->width_px, 0);
	}
}

void
sums_begin(struct sums *s, const struct luma *picture)
{
	s->shrink = sums_shrink(picture->width_px, picture->height_px);
	s->width_px = picture->width_px / s->shrink;
	s->height_px = picture->height_px / s->shrink;
	s->which = 0;
	s->entries = 0;
	/* So long and thin that nothing is left of one side. */
	if (s->width_px == 0 || s->height_px == 0)
		return;
	if (s->shrink == 1)
		for (uint32_t y = 0; y < s->height_px; y++)
			memcpy(s->pixels[0] + (size_t)y * s->width_px, picture->pixels + (size_t)y * picture->stride_bytes,
			       s->width_px);
	else if (s->shrink == 2)
		shrink_by_2(s->pixels[0], picture);
	else
		shrink(s->pixels[0], picture, s->shrink);
	sum_level(s);
	s->entries = s->stride * (s->height_px + 2 * SUMS_RIM + 1);
}

int
sums_halve(struct sums *s)
{
	struct luma level = {s->pixels[s->which], s->width_px, s->height_px, s->width_px};

	if (s->width_px < 32 || s->height_px < 32)
		return 0;
	s->which = !s->which;
	shrink_by_2(s->pixels[s->which], &level);
	s->width_px /= 2;
	s->height_px /= 2;
	s->shrink *= 2;
	sum_level(s);
	return 1;
}
