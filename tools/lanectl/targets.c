/*
 * Finds, judges and confirms the disks to be flashed.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../common/say.h"
#include "show.h"
#include "targets.h"

enum { ANSWER_BYTES = 256 };

/* A name may be a link of udev's; what counts is the disk it leads to. */
static const struct device *
find(const struct device *list, size_t n, const char *name)
{
	char *path = realpath(name, NULL);
	const struct device *found = NULL;

	for (size_t i = 0; path && i < n; i++)
		if (strcmp(list[i].path, path) == 0)
			found = &list[i];
	free(path);
	return found;
}

/* The disk that a path is a partition of: "/dev/sdb1", and behind a digit "/dev/mmcblk0p1". */
static const struct device *
disk_of(const struct device *list, size_t n, const char *path)
{
	static const char digits[] = "0123456789";

	for (size_t i = 0; i < n; i++) {
		size_t k = strlen(list[i].path);
		const char *number = path + k;

		if (strncmp(path, list[i].path, k) != 0)
			continue;
		if (strchr(digits, path[k - 1]) && *number++ != 'p')
			continue;
		if (*number && number[strspn(number, digits)] == 0)
			return &list[i];
	}
	return NULL;
}

static void
say_not_found(const struct device *list, size_t n, const char *name)
{
	char *path = realpath(name, NULL);
	const struct device *whole;
	struct stat st;

	if (!path || stat(path, &st) < 0) {
		say_trouble("--to %s: there is no such disk; \"lanectl devices\" lists those that are there",
			    name);
		free(path);
		return;
	}
	whole = disk_of(list, n, path);
	if (whole)
		say_trouble("--to %s: is a partition; name the whole disk, %s", name, whole->path);
	else
		say_trouble("--to %s: is %s; \"lanectl devices\" lists the disks", name,
			    S_ISBLK(st.st_mode) ? "no disk that an image can be written to" : "no disk");
	free(path);
}

static int
judge(struct device *target, const struct device *list, size_t n, const char *name, const struct allow *allow,
      uint64_t image_bytes)
{
	const struct device *d = find(list, n, name);
	char why[JUDGE_WHY_BYTES], line[SHOW_LINE_BYTES];

	if (!d) {
		say_not_found(list, n, name);
		return -EINVAL;
	}
	*target = *d;
	if (judge_device(d, allow, image_bytes, why) == VERDICT_GOOD)
		return 0;
	show_device(line, d);
	say_trouble("%s (%s): refused: %s", d->path, line, why);
	return -EINVAL;
}

int
targets_find(struct device targets[TARGETS_MAX], const struct flash_wish *w, uint64_t image_bytes)
{
	static struct device list[DEVICE_LIST_MAX];
	static struct allow allow;
	int n, bad = 0, err = allow_load(&allow, w->allow);

	n = err < 0 ? err : device_list(list, DEVICE_LIST_MAX);
	if (n < 0)
		return n;
	for (size_t i = 0; i < w->n_to; i++) {
		bad |= judge(&targets[i], list, (size_t)n, w->to[i], &allow, image_bytes) < 0;
		for (size_t k = 0; k < i && !bad; k++)
			if (targets[k].major == targets[i].major && targets[k].minor == targets[i].minor) {
				say_trouble("--to %s: is the same disk as --to %s", w->to[i], w->to[k]);
				bad = 1;
			}
	}
	return bad ? -EINVAL : 0;
}

/* ---- confirming ---- */

static int
is_named(const struct device *d, const struct flash_wish *w)
{
	for (size_t i = 0; i < w->n_yes; i++)
		if (strcmp(w->yes[i], show_name(d)) == 0)
			return 1;
	return 0;
}

static int
ask(FILE *terminal, struct device *d, const char *unit)
{
	char line[SHOW_LINE_BYTES], answer[ANSWER_BYTES] = "";

	device_look(d);
	show_device(line, d);
	(void)fprintf(terminal, "\n%s  %s\n", d->path, line);
	show_contents(line, d);
	(void)fprintf(terminal, "    on it: %s\n", line);
	if (unit)
		(void)fprintf(terminal, "    for unit %s\n", unit);
	(void)fprintf(terminal, "Everything on it will be lost. To go on, type its %s (%s): ",
		      d->serial[0] ? "serial" : "name", show_name(d));
	(void)fflush(terminal);
	if (!fgets(answer, sizeof(answer), terminal))
		answer[0] = 0;
	answer[strcspn(answer, "\r\n")] = 0;
	if (strcmp(answer, show_name(d)) == 0)
		return 0;
	say_trouble("%s: not confirmed; nothing was written to any disk", d->path);
	return -ECANCELED;
}

int
targets_confirm(const struct device *targets, const struct flash_wish *w)
{
	FILE *terminal = NULL;
	int err = 0;

	for (size_t i = 0; i < w->n_to && err == 0; i++) {
		struct device d = targets[i];

		if (is_named(&d, w))
			continue;
		if (!terminal)
			terminal = fopen("/dev/tty", "r+e");
		if (terminal)
			err = ask(terminal, &d, w->n_units ? w->units[i] : NULL);
		else
			err = -ECANCELED;
		if (!terminal)
			say_trouble(
			    "%s: there is no terminal to ask on; a script confirms with --yes and the disk's %s",
			    d.path, d.serial[0] ? "serial" : "model");
	}
	if (terminal)
		(void)fclose(terminal);
	return err;
}
