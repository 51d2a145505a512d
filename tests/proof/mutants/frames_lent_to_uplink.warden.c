/* wrap: wiring_things */
/* Lends uplink the memory of frames: one row too many in the wiring list. */
#include <string.h>

#include "warden/wiring.h"

const struct wiring_thing *__real_wiring_things(size_t *n);
const struct wiring_thing *__wrap_wiring_things(size_t *n);

const struct wiring_thing *
__wrap_wiring_things(size_t *n)
{
	static struct wiring_thing rows[32];
	const struct wiring_thing *real = __real_wiring_things(n);

	CHECK(*n < ARRAY_SIZE(rows));
	memcpy(rows, real, *n * sizeof(*rows));
	rows[(*n)++] = (struct wiring_thing){ROOM_UPLINK, ROOM_FD_FRAMES, THING_FRAMES_READ, 0};
	return rows;
}
