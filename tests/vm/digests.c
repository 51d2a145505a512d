/* wrap: hal_camera_read */
/*
 * A capture that says of each frame, as it came through the camera's port, a sum that tells frames
 * apart and shows nothing of them: linked once more for the test in a virtual machine. The product's capture has none of this.
 * For up to ten frames a second: a room's log takes no more lines.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "hal/camera.h"

int __real_hal_camera_read(struct hal_camera *cam, struct space slot, struct frame *f, int limit_ms);
int __wrap_hal_camera_read(struct hal_camera *cam, struct space slot, struct frame *f, int limit_ms);

/* As the soft camera has it. */
static int64_t
digest(const uint8_t *p, size_t n)
{
	uint64_t sum = n, word;

	for (; n > 0; n -= n < 8 ? n : 8, p += 8) {
		word = 0;
		memcpy(&word, p, n < 8 ? n : 8);
		sum = (sum ^ word) * 0x9e3779b97f4a7c15;
		sum ^= sum >> 29;
	}
	return (int64_t)(sum >> 1);
}

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
		log_event(LOG_NOTE, "frame", "digest", digest(slot.p, f->size_bytes));
	return got;
}
