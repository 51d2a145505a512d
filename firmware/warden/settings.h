/*
 * warden/settings.h - the run-time settings: one file in libconfig's format, one table of what may stand in it.
 *
 * settings_read -> settings_number, settings_text ... -> settings_errors. A mistake
 * in the file is said with file, line, key, what was found and what is allowed;
 * all mistakes are said, not just the first, and then nothing starts.
 */
#ifndef WARDEN_SETTINGS_H
#define WARDEN_SETTINGS_H

#include <stdio.h>

#include "base/base.h"

enum { SETTINGS_TEXT_BYTES = 1024 /* with the final NUL */, SETTINGS_MAX = 48 };

enum setting_kind { SETTING_NUMBER, SETTING_TEXT, SETTING_CHOICE };

/* One row of the table, settings_table() */
struct setting_row {
	const char *path;   /* "camera.rate_fps": group and key */
	enum setting_kind kind;
	const char *unit;   /* a number's, in words; NULL: it counts things */
	int64_t least, most; /* a number's range */
	int64_t normal;     /* a number's value when it is not given */
	const char *allowed; /* a choice: "grey|nv12"; a text: what it may be, in words */
	const char *otherwise; /* a text's or choice's value when it is not given; NULL: required */
	int (*good)(const char *text); /* a text: 1 when it may be so; NULL: any text */
	const char *help;
};

struct setting_value {
	int64_t number;
	char text[SETTINGS_TEXT_BYTES];
	unsigned int line; /* in the file; 0: not given */
};

struct settings {
	const char *file;   /* as it was named; the caller keeps it */
	char folder[SETTINGS_TEXT_BYTES]; /* of the file: what relative paths in it start from */
	struct setting_value values[SETTINGS_MAX]; /* by row */
	unsigned int errors; /* said so far */
};

const struct setting_row *settings_table(size_t *n);
/* The row of that path, or NULL. */
const struct setting_row *settings_row(const char *path);

/*
 * Reads the file, says every mistake on stderr and counts it. Returns 0 when
 * there is none, -EINVAL when there is. `file` is kept.
 */
int settings_read(struct settings *s, const char *file) MUST_CHECK;

/* A value by path. An unknown path or the wrong kind is our own mistake: CHECK. A choice is a text. */
int64_t settings_number(const struct settings *s, const char *path);
const char *settings_text(const struct settings *s, const char *path);

/*
 * A path in the file as one to open: relative ones start from the file's folder.
 * `skip` bytes of the value ("replay:") are left away. Returns 0 or -ENAMETOOLONG.
 */
int settings_path(const struct settings *s, const char *path, size_t skip, char out[SETTINGS_TEXT_BYTES]) MUST_CHECK;

/* Says that the value of `path` cannot be used: "FILE:LINE: path: found ..., allowed: ...". Counts it. */
void settings_complain(struct settings *s, const char *path, const char *found, const char *allowed);

/* "whole number of microseconds, 0 to 1000000": what a row allows, in words. */
void settings_allowed(const struct setting_row *row, char *out, size_t n);

/* The table, for people. */
void settings_list(FILE *out);

#endif
