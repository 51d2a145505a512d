/* The door from the warden to spool. */
#include "again.h"
#include "doors/health/health.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	uint8_t again[HEALTH_MESSAGE_BYTES];
	struct record_health h;

	if (health_decode(&h, SPAN(data, n)) < 0)
		return 0;
	CHECK(health_encode(&h, SPACE_OF(again)) == (int)n && memcmp(again, data, n) == 0);
	return 0;
}
