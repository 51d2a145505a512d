/* The options in a drawn lane's name. */
#include <string.h>

#include "hal/scene.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct scene_wish wish;
	const char *why, *at;
	char name[200];

	n = n < sizeof(name) - 1 ? n : sizeof(name) - 1;
	memcpy(name, data, n);
	name[n] = '\0';
	if (scene_parse(&wish, name, &why, &at) == 0)
		CHECK(wish.speed_kmh >= 1 && wish.speed_kmh <= 150 && wish.gap_ms >= 100 && wish.gap_ms <= 600000);
	else
		CHECK(why != NULL && at >= name && at <= name + n);
	return 0;
}
