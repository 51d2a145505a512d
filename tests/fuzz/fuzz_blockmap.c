/* The block map of an image: what is taken lies in the image, in order and apart. */
#include <string.h>

#include "../../tools/common/blockmap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct blockmap m;
	char why[BLOCKMAP_WHY_BYTES];
	uint64_t next = 0;

	if (blockmap_read(&m, SPAN(data, n), why) < 0) {
		CHECK(why[0] && strlen(why) < sizeof(why) && !m.ranges);
		return 0;
	}
	for (size_t i = 0; i < m.n; i++) {
		CHECK(m.ranges[i].first >= next && m.ranges[i].last >= m.ranges[i].first);
		next = m.ranges[i].last + 1;
	}
	CHECK(m.n > 0 && next <= m.image_bytes / BLOCKMAP_BLOCK_BYTES &&
	      blockmap_mapped_bytes(&m) <= m.image_bytes);
	blockmap_free(&m);
	return 0;
}
