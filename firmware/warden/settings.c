/*
 * warden/settings.c - asking for settings by path, and complaining about one in a way that helps.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/log_text.h"
#include "warden/settings.h"
#include "warden/wiring.h"

const struct setting_row *
settings_row(const char *path)
{
	size_t n;
	const struct setting_row *rows = settings_table(&n);

	for (size_t i = 0; i < n; i++)
		if (strcmp(rows[i].path, path) == 0)
			return &rows[i];
	return NULL;
}

static const struct setting_value *
value_of(const struct settings *s, const char *path, int is_number)
{
	size_t n;
	const struct setting_row *row = settings_row(path);

	CHECK(row != NULL && (row->kind == SETTING_NUMBER) == is_number);
	return &s->values[row - settings_table(&n)];
}

int64_t
settings_number(const struct settings *s, const char *path)
{
	return value_of(s, path, 1)->number;
}

const char *
settings_text(const struct settings *s, const char *path)
{
	return value_of(s, path, 0)->text;
}

int
settings_path(const struct settings *s, const char *path, size_t skip, char out[SETTINGS_TEXT_BYTES])
{
	const char *text = settings_text(s, path) + skip;
	int n;

	if (text[0] == '/')
		n = snprintf(out, SETTINGS_TEXT_BYTES, "%s", text);
	else
		n = snprintf(out, SETTINGS_TEXT_BYTES, "%s/%s", s->folder, text);
	return n < SETTINGS_TEXT_BYTES ? 0 : -ENAMETOOLONG;
}

void
settings_complain(struct settings *s, const char *path, const char *found, const char *allowed)
{
	const struct setting_row *row = settings_row(path);
	size_t n;

	CHECK(row != NULL);
	log_text(LOG_ERROR, "%s:%u: %s: found %s; allowed: %s", s->file, s->values[row - settings_table(&n)].line,
		 path, found, allowed);
	s->errors++;
}

void
settings_allowed(const struct setting_row *row, char *out, size_t n)
{
	const char *of = row->unit ? " of " : "", *unit = row->unit ? row->unit : "";
	size_t used = 0;

	switch (row->kind) {
	case SETTING_NUMBER:
		(void)snprintf(out, n, "whole number%s%s, %" PRId64 " to %" PRId64, of, unit, row->least, row->most);
		break;
	case SETTING_TEXT:
		(void)snprintf(out, n, "%s", row->allowed);
		break;
	case SETTING_CHOICE: /* grey|nv12 -> "grey" or "nv12" */
		(void)snprintf(out, n, "\"");
		for (const char *c = row->allowed; *c && (used = strlen(out)) + 8 < n; c++)
			(void)snprintf(out + used, n - used, *c == '|' ? "\" or \"" : "%c", *c);
		used = strlen(out);
		(void)snprintf(out + used, n - used, "\"");
		break;
	}
}

/* Which room is told, and by which name; "laneseald" keeps the others to itself. */
static void
list_rooms(FILE *out, const char *path)
{
	size_t n, told = 0;
	const struct wiring_word *words = wiring_words(&n);

	for (size_t i = 0; i < n; i++)
		if (strcmp(words[i].from, path) == 0)
			(void)fprintf(out, "%s%s (%s)", told++ ? ", " : "", wiring_rooms[words[i].room], words[i].name);
	if (told == 0)
		(void)fprintf(out, "laneseald");
}

static void
list_normal(FILE *out, const struct setting_row *row)
{
	if (row->kind == SETTING_NUMBER)
		(void)fprintf(out, "%" PRId64, row->normal);
	else if (row->otherwise)
		(void)fprintf(out, "\"%s\"", row->otherwise);
	else
		(void)fprintf(out, "must be given");
}

void
settings_list(FILE *out)
{
	size_t n;
	const struct setting_row *rows = settings_table(&n);
	char allowed[256];

	for (size_t i = 0; i < n; i++) {
		settings_allowed(&rows[i], allowed, sizeof(allowed));
		(void)fprintf(out, "%s\n    %s\n    allowed: %s\n    without: ", rows[i].path, rows[i].help, allowed);
		list_normal(out, &rows[i]);
		(void)fprintf(out, "\n    told to: ");
		list_rooms(out, rows[i].path);
		(void)fprintf(out, "\n");
	}
}
