/* The inside of an MJPEG frame: the first four bytes are the size the door says, the rest the picture. */
#include <string.h>

#include "locate/luma.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static uint8_t memory[LUMA_BYTES];
	static int begun;
	struct frame f;
	struct luma luma;
	uint32_t sum = 0;

	if (n < 4)
		return 0;
	if (!begun)
		luma_init(SPACE_OF(memory));
	begun = 1;
	memset(&f, 0, sizeof(f));
	f.format = PIXEL_MJPEG;
	f.width_px = (uint16_t)(1 + (data[0] << 8 | data[1]) % 512);
	f.height_px = (uint16_t)(1 + (data[2] << 8 | data[3]) % 512);
	f.size_bytes = (uint32_t)(n - 4);
	if (luma_of(&luma, &f, SPAN(data + 4, n - 4)) < 0)
		return 0;
	for (uint32_t y = 0; y < luma.height_px; y++)
		for (uint32_t x = 0; x < luma.width_px; x++)
			sum += luma.pixels[y * luma.stride_bytes + x];
	luma_done();
	CHECK(sum <= 255u * f.width_px * f.height_px);
	return 0;
}
