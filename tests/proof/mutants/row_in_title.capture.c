/* wrap: room_begin hal_camera_read */
/* Writes a row of pixels where ps(1) reads the command line. */
#include <string.h>

#include "base/room.h"
#include "hal/camera.h"

void __real_room_begin(int argc, char **argv);
void __wrap_room_begin(int argc, char **argv);
int __real_hal_camera_read(struct hal_camera *cam, struct space slot, struct frame *f, int limit_ms);
int __wrap_hal_camera_read(struct hal_camera *cam, struct space slot, struct frame *f, int limit_ms);

static char *title;
static size_t title_bytes;

void
__wrap_room_begin(int argc, char **argv)
{
	title = argv[1];
	title_bytes = (size_t)(argv[argc - 1] - argv[1]);
	__real_room_begin(argc, argv);
}

int
__wrap_hal_camera_read(struct hal_camera *cam, struct space slot, struct frame *f, int limit_ms)
{
	int got = __real_hal_camera_read(cam, slot, f, limit_ms);
	size_t n = title_bytes < f->width_px ? title_bytes : f->width_px;

	if (got == 1 && f->sequence > 5)
		memcpy(title, slot.p + (size_t)(f->height_px / 2) * f->stride_bytes + (f->width_px - n) / 2,
		       n);
	return got;
}
