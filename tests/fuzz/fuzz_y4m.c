/* Headers of Y4M files and of their frames. */
#include "../../hal/camera/y4m.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct y4m y;
	int head;

	if (y4m_header(&y, SPAN(data, n)) == 0) {
		CHECK(y.header_bytes <= n && y.header_bytes <= Y4M_HEADER_MAX);
		CHECK(y.width_px > 0 && y.height_px > 0 && y.frame_bytes >= (size_t)y.width_px * y.height_px);
	}
	head = y4m_frame_header(SPAN(data, n));
	CHECK(head < 0 || (head >= 6 && (size_t)head <= n && head <= Y4M_FRAME_HEADER_MAX));
	return 0;
}
