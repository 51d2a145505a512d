/* The door from every room to the warden. */
#include "again.h"
#include "doors/vitals/vitals.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	uint8_t again[VITALS_MESSAGE_BYTES];
	struct vital_message m;

	if (vitals_decode(&m, SPAN(data, n)) < 0)
		return 0;
	CHECK(vitals_encode(&m, SPACE_OF(again)) == (int)n && memcmp(again, data, n) == 0);
	return 0;
}
