/*
 * The command line of "lanectl flash".
 */
#include <string.h>

#include "commands.h"
#include "flash_args.h"

enum {
	OPTION_TO = 1000,
	OPTION_UNIT,
	OPTION_YES,
	OPTION_BOARD,
	OPTION_RELEASE_KEY,
	OPTION_LOG,
	OPTION_LOG_KEY,
	OPTION_PASSPHRASE_FILE,
	OPTION_ALLOW,
	OPTION_JSON,
};

enum { UNIT_TEXT_MAX = 63 };

static const struct argp_option options[] = {
    {"to", OPTION_TO, "DISK", 0,
     "The disk to overwrite: /dev/sdX or a name in /dev/disk/by-id. Give it again for more disks at once", 0},
    {"unit", OPTION_UNIT, "SERIAL", 0,
     "The unit that the disk is for, for the record; one for each --to, in the same order", 0},
    {"yes", OPTION_YES, "NAME", 0,
     "For scripts: do not ask about the disk with this serial (or model, if it has no serial)", 0},
    {"board", OPTION_BOARD, "BOARD", 0, "Refuse an image that is not for this board", 0},
    {"release-key", OPTION_RELEASE_KEY, "FILE", 0,
     "Public key of who makes releases (default " DESK_RELEASE_KEY ")", 0},
    {"log", OPTION_LOG, "FILE", 0, "The flash record (default " DESK_LOG ")", 0},
    {"log-key", OPTION_LOG_KEY, "FILE", 0, "The technician's key, which signs it (default " DESK_LOG_KEY ")",
     0},
    {"passphrase-file", OPTION_PASSPHRASE_FILE, "FILE", 0,
     "Unlock --log-key with the first line of FILE, not on the terminal", 0},
    {"allow-list", OPTION_ALLOW, "FILE", 0,
     "Disks that count as removable: names in /dev/disk/by-id, one a line, or loop:FILE (default " DESK_ALLOW
     ")",
     0},
    {"json", OPTION_JSON, NULL, 0, "Answer in JSON", 0},
    {0},
};

static void
add(const char **list, size_t *n, const char *arg, const char *option, struct argp_state *state)
{
	if (*n == TARGETS_MAX)
		argp_error(state, "%s: at most %d can be given", option, TARGETS_MAX);
	list[(*n)++] = arg;
}

static void
add_unit(struct flash_wish *w, const char *arg, struct argp_state *state)
{
	for (const char *c = arg; *c; c++)
		if (*c <= ' ' || *c >= 0x7f)
			argp_error(state,
				   "--unit %s: a serial has no blanks, and letters, digits and signs only",
				   arg);
	if (!arg[0] || strlen(arg) > UNIT_TEXT_MAX)
		argp_error(state, "--unit %s: must have 1 to %d letters", arg, UNIT_TEXT_MAX);
	add(w->units, &w->n_units, arg, "--unit", state);
}

static void
check_wish(const struct flash_wish *w, struct argp_state *state)
{
	if (!w->image)
		argp_error(state, "name the image");
	if (w->n_to == 0)
		argp_error(state, "--to is missing: the disk to overwrite; \"lanectl devices\" lists them");
	if (w->n_units && w->n_units != w->n_to)
		argp_error(state, "--unit: give one for each --to, in the same order, or none");
}

static error_t
parse(int option, char *arg, struct argp_state *state)
{
	struct flash_wish *w = state->input;

	switch (option) {
	case OPTION_TO:
		add(w->to, &w->n_to, arg, "--to", state);
		return 0;
	case OPTION_UNIT:
		add_unit(w, arg, state);
		return 0;
	case OPTION_YES:
		add(w->yes, &w->n_yes, arg, "--yes", state);
		return 0;
	case OPTION_BOARD:
		w->board = arg;
		return 0;
	case OPTION_RELEASE_KEY:
		w->release_key = arg;
		return 0;
	case OPTION_LOG:
		w->log = arg;
		return 0;
	case OPTION_LOG_KEY:
		w->log_key = arg;
		return 0;
	case OPTION_PASSPHRASE_FILE:
		w->passphrase.file = arg;
		return 0;
	case OPTION_ALLOW:
		w->allow = arg;
		return 0;
	case OPTION_JSON:
		w->json = 1;
		return 0;
	case ARGP_KEY_ARG:
		if (w->image)
			argp_error(state, "%s: only one image at a time; disks are named with --to", arg);
		w->image = arg;
		return 0;
	case ARGP_KEY_END:
		check_wish(w, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

void
flash_args_take(struct flash_wish *w, int argc, char **argv)
{
	static const struct argp argp = {
	    options,
	    parse,
	    "IMAGE",
	    "Writes an image to disks, and reads all of it back. The image must be signed, each disk is confirmed by its serial, and "
	    "a disk boots only when all of it was found right. After an interruption the same command goes on.\v"
	    "Never overwritten, whatever is given: the disk this computer runs from, a disk that is mounted or in use, and one that "
	    "is too small. Exit status: 0 all disks are good, 1 arguments or files, 2 the image is refused, 3 a disk is refused "
	    "(nothing was written to any), 4 a disk failed, 5 stopped.",
	    NULL,
	    NULL,
	    NULL};

	*w = (struct flash_wish){
	    .release_key = DESK_RELEASE_KEY, .log = DESK_LOG, .log_key = DESK_LOG_KEY, .allow = DESK_ALLOW};
	command_parse(&argp, argc, argv, w);
}
