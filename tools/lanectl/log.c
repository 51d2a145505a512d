/*
 * "lanectl log verify": checks the flash record line by line and says what each one says.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../common/file.h"
#include "../common/say.h"
#include "commands.h"
#include "flashlog.h"

enum { LOG_MAX = 256 << 20 };

struct wish {
	const char *log, *key;
	int json;
};

enum { OPTION_LOG = 1000, OPTION_KEY, OPTION_JSON };

static error_t
parse(int option, char *arg, struct argp_state *state)
{
	struct wish *w = state->input;

	switch (option) {
	case OPTION_LOG:
		w->log = arg;
		return 0;
	case OPTION_KEY:
		w->key = arg;
		return 0;
	case OPTION_JSON:
		w->json = 1;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const char *const words[] = {"good", "damaged", "forged", "broken"};
static const char *const texts[] = {
    "", "is damaged or was cut short", "is not signed with this key, or was changed",
    "does not follow the line before it: a line was taken out, added or changed"};

/* Text of a record that may be anybody's: no control character reaches the terminal. */
static void
say_text(const json_t *record, const char *inside, const char *name)
{
	const char *text =
	    json_string_value(json_object_get(inside ? json_object_get(record, inside) : record, name));

	(void)putchar(' ');
	for (text = text ? text : "-"; *text; text++)
		(void)putchar((unsigned char)*text < ' ' || *text == 0x7f ? '?' : *text);
}

static void
say_line(uint64_t number, enum flashlog_answer answer, const json_t *record)
{
	(void)printf("%-8s %llu", words[answer], (unsigned long long)number);
	if (record) {
		say_text(record, NULL, "at");
		(void)printf(" unit");
		say_text(record, NULL, "unit");
		say_text(record, "image", "board");
		say_text(record, "image", "version");
		(void)printf(" on");
		say_text(record, "device", "serial");
		say_text(record, NULL, "result");
	}
	if (answer != LOG_GOOD)
		(void)printf("  <- %s", texts[answer]);
	(void)printf("\n");
}

static int
verify(const struct wish *w, struct span text, EVP_PKEY *key)
{
	struct flashlog_state state = {0};
	enum flashlog_answer answer;
	uint64_t bad = 0;
	json_t *record, *lines = json_array();

	while (flashlog_next(&state, &text, key, &answer, &record) == 0) {
		bad += answer != LOG_GOOD;
		if (w->json)
			(void)json_array_append_new(
			    lines,
			    json_pack("{s:I, s:s, s:o}", "line", (json_int_t)state.lines, "answer",
				      words[answer], "record", record ? json_incref(record) : json_null()));
		else
			say_line(state.lines, answer, record);
		json_decref(record);
	}
	if (w->json)
		command_json(json_pack("{s:O, s:I, s:I}", "lines", lines, "good",
				       (json_int_t)(state.lines - bad), "bad", (json_int_t)bad));
	else
		(void)printf(
		    "%s: %llu lines good, %llu not. Lines cut off at the end do not show; keep copies.\n",
		    w->log, (unsigned long long)(state.lines - bad), (unsigned long long)bad);
	json_decref(lines);
	return bad ? EXIT_IMAGE : EXIT_GOOD;
}

int
command_log_verify(int argc, char **argv)
{
	static const struct argp_option options[] = {
	    {"log", OPTION_LOG, "FILE", 0, "The flash record (default " DESK_LOG ")", 0},
	    {"key", OPTION_KEY, "FILE", 0, "The technician's public key (default " DESK_LOG_PUBLIC ")", 0},
	    {"json", OPTION_JSON, NULL, 0, "Answer in JSON", 0},
	    {0},
	};
	static const struct argp argp = {
	    options,
	    parse,
	    NULL,
	    "Checks the signed record of what was flashed. Exit status 2: a line is not as it was written.",
	    NULL,
	    NULL,
	    NULL};
	struct wish w = {.log = DESK_LOG, .key = DESK_LOG_PUBLIC};
	struct space text;
	EVP_PKEY *key;
	int status;

	command_parse(&argp, argc, argv, &w);
	if (key_load_public(w.key, &key) < 0)
		return EXIT_TROUBLE;
	if (file_load(w.log, LOG_MAX, &text) < 0) {
		EVP_PKEY_free(key);
		return EXIT_TROUBLE;
	}
	status = verify(&w, SPAN(text.p, text.n), key);
	file_free(&text);
	EVP_PKEY_free(key);
	return status;
}
