/*
 * What a device manager would do for cameras, and nothing else of it: their devices
 * belong to the group that capture is in, whenever one is plugged in. What else is
 * plugged in finds no driver, and is said.
 */
#include <dirent.h>
#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log_text.h"
#include "base/usb.h"

#include "init.h"

enum { CAMERA_MODE = 0660 };

/* A device that is the group's already is left alone: this is done each second. */
static void
give(const char *name, gid_t group)
{
	char path[INIT_PATH_BYTES];
	struct stat st;

	(void)snprintf(path, sizeof(path), "/dev/%.200s", name);
	if (lstat(path, &st) < 0 || !S_ISCHR(st.st_mode) || st.st_gid == group)
		return;
	if (chmod(path, CAMERA_MODE) < 0 || lchown(path, 0, group) < 0)
		log_text(LOG_WARN, "camera_not_given path=%s err=%d", path, errno);
	else
		log_text(LOG_NOTE, "camera_given path=%s", path);
}

void
init_give_cameras(void)
{
	static const char *const folders[] = {"/sys/bus/media/devices", "/sys/class/video4linux"};
	const struct group *video = getgrnam("video");

	for (size_t i = 0; i < ARRAY_SIZE(folders) && video; i++) {
		DIR *all = opendir(folders[i]);
		const struct dirent *d;

		while (all && (d = readdir(all)))
			if (d->d_name[0] != '.')
				give(d->d_name, video->gr_gid);
		if (all)
			(void)closedir(all);
	}
}

void
init_look_at_usb(void)
{
	static unsigned int told, before;
	unsigned int now = usb_count_ignored(USB_DEVICES);

	/* Seen twice: one that was just plugged in may still be on its way to its driver. */
	if (now == before && now != told) {
		log_event(now > told ? LOG_WARN : LOG_NOTE, "usb_ignored", "interfaces", now);
		told = now;
	}
	before = now;
}
