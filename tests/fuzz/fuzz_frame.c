/* The door from capture to locate, and back. */
#include "again.h"
#include "doors/frame/frame.h"

FUZZ_AGAIN(frame, FRAME_MESSAGE_MAX)
FUZZ_AGAIN(frame_release, 12)
FUZZ_AGAIN(frame_light, 10)

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	fuzz_frame(data, n);
	fuzz_frame_release(data, n);
	fuzz_frame_light(data, n);
	return 0;
}
