/* wrap: hal_camera_read slots_take_back */
/*
 * A capture that says of each frame, as it came through the camera's port, a sum that tells frames
 * apart and shows nothing of them, and when locate has done with it: linked once more for the test in a virtual machine. The
 * product's capture has none of this. For up to five frames a second: a room's log takes ten lines.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "capture/slots.h"
#include "digest.h"
#include "hal/camera.h"

int __real_hal_camera_read(struct hal_camera *cam, struct space slot, struct frame *f, int limit_ms);
int __wrap_hal_camera_read(struct hal_camera *cam, struct space slot, struct frame *f, int limit_ms);
void __real_slots_take_back(struct slots *s, uint32_t slot, uint64_t sequence);
void __wrap_slots_take_back(struct slots *s, uint32_t slot, uint64_t sequence);

/* Threads of this process, and how many of them are under the list of calls and without rights. */
static void
count_threads(void)
{
	DIR *all = opendir("/proc/self/task");
	const struct dirent *d;
	int64_t threads = 0, inside = 0;

	while (all && (d = readdir(all))) {
		char path[300], text[4096];
		int fd;
		ssize_t n;

		if (d->d_name[0] == '.')
			continue;
		(void)snprintf(path, sizeof(path), "/proc/self/task/%s/status", d->d_name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		n = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);
		(void)close(fd);
		text[n > 0 ? n : 0] = '\0';
		threads++;
		inside += strstr(text, "\nSeccomp:\t2") && strstr(text, "\nNoNewPrivs:\t1") &&
			  strstr(text, "\nCapEff:\t0000000000000000");
	}
	if (all)
		(void)closedir(all);
	log_event(LOG_NOTE, "threads", "all", threads, "inside", inside);
}

/* USB interfaces: taken by hub and camera drivers, by any other, and by none. */
static void
count_usb(void)
{
	DIR *all = opendir("/sys/bus/usb/devices");
	const struct dirent *d;
	int64_t known = 0, other = 0, idle = 0;

	while (all && (d = readdir(all))) {
		char path[300], driver[300];
		const char *name;
		ssize_t n;

		if (!strchr(d->d_name, ':'))
			continue;
		(void)snprintf(path, sizeof(path), "/sys/bus/usb/devices/%s/driver", d->d_name);
		n = readlink(path, driver, sizeof(driver) - 1);
		driver[n > 0 ? n : 0] = '\0';
		name = strrchr(driver, '/');
		if (n <= 0)
			idle++;
		else if (name && (strcmp(name, "/hub") == 0 || strcmp(name, "/uvcvideo") == 0))
			known++;
		else
			other++;
	}
	if (all)
		(void)closedir(all);
	log_event(LOG_NOTE, "usb", "known", known, "other", other, "idle", idle);
}

int
__wrap_hal_camera_read(struct hal_camera *cam, struct space slot, struct frame *f, int limit_ms)
{
	static int counted;
	int got = __real_hal_camera_read(cam, slot, f, limit_ms);

	if (got == 1 && !counted++) {
		count_threads();
		count_usb();
	}
	if (got == 1)
		log_event(LOG_NOTE, "frame", "digest", (int64_t)frame_digest(slot.p, f->size_bytes));
	return got;
}

void
__wrap_slots_take_back(struct slots *s, uint32_t slot, uint64_t sequence)
{
	int64_t busy = 0;

	__real_slots_take_back(s, slot, sequence);
	for (int i = 0; i < CONFIG_FRAME_SLOTS; i++)
		busy += s->of[i].busy != 0;
	log_event(LOG_NOTE, "frame_back", "busy", busy);
}
