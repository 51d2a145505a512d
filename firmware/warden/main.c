/*
 * warden/main.c - laneseald: reads the settings, opens the doors, starts the rooms, watches them, closes in order.
 *
 * It carries no data: no picture, no record and no private key passes through
 * this program. What it makes is listed in wiring.c.
 */
#include <argp.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "base/log_text.h"
#include "warden/explain.h"
#include "warden/exposure.h"
#include "warden/healthy.h"
#include "warden/house.h"
#include "warden/version.h"

enum { KEY_CHECK = 0x100, KEY_LIST, KEY_EXPOSURE, KEY_EXPLAIN, KEY_HEALTHY, KEY_JSON, KEY_ALIVE, KEY_SELF_TEST };

struct wish {
	const char *settings_file;
	int check, list, exposure, explain, healthy, json, self_test;
	int alive_fd;
};

const char *argp_program_version = "laneseald " LANESEALD_VERSION;

static const struct argp_option options[] = {
	{"settings", 's', "FILE", 0, "the settings of this unit", 0},
	{"check", KEY_CHECK, NULL, 0, "read the settings, look at the files they name, start nothing", 0},
	{"list-settings", KEY_LIST, NULL, 0, "print every setting there is, with what is allowed", 0},
	{"exposure", KEY_EXPOSURE, NULL, 0, "what a thief of this unit would hold now; starts and changes nothing", 0},
	{"explain", KEY_EXPLAIN, NULL, 0, "what each room is, holds and may do on this machine, and what is weaker here; needs no settings", 0},
	{"healthy", KEY_HEALTHY, NULL, 0, "whether the unit that runs with these settings does its work; starts and changes nothing", 0},
	{"alive", KEY_ALIVE, "FD", 0, "a byte is written to this descriptor each second, for whoever started it and watches", 0},
	{"self-test", KEY_SELF_TEST, NULL, 0, "begin with a record of a plate the unit draws itself; it is healthy when that is stored", 0},
	{"json", KEY_JSON, NULL, 0, "with --exposure or --explain: as JSON", 0},
	{0},
};

/* 1: it is a descriptor that is open; no room will have it. */
static int
take_descriptor(const char *text, int *fd)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (*text == '\0' || *end != '\0' || n < 0 || n > INT_MAX)
		return 0;
	*fd = (int)n;
	return fcntl(*fd, F_SETFD, FD_CLOEXEC) == 0;
}

static error_t
take_option(int key, char *arg, struct argp_state *state)
{
	struct wish *w = state->input;

	switch (key) {
	case 's':
		w->settings_file = arg;
		return 0;
	case KEY_CHECK:
		w->check = 1;
		return 0;
	case KEY_LIST:
		w->list = 1;
		return 0;
	case KEY_EXPOSURE:
		w->exposure = 1;
		return 0;
	case KEY_EXPLAIN:
		w->explain = 1;
		return 0;
	case KEY_HEALTHY:
		w->healthy = 1;
		return 0;
	case KEY_ALIVE:
		if (!take_descriptor(arg, &w->alive_fd))
			argp_error(state, "--alive: '%s' is no open descriptor", arg);
		return 0;
	case KEY_SELF_TEST:
		w->self_test = 1;
		return 0;
	case KEY_JSON:
		w->json = 1;
		return 0;
	case ARGP_KEY_END:
		if (w->json && !w->exposure && !w->explain)
			argp_error(state, "--json goes with --exposure or --explain");
		if (!w->list && !w->explain && w->settings_file == NULL)
			argp_error(state, "--settings FILE is needed");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = take_option,
	.doc = "Runs a lane: frames of the camera go in, sealed records come out.\v"
	       "Exit status: 0 closed in order, 78 mistakes in the settings (nothing was started), "
	       "77 a lock that the board wants does not close, 1 any other trouble. "
	       "SIGTERM and SIGINT close in order. --explain: 77 this unit would not run here. --exposure: 0 nothing readable is on this unit, 2 something is. --healthy: 3 it does not do its work, with what is wanting.",
};

/* Nothing of this process goes to a core file, and no other process of the same user may look into it. */
static int
close_up(void)
{
	const struct rlimit no_core = {0, 0};

	return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       setrlimit(RLIMIT_CORE, &no_core) == 0;
}

/* The warden's own doors and, while it starts a room, copies of that room's descriptors (spawn.c). */
static int
have_descriptors(void)
{
	enum { WANTED = 256 };
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return 0;
	if (limit.rlim_cur >= WANTED)
		return 1;
	limit.rlim_cur = WANTED;
	limit.rlim_max = limit.rlim_max > WANTED ? limit.rlim_max : WANTED;
	if (setrlimit(RLIMIT_NOFILE, &limit) == 0)
		return 1;
	log_text(LOG_ERROR, "start: this process may not have the %d descriptors it needs: raise the limit "
		 "(LimitNOFILE=%d of the service, or ulimit -n %d)", WANTED, WANTED, WANTED);
	return 0;
}

int
main(int argc, char **argv)
{
	static struct house house;
	struct wish wish = {.settings_file = NULL, .alive_fd = -1};
	int status;

	if (argp_parse(&argp, argc, argv, 0, NULL, &wish) != 0)
		return HOUSE_EXIT_FAULT;
	if (wish.list) {
		settings_list(stdout);
		return HOUSE_EXIT_GOOD;
	}
	if (!close_up()) {
		log_text(LOG_ERROR, "start: the kernel does not let this process be closed up");
		return HOUSE_EXIT_FAULT;
	}
	if (wish.explain)
		return explain_tell(wish.json);
	if (wish.exposure)
		return exposure_tell(wish.settings_file, wish.json);
	if (wish.healthy)
		return healthy_tell(wish.settings_file);
	if (!have_descriptors())
		return HOUSE_EXIT_FAULT;
	status = house_open(&house, wish.settings_file, wish.check);
	if (status != HOUSE_EXIT_GOOD)
		return status;
	if (wish.check) {
		log_text(LOG_NOTE, "%s: the settings are good", wish.settings_file);
		return HOUSE_EXIT_GOOD;
	}
	house.alive_fd = wish.alive_fd;
	house.self_test = wish.self_test;
	return house_run(&house);
}
