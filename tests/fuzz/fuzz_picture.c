/* The picture decoder of replayed files, with a small frame so that most time goes into the decoding. */
#include "hal/picture.h"

enum { MOST = 256 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static uint8_t luma[MOST * MOST];
	struct picture_info probed, shown;
	int err = picture_probe(SPAN(data, n), &probed);

	if (picture_luma(SPAN(data, n), MOST, MOST, SPACE_OF(luma), &shown) == 0) {
		CHECK(err == 0 && probed.width_px == shown.width_px && probed.height_px == shown.height_px);
		CHECK(shown.width_px <= MOST && shown.height_px <= MOST);
	}
	return 0;
}
