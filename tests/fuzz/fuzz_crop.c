/* The door from locate to seal, and back. */
#include "again.h"
#include "doors/crop/crop.h"

FUZZ_AGAIN(crop, CROP_MESSAGE_MAX)
FUZZ_AGAIN(crop_ack, CROP_ACK_BYTES)

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	fuzz_crop(data, n);
	fuzz_crop_ack(data, n);
	return 0;
}
