/*
 * Words for disks and progress. What a disk says of itself was made printable when it was read.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "show.h"

const char *
show_size(char into[SHOW_SIZE_BYTES], uint64_t bytes)
{
	static const char units[] = "kMGTPE";
	double n = (double)bytes / 1000;
	size_t i = 0;

	while (n >= 1000 && i < sizeof(units) - 2) {
		n /= 1000;
		i++;
	}
	if (bytes < 1000)
		(void)snprintf(into, SHOW_SIZE_BYTES, "%u bytes", (unsigned int)bytes);
	else
		(void)snprintf(into, SHOW_SIZE_BYTES, "%.1f %cB", n, units[i]);
	return into;
}

const char *
show_name(const struct device *d)
{
	if (d->serial[0])
		return d->serial;
	return d->model[0] ? d->model : d->path;
}

void
show_device(char into[SHOW_LINE_BYTES], const struct device *d)
{
	char size[SHOW_SIZE_BYTES];

	(void)snprintf(into, SHOW_LINE_BYTES, "%s%s%s, %s, %s%s", d->maker, d->maker[0] ? " " : "",
		       d->model[0] ? d->model : "(model not told)",
		       d->bytes ? show_size(size, d->bytes) : "no medium",
		       d->serial[0] ? "serial " : "no serial", d->serial);
}

void
show_contents(char into[SHOW_LINE_BYTES], const struct device *d)
{
	size_t n = 0;

	if (d->n_parts == 0) {
		(void)snprintf(into, SHOW_LINE_BYTES, "nothing that is known here");
		return;
	}
	for (size_t i = 0; i < d->n_parts && n < SHOW_LINE_BYTES; i++) {
		const struct device_part *p = &d->parts[i];
		char size[SHOW_SIZE_BYTES], number[16] = "";

		if (p->number)
			(void)snprintf(number, sizeof(number), "%u ", p->number);
		n += (size_t)snprintf(into + n, SHOW_LINE_BYTES - n, "%s%s%s%s%s (%s)", i ? ", " : "", number,
				      p->type[0] ? p->type : "unknown", p->label[0] ? " " : "", p->label,
				      show_size(size, p->bytes));
	}
}

json_t *
show_path_json(const char *path)
{
	json_t *j = json_string(path);
	char *clean;

	if (j)
		return j;
	clean = strdup(path);
	CHECK(clean);
	for (char *c = clean; *c; c++)
		if ((unsigned char)*c >= 0x80)
			*c = '?';
	j = json_string(clean);
	free(clean);
	return j;
}

json_t *
show_device_json(const struct device *d, enum verdict v, const char *why)
{
	json_t *names = json_array(), *parts = json_array();

	for (size_t i = 0; i < d->n_names; i++)
		(void)json_array_append_new(names, show_path_json(d->names[i]));
	for (size_t i = 0; i < d->n_parts; i++)
		(void)json_array_append_new(parts, json_pack("{s:i, s:s, s:s, s:I}", "number",
							     (int)d->parts[i].number, "type",
							     d->parts[i].type, "label", d->parts[i].label,
							     "bytes", (json_int_t)d->parts[i].bytes));
	return json_pack("{s:s, s:o, s:s, s:s, s:s, s:I, s:b, s:b, s:s, s:o, s:b, s:s}", "path", d->path,
			 "names", names, "maker", d->maker, "model", d->model, "serial", d->serial, "bytes",
			 (json_int_t)d->bytes, "removable", d->removable, "read_only", d->read_only,
			 "used_by", d->used_by, "parts", parts, "may_be_flashed", v == VERDICT_GOOD,
			 "why_not", why);
}

void
show_progress(char into[SHOW_LINE_BYTES], const char *path, enum writer_step step, uint64_t done, uint64_t of,
	      double seconds)
{
	char a[SHOW_SIZE_BYTES], b[SHOW_SIZE_BYTES], c[SHOW_SIZE_BYTES];
	double rate = seconds > 0.5 ? (double)done / seconds : 0;
	unsigned int left;

	if (of == 0) {
		(void)snprintf(into, SHOW_LINE_BYTES, "  %s  %s", path, writer_step_text(step));
		return;
	}
	if (rate < 1) {
		(void)snprintf(into, SHOW_LINE_BYTES, "  %s  %-9s %3u %%  %s of %s", path,
			       writer_step_text(step), (unsigned int)(done * 100 / of), show_size(a, done),
			       show_size(b, of));
		return;
	}
	left = (unsigned int)((double)(of > done ? of - done : 0) / rate + 0.5);
	(void)snprintf(into, SHOW_LINE_BYTES, "  %s  %-9s %3u %%  %s of %s  %s/s  %u:%02u left", path,
		       writer_step_text(step), (unsigned int)(done * 100 / of), show_size(a, done),
		       show_size(b, of), show_size(c, (uint64_t)rate), left / 60, left % 60);
}
