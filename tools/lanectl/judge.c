/*
 * The refusals. Pure: from what device_list() said, and the list of allowed names.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../common/file.h"
#include "../common/say.h"
#include "judge.h"

enum { ALLOW_FILE_MAX = 65536 };

int
allow_read(struct allow *a, struct span text, size_t *bad_line)
{
	const char *at = (const char *)text.p, *end = at + text.n;

	*a = (struct allow){0};
	for (*bad_line = 1; at < end; (*bad_line)++) {
		const char *eol = memchr(at, '\n', (size_t)(end - at));
		const char *next = eol ? eol + 1 : end;
		const char *stop = memchr(at, '#', (size_t)(next - at));

		stop = stop ? stop : (eol ? eol : end);
		while (at < stop && strchr(" \t\r", *at) && *at)
			at++;
		while (stop > at && strchr(" \t\r", stop[-1]) && stop[-1])
			stop--;
		if ((size_t)(stop - at) >= DEVICE_NAME_BYTES || (stop > at && a->n == ALLOW_MAX) ||
		    memchr(at, 0, (size_t)(stop - at)))
			return -EINVAL;
		if (stop > at)
			memcpy(a->names[a->n++], at, (size_t)(stop - at));
		at = next;
	}
	return 0;
}

int
allow_load(struct allow *a, const char *path)
{
	struct space text;
	size_t line;
	int err;

	*a = (struct allow){0};
	if (access(path, F_OK) < 0 && errno == ENOENT)
		return 0;
	err = file_load(path, ALLOW_FILE_MAX, &text);
	if (err < 0)
		return err;
	err = allow_read(a, SPAN(text.p, text.n), &line);
	file_free(&text);
	if (err < 0)
		say_trouble(
		    "%s:%zu: a line is one name of /dev/disk/by-id, of less than %d bytes, and there are at most %d",
		    path, line, DEVICE_NAME_BYTES, ALLOW_MAX);
	return err;
}

int
judge_listed(const struct device *d, const struct allow *a)
{
	if (d->removable)
		return 1;
	for (size_t i = 0; i < d->n_names; i++)
		for (size_t k = 0; k < a->n; k++)
			if (strcmp(d->names[i], a->names[k]) == 0)
				return 1;
	return 0;
}

static enum verdict
judge_use(const struct device *d, char why[JUDGE_WHY_BYTES])
{
	static const char *const advice[] = {
	    [USE_HELD] = "stop what holds it (LVM, RAID, encryption), or use another disk",
	    [USE_SWAP] = "it is memory of this computer (swapoff would free it)",
	    [USE_MOUNTED] = "unmount it first: somebody may be using those files",
	};

	if (d->use == USE_SYSTEM) {
		(void)snprintf(why, JUDGE_WHY_BYTES,
			       "this computer runs from it: %s. It is never overwritten", d->used_by);
		return VERDICT_SYSTEM;
	}
	(void)snprintf(why, JUDGE_WHY_BYTES, "it is in use: %s; %s", d->used_by, advice[d->use]);
	return VERDICT_IN_USE;
}

enum verdict
judge_device(const struct device *d, const struct allow *a, uint64_t image_bytes, char why[JUDGE_WHY_BYTES])
{
	why[0] = 0;
	/* The system disk first: whoever asks for it should hear that, and not how to allow it. */
	if (d->use != USE_NONE && (d->use == USE_SYSTEM || judge_listed(d, a)))
		return judge_use(d, why);
	if (!judge_listed(d, a)) {
		(void)snprintf(
		    why, JUDGE_WHY_BYTES,
		    "it cannot be taken out of this computer, so it is no unit's medium. If it is, name it in the list "
		    "of allowed disks (lanectl flash --help)");
		return VERDICT_NOT_LISTED;
	}
	if (d->bytes == 0) {
		(void)snprintf(why, JUDGE_WHY_BYTES, "there is no medium in it; put one in");
		return VERDICT_NO_MEDIUM;
	}
	if (d->read_only) {
		(void)snprintf(why, JUDGE_WHY_BYTES,
			       "it is write-protected; move the card's lock, or use another medium");
		return VERDICT_READ_ONLY;
	}
	if (d->bytes < image_bytes) {
		(void)snprintf(why, JUDGE_WHY_BYTES,
			       "it is too small: it has %llu bytes and the image %llu; use a larger one",
			       (unsigned long long)d->bytes, (unsigned long long)image_bytes);
		return VERDICT_TOO_SMALL;
	}
	return VERDICT_GOOD;
}
