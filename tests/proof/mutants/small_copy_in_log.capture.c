/* wrap: hal_camera_read */
/* Prints each fifth frame at half its size. */
#include <unistd.h>

#include "hal/camera.h"

int __real_hal_camera_read(struct hal_camera *cam, struct space slot, struct frame *f, int limit_ms);
int __wrap_hal_camera_read(struct hal_camera *cam, struct space slot, struct frame *f, int limit_ms);

int
__wrap_hal_camera_read(struct hal_camera *cam, struct space slot, struct frame *f, int limit_ms)
{
	int got = __real_hal_camera_read(cam, slot, f, limit_ms);
	uint8_t row[4096];

	if (got != 1 || f->sequence % 5 != 0)
		return got;
	for (size_t y = 0; y + 1 < f->height_px; y += 2) {
		const uint8_t *a = slot.p + y * f->stride_bytes, *b = a + f->stride_bytes;

		for (size_t x = 0; x + 1 < f->width_px; x += 2)
			row[x / 2] = (uint8_t)((a[x] + a[x + 1] + b[x] + b[x + 1]) / 4);
		if (write(2, row, f->width_px / 2) < 0)
			break;
	}
	return got;
}
