/*
 * Counts USB interfaces without a driver; see usb.h.
 */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/usb.h"

unsigned int
usb_count_ignored(const char *devices)
{
	DIR *all = opendir(devices);
	const struct dirent *d;
	char driver[512];
	unsigned int n = 0;

	while (all && (d = readdir(all))) {
		(void)snprintf(driver, sizeof(driver), "%.200s/%.200s/driver", devices, d->d_name);
		n += strchr(d->d_name, ':') && access(driver, F_OK) < 0;
	}
	if (all)
		(void)closedir(all);
	return n;
}
