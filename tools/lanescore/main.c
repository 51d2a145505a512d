/*
 * lanescore: counts how many vehicles are recorded exactly once. Lanes are drawn,
 * or photographs made to drive by; the finder and the follower are the firmware's own.
 */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../common/say.h"
#include "drawn.h"
#include "photos.h"

struct score_tool {
	struct drawn_wish drawn;
	struct photos_wish photos;
	struct watch_wish watch;
	const char *camera, *csv, *boxes, *title;
	uint64_t seed, seeds, least_once_permille, most_false;
};

enum { KEY_CUT = 256, KEY_SURE, KEY_CONFIRM, KEY_GAP, KEY_VIEWS, KEY_MARGIN_X, KEY_MARGIN_Y, KEY_ONLY, KEY_EVERY, KEY_ONCE,
       KEY_NO_MORE };

static const struct argp_option options[] = {
	{"camera", 'c', "OPTIONS", 0, "lane as after synthetic:SEED, as in \"night,gap=300\"", 0},
	{"seeds", 's', "FIRST,N", 0, "lanes of so many seeds (1,1)", 0},
	{"vehicles", 'n', "N", 0, "of each lane (20)", 0},
	{"rate", 'r', "HZ", 0, "frames a second (15)", 0},
	{"stops", 'S', NULL, 0, "vehicles stop, and roll back", 0},
	{"bar", 'b', NULL, 0, "a beam across the view", 0},
	{"photos", 'p', "GT.CSV", 0, "instead of lanes: photographs below this file's folder", 1},
	{"only", KEY_ONLY, "NAME", 0, "photographs whose name begins so", 1},
	{"every", KEY_EVERY, "N", 0, "one of so many photographs (1)", 1},
	{"miss-permille", 'm', "N", 0, "plates that the finder is made to overlook (0)", 2},
	{"false-permille", 'f', "N", 0, "frames that get a false box more (0)", 2},
	{"confirm-frames", KEY_CONFIRM, "N", 0, "as locate.confirm_frames (3)", 3},
	{"sure-permille", KEY_SURE, "N", 0, "as locate.sure_permille", 3},
	{"gap-ms", KEY_GAP, "MS", 0, "as locate.passage_gap_ms", 3},
	{"views", KEY_VIEWS, "N", 0, "as locate.views (3)", 3},
	{"margin-x-permille", KEY_MARGIN_X, "N", 0, "as the policy's", 3},
	{"margin-y-permille", KEY_MARGIN_Y, "N", 0, "as the policy's", 3},
	{"share-permille", KEY_CUT, "N", 0, "as the policy's share-max", 3},
	{"csv", 'o', "FILE", 0, "a line for each vehicle and each false record", 4},
	{"boxes", 'B', "FILE", 0, "a line for each box that the finder reports", 4},
	{"title", 't', "TEXT", 0, "before the line that is printed", 4},
	{"least-once-permille", KEY_ONCE, "N", 0, "exit with 1 when fewer passages are recorded exactly once", 4},
	{"most-false", KEY_NO_MORE, "N", 0, "exit with 1 when there are more false records", 4},
	{0},
};

static uint64_t
number(const char *text, uint64_t least, uint64_t most, struct argp_state *state)
{
	char *end;
	unsigned long long v;

	errno = 0;
	v = strtoull(text, &end, 10);
	if (errno != 0 || *end != '\0' || end == text || *text == '-' || v < least || v > most)
		argp_error(state, "'%s': a whole number, %llu to %llu", text, (unsigned long long)least, (unsigned long long)most);
	return v;
}

static void
take_seeds(struct score_tool *tool, char *text, struct argp_state *state)
{
	char *comma = strchr(text, ',');

	if (!comma)
		argp_error(state, "'%s': FIRST,N", text);
	*comma = '\0';
	tool->seed = number(text, 0, INT64_MAX, state);
	tool->seeds = number(comma + 1, 1, 100000, state);
}

