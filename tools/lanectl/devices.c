/*
 * "lanectl devices": the disks that may be flashed, and those of them that may not be just now, with the reason.
 */
#include <stdio.h>

#include "commands.h"
#include "judge.h"
#include "show.h"

struct wish {
	const char *allow;
	int json;
};

enum { OPTION_ALLOW = 1000, OPTION_JSON };

static error_t
parse(int option, char *arg, struct argp_state *state)
{
	struct wish *w = state->input;

	switch (option) {
	case OPTION_ALLOW:
		w->allow = arg;
		return 0;
	case OPTION_JSON:
		w->json = 1;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static void
say_device(const struct device *d, const char *why)
{
	char line[SHOW_LINE_BYTES];

	show_device(line, d);
	(void)printf("%s  %s\n", d->path, line);
	show_contents(line, d);
	(void)printf("    on it: %s\n", line);
	if (why[0])
		(void)printf("    not now: %s\n", why);
}

int
command_devices(int argc, char **argv)
{
	static const struct argp_option options[] = {
	    {"allow-list", OPTION_ALLOW, "FILE", 0,
	     "Names of disks that count as removable (default " DESK_ALLOW ")", 0},
	    {"json", OPTION_JSON, NULL, 0, "Answer in JSON", 0},
	    {0},
	};
	static const struct argp argp = {
	    options, parse, NULL, "Lists the disks that may be flashed. Fixed disks are not shown.",
	    NULL,    NULL,  NULL};
	static struct device list[DEVICE_LIST_MAX];
	static struct allow allow;
	struct wish w = {.allow = DESK_ALLOW};
	json_t *out = json_array();
	size_t shown = 0;
	int n;

	command_parse(&argp, argc, argv, &w);
	n = allow_load(&allow, w.allow) < 0 ? -1 : device_list(list, DEVICE_LIST_MAX);
	for (int i = 0; i < n; i++) {
		char why[JUDGE_WHY_BYTES];
		enum verdict v = judge_device(&list[i], &allow, 0, why);

		if (!judge_listed(&list[i], &allow))
			continue;
		shown++;
		device_look(&list[i]);
		if (w.json)
			(void)json_array_append_new(out, show_device_json(&list[i], v, why));
		else
			say_device(&list[i], why);
	}
	if (w.json && n >= 0)
		command_json(json_incref(out));
	else if (n >= 0 && shown == 0)
		(void)printf(
		    "No removable disk is there. Put the medium in, wait a few seconds, and ask again.\n");
	json_decref(out);
	return n < 0 ? EXIT_TROUBLE : EXIT_GOOD;
}
