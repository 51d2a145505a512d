/*
 * lanectl/judge.h - may this disk be overwritten? No option changes an answer.
 */
#ifndef LANECTL_JUDGE_H
#define LANECTL_JUDGE_H

#include "device.h"

enum { ALLOW_MAX = 64, JUDGE_WHY_BYTES = 400 };

/* Disks that may be flashed though they are not removable, by their whole name in /dev/disk/by-id. */
struct allow {
	char names[ALLOW_MAX][DEVICE_NAME_BYTES];
	size_t n;
};

enum verdict {
	VERDICT_GOOD,
	VERDICT_NOT_LISTED, /* fixed and not allowed: lanectl devices does not even show it */
	VERDICT_SYSTEM,
	VERDICT_IN_USE, /* mounted, swap, part of another device */
	VERDICT_NO_MEDIUM,
	VERDICT_READ_ONLY,
	VERDICT_TOO_SMALL,
};

/*
 * One name a line, # begins a comment. A missing file is an empty list.
 * 0, or -EINVAL after it said what is wrong in which line.
 */
int allow_load(struct allow *a, const char *path) MUST_CHECK;
int allow_read(struct allow *a, struct span text, size_t *bad_line) MUST_CHECK;

/* Is it removable, or allowed by name? */
int judge_listed(const struct device *d, const struct allow *a) MUST_CHECK;

/* `why` is a sentence with what to do; empty for VERDICT_GOOD. image_bytes 0: whatever fits. */
enum verdict judge_device(const struct device *d, const struct allow *a, uint64_t image_bytes,
			  char why[JUDGE_WHY_BYTES]);

#endif
