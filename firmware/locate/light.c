/*
 * How bright a plate is. See light.h.
 */
#include "locate/light.h"

enum { COARSE = 16 };

uint8_t
light_of_plate(const struct luma *luma, const struct box *box)
{
	uint32_t many[256] = {0}, darker = 0, all = (uint32_t)box->w * (uint32_t)box->h;
	int level = 0;

	for (int32_t y = box->y; y < box->y + box->h; y++)
		for (int32_t x = box->x; x < box->x + box->w; x++)
			many[luma->pixels[(size_t)y * luma->stride_bytes + (size_t)x]]++;
	while (level < 255 && (darker += many[level]) * 5 < all * 4)
		level++;
	return (uint8_t)level;
}

uint8_t
light_of_scene(const struct luma *luma)
{
	uint64_t sum = 0, n = 0;

	for (uint32_t y = COARSE / 2; y < luma->height_px; y += COARSE)
		for (uint32_t x = COARSE / 2; x < luma->width_px; x += COARSE, n++)
			sum += luma->pixels[(size_t)y * luma->stride_bytes + x];
	return (uint8_t)(n > 0 ? sum / n : 0);
}