static error_t
take_rule(int key, const char *text, struct follow_rule *rule, struct argp_state *state)
{
	switch (key) {
	case KEY_CONFIRM: rule->confirm_frames = (uint32_t)number(text, 1, 100, state); return 0;
	case KEY_SURE: rule->sure_permille = (uint32_t)number(text, 0, 100000, state); return 0;
	case KEY_GAP: rule->gap_us = (int64_t)number(text, 10, 60000, state) * 1000; return 0;
	case KEY_VIEWS: rule->views = (uint32_t)number(text, 1, CONFIG_LOCATE_VIEWS_MAX, state); return 0;
	case KEY_MARGIN_X: rule->cut.margin_x_permille = (uint32_t)number(text, 0, 1000, state); return 0;
	case KEY_MARGIN_Y: rule->cut.margin_y_permille = (uint32_t)number(text, 0, 1000, state); return 0;
	case KEY_CUT: rule->cut.share_max_permille = (uint32_t)number(text, 1, 250, state); return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

static error_t
take(int key, char *text, struct argp_state *state)
{
	struct score_tool *tool = state->input;

	switch (key) {
	case 'c': tool->camera = text; return 0;
	case 's': take_seeds(tool, text, state); return 0;
	case 'n': tool->drawn.scene.vehicles = (uint32_t)number(text, 1, 100000, state); return 0;
	case 'r': tool->drawn.scene.rate_mhz = (uint32_t)number(text, 1, 240, state) * 1000; return 0;
	case 'S': tool->drawn.stops = 1; return 0;
	case 'b': tool->drawn.bar = 1; return 0;
	case 'p': tool->photos.truth = text; return 0;
	case KEY_ONLY: tool->photos.only = text; return 0;
	case KEY_EVERY: tool->photos.every = (uint32_t)number(text, 1, 100000, state); return 0;
	case 'm': tool->watch.miss_permille = (uint32_t)number(text, 0, 1000, state); return 0;
	case 'f': tool->watch.false_permille = (uint32_t)number(text, 0, 1000, state); return 0;
	case 'o': tool->csv = text; return 0;
	case 'B': tool->boxes = text; return 0;
	case 't': tool->title = text; return 0;
	case KEY_ONCE: tool->least_once_permille = number(text, 0, 1000, state); return 0;
	case KEY_NO_MORE: tool->most_false = number(text, 0, 1000000, state); return 0;
	default: return take_rule(key, text, &tool->watch.rule, state);
	}
}

static int
run_lanes(struct watch *w, struct score_tool *tool)
{
	char text[256];
	const char *why, *at;
	int err = 0;

	for (uint64_t i = 0; err == 0 && i < tool->seeds; i++) {
		struct drawn_wish wish = tool->drawn;

		snprintf(text, sizeof(text), "%llu%s%s", (unsigned long long)(tool->seed + i), tool->camera[0] ? "," : "", tool->camera);
		err = scene_parse(&wish.scene, text, &why, &at);
		if (err < 0)
			say_trouble("lane '%s', at '%s': %s", text, at, why);
		else if ((err = drawn_run(w, &wish)) < 0)
			say_trouble("lane '%s' cannot be drawn", text);
	}
	return err;
}

static double
percent(uint64_t part, uint64_t all)
{
	return all ? 100.0 * (double)part / (double)all : 0;
}

static void
print_count(const char *title, const struct watch_count *c)
{
	printf("%-28s %5llu passages: %6.2f %% once, %llu none, %llu more; %llu false records, %llu mixed; covered %6.2f %% "
	       "(views %6.2f %%); %.4f far boxes a frame of %llu; find %.1f ms\n", title, (unsigned long long)c->passages,
	       percent(c->once, c->passages), (unsigned long long)(c->passages - c->once - (c->more <= c->passages - c->once ? c->more : 0)),
	       (unsigned long long)c->more, (unsigned long long)c->false_records, (unsigned long long)c->mixed,
	       percent(c->covered, c->passages), percent(c->views_covered, c->views),
	       c->frames ? (double)c->far / (double)c->frames : 0, (unsigned long long)c->frames,
	       c->frames ? c->find_ms / (double)c->frames : 0);
}

static int
open_csv(const char *name, FILE **file)
{
	if (!name || (*file = fopen(name, "w")))
		return 0;
	say_trouble("%s: %s", name, strerror(errno));
	return -EIO;
}

static int
close_csv(const char *name, FILE *file)
{
	if (!file || fclose(file) == 0)
		return 0;
	say_trouble("%s: could not be written", name);
	return -EIO;
}

int
main(int argc, char **argv)
{
	static const struct argp argp = {options, take, NULL, "Counts how many vehicles of drawn lanes, or of photographs that are "
		"made to drive by, are recorded exactly once, with the firmware's finder and follower.", NULL, NULL, NULL};
	struct score_tool tool = {.camera = "", .title = "", .seed = 1, .seeds = 1, .most_false = UINT64_MAX};
	const struct watch_count *count;
	struct watch *w;
	int err, good;

	tool.watch.rule = (struct follow_rule){{CUT_RULE_DEFAULT_X, CUT_RULE_DEFAULT_Y, CUT_RULE_DEFAULT_SHARE},
	                                       .confirm_frames = 3, .sure_permille = 2200, .gap_us = 500000, .views = 3};
	tool.drawn.scene = (struct scene_wish){.vehicles = 20, .width_px = 1280, .height_px = 720, .rate_mhz = 15000};
	tool.photos.every = 1;
	if (argp_parse(&argp, argc, argv, 0, NULL, &tool) != 0)
		return 2;
	if (open_csv(tool.csv, &tool.watch.csv) < 0 || open_csv(tool.boxes, &tool.watch.boxes) < 0)
		return 2;
	tool.photos.seed = tool.seed;
	w = watch_open(&tool.watch);
	err = tool.photos.truth ? photos_run(w, &tool.photos) : run_lanes(w, &tool);
	count = watch_count(w);
	if (err == 0)
		print_count(tool.title, count);
	good = err == 0 && count->once * 1000 >= count->passages * tool.least_once_permille && count->false_records <= tool.most_false;
	watch_close(w);
	if (close_csv(tool.csv, tool.watch.csv) < 0 || close_csv(tool.boxes, tool.watch.boxes) < 0)
		err = -EIO;
	return err < 0 ? 2 : !good;
}
