/*
 * platebox: the locator alone, for measuring. Finds the plates of photographs at
 * the firmware's own threshold and says what the firmware would cut out, as CSV.
 */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "hal/picture.h"
#include "locate/cut.h"
#include "locate/find.h"

#include "../common/file.h"
#include "../common/say.h"

enum { FILE_BYTES_MAX = 64 << 20, NAME_BYTES = 4096 };

enum { KEY_SHARE = 256, KEY_MARGIN_X, KEY_MARGIN_Y };

/* What a policy says when it is not told otherwise. */
static struct cut_rule rule = {CUT_RULE_DEFAULT_X, CUT_RULE_DEFAULT_Y, CUT_RULE_MOST_SHARE};

struct box_tool {
	struct find *find;
	struct space work, luma;
	int failed;
};

static struct space
take_memory(size_t n)
{
	uint8_t *p = aligned_alloc(64, (n + 63) / 64 * 64);

	if (!p) {
		say_trouble("out of memory");
		exit(1);
	}
	return SPACE(p, n);
}

/* A name with a comma or a quote is quoted, as RFC 4180 has it. */
static void
print_name(const char *name)
{
	if (!strpbrk(name, ",\"\r\n")) {
		fputs(name, stdout);
		return;
	}
	putchar('"');
	for (; *name; name++) {
		if (*name == '"')
			putchar('"');
		putchar(*name);
	}
	putchar('"');
}

static int
print_plate(const char *name, const struct plate *plate, const struct luma *luma, double ms)
{
	const struct box *b = &plate->box;
	struct box c;

	if (cut_box(&c, b, &rule, luma->width_px, luma->height_px) < 0)
		return 0;
	print_name(name);
	printf(",%u,%d,%d,%d,%d,%d,%d,%d,%d,%.3f\n", plate->score_permille, b->x, b->y, b->w, b->h, c.x, c.y, c.w, c.h, ms);
	return 1;
}

static int
look_at(struct box_tool *tool, const char *name, const struct luma *luma)
{
	struct plate plates[FIND_PLATES_MAX];
	int64_t began_us = clock_us(CLOCK_PROCESS_CPUTIME_ID);
	int n = find(tool->find, luma, plates), printed = 0;
	double ms = (double)(clock_us(CLOCK_PROCESS_CPUTIME_ID) - began_us) / 1e3;

	if (n < 0)
		return n;
	for (int i = 0; i < n; i++)
		printed += print_plate(name, &plates[i], luma, ms);
	if (printed == 0) {
		print_name(name);
		printf(",,,,,,,,,,%.3f\n", ms);
	}
	return 0;
}

static void
take_file(struct box_tool *tool, const char *name)
{
	struct picture_info info;
	struct space file;
	struct luma luma;
	int err;

	if (file_load(name, FILE_BYTES_MAX, &file) < 0) {
		tool->failed = 1;
		return;
	}
	err = picture_luma(SPAN(file.p, file.n), CONFIG_FRAME_MAX_WIDTH_PX, CONFIG_FRAME_MAX_HEIGHT_PX, tool->luma, &info);
	file_free(&file);
	if (err == 0) {
		luma = (struct luma){tool->luma.p, info.width_px, info.height_px, info.width_px};
		err = look_at(tool, name, &luma);
	}
	if (err < 0) {
		say_trouble("%s: %s", name, picture_why(err));
		tool->failed = 1;
	}
}

static void
take_names(struct box_tool *tool)
{
	char name[NAME_BYTES];

	while (fgets(name, sizeof(name), stdin)) {
		name[strcspn(name, "\n")] = '\0';
		if (name[0] != '\0')
			take_file(tool, name);
	}
}

static uint32_t
take_number(const char *text, uint32_t least, uint32_t most, struct argp_state *state)
{
	char *end;
	unsigned long v = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end != '\0' || v < least || v > most)
		argp_error(state, "'%s': a whole number, %u to %u", text, least, most);
	return (uint32_t)v;
}

static error_t
take_argument(int key, char *text, struct argp_state *state)
{
	struct box_tool *tool = state->input;

	switch (key) {
	case KEY_SHARE:
		rule.share_max_permille = take_number(text, 1, CUT_RULE_MOST_SHARE, state);
		return 0;
	case KEY_MARGIN_X:
		rule.margin_x_permille = take_number(text, 0, 1000, state);
		return 0;
	case KEY_MARGIN_Y:
		rule.margin_y_permille = take_number(text, 0, 1000, state);
		return 0;
	case ARGP_KEY_ARG:
		take_file(tool, text);
		return 0;
	case ARGP_KEY_NO_ARGS:
		take_names(tool);
		return 0;
	case ARGP_KEY_INIT:
		printf("file,score,plate_x,plate_y,plate_w,plate_h,crop_x,crop_y,crop_w,crop_h,ms\n");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option options[] = {
	{"share-permille", KEY_SHARE, "N", 0, "largest crop, thousandths of the picture, 1 to 250 (250, the most a policy can allow, since plates "
	                                      "fill more of a photograph than of a lane; what a policy allows unless it says more: 150)", 0},
	{"margin-x-permille", KEY_MARGIN_X, "N", 0, "margin left and right, thousandths of the plate's width (150)", 0},
	{"margin-y-permille", KEY_MARGIN_Y, "N", 0, "margin above and below, thousandths of its height (300)", 0},
	{0},
};

static const char about[] =
	"Finds number plates in photographs (JPEG, PNG) as the firmware does, for measuring.\v"
	"Without a FILE, names are read from standard input, one a line. Prints CSV: a line for each plate, and a line "
	"without a score for a picture in which there is none. Boxes are pixels; crop_* is what would leave the unit; ms is "
	"the processor time of finding alone. The exit status is 1 when a file could not be used; the others are looked at all the same.";

int
main(int argc, char **argv)
{
	const struct argp argp = {.options = options, .parser = take_argument, .args_doc = "[FILE...]", .doc = about};
	size_t n = find_bytes(CONFIG_FRAME_MAX_WIDTH_PX, CONFIG_FRAME_MAX_HEIGHT_PX);
	struct box_tool tool = {.work = take_memory(n),
				.luma = take_memory((size_t)CONFIG_FRAME_MAX_WIDTH_PX * CONFIG_FRAME_MAX_HEIGHT_PX)};

	if (find_init(&tool.find, tool.work, CONFIG_FRAME_MAX_WIDTH_PX, CONFIG_FRAME_MAX_HEIGHT_PX) < 0)
		return 1;
	if (argp_parse(&argp, argc, argv, 0, NULL, &tool) != 0)
		return 1;
	return fflush(stdout) != 0 || tool.failed;
}
