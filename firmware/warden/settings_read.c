/*
 * warden/settings_read.c - reads the settings file and finds everything that is wrong with it.
 *
 * The file is read to its end whatever is found on the way, so that a person can
 * mend all mistakes in one go. libconfig knows the syntax and the lines; the
 * table knows what may be said.
 */
#include <errno.h>
#include <inttypes.h>
#include <libconfig.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/log_text.h"
#include "warden/settings.h"

enum { WORDS_BYTES = 512 };

static void __attribute__((format(printf, 4, 5)))
complain(struct settings *s, unsigned int line, const char *key, const char *format, ...)
{
	char words[WORDS_BYTES];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	log_text(LOG_ERROR, "%s:%u: %s: %s", s->file, line, key, words);
	s->errors++;
}

/* What stands in the file, in words. */
static void
describe(const config_setting_t *found, char *out, size_t n)
{
	switch (config_setting_type(found)) {
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64:
		(void)snprintf(out, n, "%lld", config_setting_get_int64(found));
		break;
	case CONFIG_TYPE_FLOAT:
		(void)snprintf(out, n, "%g, a number with a fraction", config_setting_get_float(found));
		break;
	case CONFIG_TYPE_STRING:
		(void)snprintf(out, n, "\"%.200s\"", config_setting_get_string(found));
		break;
	case CONFIG_TYPE_BOOL:
		(void)snprintf(out, n, "%s", config_setting_get_bool(found) ? "true" : "false");
		break;
	case CONFIG_TYPE_GROUP:
		(void)snprintf(out, n, "a group { }");
		break;
	default:
		(void)snprintf(out, n, "a list");
		break;
	}
}

static void
complain_value(struct settings *s, const struct setting_row *row, const config_setting_t *found)
{
	char what[256], allowed[256];

	describe(found, what, sizeof(what));
	settings_allowed(row, allowed, sizeof(allowed));
	complain(s, config_setting_source_line(found), row->path, "found %s; allowed: %s", what, allowed);
}

/* "500 us", "500us" and "500" all mean a number to a person: say which number to write. */
static int
complain_text_for_number(struct settings *s, const struct setting_row *row, const config_setting_t *found)
{
	const char *text = config_setting_get_string(found);
	char allowed[256];
	char *end;
	long long number;

	errno = 0;
	number = strtoll(text, &end, 10);
	if (end == text || errno != 0)
		return 0;
	settings_allowed(row, allowed, sizeof(allowed));
	complain(s, config_setting_source_line(found), row->path,
		 "found the text \"%.200s\"; allowed: %s; write %lld without quotes and without a unit, if %s are meant", text,
		 allowed, number, row->unit ? row->unit : "so many");
	return 1;
}

static void
take_number(struct settings *s, const struct setting_row *row, const config_setting_t *found, struct setting_value *v)
{
	int type = config_setting_type(found);

	if (type == CONFIG_TYPE_STRING && complain_text_for_number(s, row, found))
		return;
	if (type == CONFIG_TYPE_INT || type == CONFIG_TYPE_INT64)
		v->number = config_setting_get_int64(found);
	if ((type != CONFIG_TYPE_INT && type != CONFIG_TYPE_INT64) || v->number < row->least || v->number > row->most)
		complain_value(s, row, found);
}

static int
is_choice(const char *of, const char *text)
{
	size_t n = strlen(text);

	for (const char *c = of; c; c = strchr(c, '|')) {
		c += *c == '|';
		if (strcspn(c, "|") == n && strncmp(c, text, n) == 0)
			return n > 0;
	}
	return 0;
}

static void
take_text(struct settings *s, const struct setting_row *row, const config_setting_t *found, struct setting_value *v)
{
	const char *text = config_setting_get_string(found);

	if (text == NULL || strlen(text) >= SETTINGS_TEXT_BYTES || (row->good && !row->good(text)) ||
	    (row->kind == SETTING_CHOICE && !is_choice(row->allowed, text))) {
		complain_value(s, row, found);
		return;
	}
	(void)snprintf(v->text, sizeof(v->text), "%s", text);
}

/* Letters to change, add or leave out to make b of a; names here are short. */
static size_t
letters_apart(const char *a, const char *b)
{
	size_t row[64], na = strlen(a), nb = strlen(b);

	if (nb >= ARRAY_SIZE(row))
		return SIZE_MAX;
	for (size_t j = 0; j <= nb; j++)
		row[j] = j;
	for (size_t i = 1; i <= na; i++) {
		size_t slant = row[0];

		row[0] = i;
		for (size_t j = 1; j <= nb; j++) {
			size_t here = slant + (a[i - 1] != b[j - 1]);

			slant = row[j];
			if (row[j] + 1 < here)
				here = row[j] + 1;
			if (row[j - 1] + 1 < here)
				here = row[j - 1] + 1;
			row[j] = here;
		}
	}
	return row[nb];
}

/* exposure_ms and exposure differ from exposure_us in the unit alone. */
static int
same_stem(const char *a, const char *b)
{
	size_t na = strrchr(a, '_') ? (size_t)(strrchr(a, '_') - a) : strlen(a);
	size_t nb = strrchr(b, '_') ? (size_t)(strrchr(b, '_') - b) : strlen(b);

	return na == nb && strncmp(a, b, na) == 0;
}

/* The row a person may have meant by this path, or NULL. */
static const struct setting_row *
meant(const char *path, int *other_unit)
{
	size_t n, best = 3;
	const struct setting_row *rows = settings_table(&n), *closest = NULL;

	*other_unit = 0;
	for (size_t i = 0; i < n; i++) {
		size_t apart = letters_apart(path, rows[i].path);

		if (rows[i].unit && same_stem(path, rows[i].path)) {
			*other_unit = 1;
			return &rows[i];
		}
		if (apart < best) {
			best = apart;
			closest = &rows[i];
		}
	}
	return closest;
}

/* The keys of a group, for the one who wrote another: "name, key". */
static void
keys_of(const char *group, char *out, size_t n)
{
	size_t rows_n, used = 0, group_n = strlen(group);
	const struct setting_row *rows = settings_table(&rows_n);

	out[0] = '\0';
	for (size_t i = 0; i < rows_n; i++)
		if (strncmp(rows[i].path, group, group_n) == 0 && rows[i].path[group_n] == '.' && used < n) {
			(void)snprintf(out + used, n - used, "%s%s", used ? ", " : "", rows[i].path + group_n + 1);
			used = strlen(out);
		}
}

static void
complain_unknown(struct settings *s, const char *group, const char *path, const config_setting_t *found)
{
	int other_unit;
	const struct setting_row *row = meant(path, &other_unit);
	unsigned int line = config_setting_source_line(found);
	char what[256], words[WORDS_BYTES - 64];

	describe(found, what, sizeof(what));
	if (row) {
		settings_allowed(row, words, sizeof(words));
		complain(s, line, path, "found %s %s which is no setting; allowed: %s (%s)", what,
			 other_unit ? "in another unit," : "under a name", row->path, words);
		return;
	}
	keys_of(group, words, sizeof(words));
	complain(s, line, path, "found %s under a name which is no setting; allowed in %s: %s", what, group, words);
}

static void
read_group(struct settings *s, const config_setting_t *group)
{
	size_t n;
	const struct setting_row *rows = settings_table(&n);
	char path[256];

	for (int i = 0; i < config_setting_length(group); i++) {
		const config_setting_t *found = config_setting_get_elem(group, (unsigned int)i);
		const struct setting_row *row;

		(void)snprintf(path, sizeof(path), "%s.%s", config_setting_name(group), config_setting_name(found));
		row = settings_row(path);
		if (row == NULL) {
			complain_unknown(s, config_setting_name(group), path, found);
			continue;
		}
		s->values[row - rows].line = config_setting_source_line(found);
		if (row->kind == SETTING_NUMBER)
			take_number(s, row, found, &s->values[row - rows]);
		else
			take_text(s, row, found, &s->values[row - rows]);
	}
}

static int
is_group(const char *name)
{
	size_t n, name_n = strlen(name);
	const struct setting_row *rows = settings_table(&n);

	for (size_t i = 0; i < n; i++)
		if (strncmp(rows[i].path, name, name_n) == 0 && rows[i].path[name_n] == '.')
			return 1;
	return 0;
}

static void
read_groups(struct settings *s, const config_t *file)
{
	const config_setting_t *root = config_root_setting(file);

	for (int i = 0; i < config_setting_length(root); i++) {
		const config_setting_t *group = config_setting_get_elem(root, (unsigned int)i);
		const char *name = config_setting_name(group);
		char what[256];

		describe(group, what, sizeof(what));
		if (!is_group(name))
			complain(s, config_setting_source_line(group), name,
				 "found %s; allowed: the groups unit, camera, lane, locate, policy, spool, uplink, state",
				 what);
		else if (config_setting_type(group) != CONFIG_TYPE_GROUP)
			complain(s, config_setting_source_line(group), name, "found %s; allowed: a group { key = value; }",
				 what);
		else
			read_group(s, group);
	}
}

/* What must be given and is not. The line is that of its group, where it is to be written. */
static void
find_missing(struct settings *s, const config_t *file)
{
	size_t n;
	const struct setting_row *rows = settings_table(&n);

	for (size_t i = 0; i < n; i++) {
		const config_setting_t *group;
		char name[64], allowed[256];

		if (rows[i].kind == SETTING_NUMBER || rows[i].otherwise || s->values[i].line != 0)
			continue;
		(void)snprintf(name, sizeof(name), "%.*s", (int)strcspn(rows[i].path, "."), rows[i].path);
		group = config_lookup(file, name);
		settings_allowed(&rows[i], allowed, sizeof(allowed));
		complain(s, group ? config_setting_source_line(group) : 0, rows[i].path,
			 "found nothing, and it must be given; allowed: %s", allowed);
	}
}

static void
set_normal(struct settings *s, const char *file)
{
	size_t n;
	const struct setting_row *rows = settings_table(&n);
	const char *slash = strrchr(file, '/');

	memset(s, 0, sizeof(*s));
	s->file = file;
	(void)snprintf(s->folder, sizeof(s->folder), "%.*s", slash ? (int)(slash - file) : 1, slash ? file : ".");
	for (size_t i = 0; i < n; i++) {
		s->values[i].number = rows[i].normal;
		(void)snprintf(s->values[i].text, sizeof(s->values[i].text), "%s",
			       rows[i].otherwise ? rows[i].otherwise : "");
	}
}

int
settings_read(struct settings *s, const char *file)
{
	config_t parsed;

	set_normal(s, file);
	config_init(&parsed);
	if (config_read_file(&parsed, file)) {
		read_groups(s, &parsed);
		find_missing(s, &parsed);
	} else if (config_error_type(&parsed) == CONFIG_ERR_FILE_IO) {
		complain(s, 0, "(file)", "found no file that can be read; allowed: a settings file");
	} else {
		complain(s, (unsigned int)config_error_line(&parsed), "(syntax)",
			 "found %s; allowed: group: { key = value; };", config_error_text(&parsed));
	}
	config_destroy(&parsed);
	return s->errors ? -EINVAL : 0;
}
