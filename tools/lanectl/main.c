/*
 * lanectl is the technician's tool: it looks at images, lists the disks that may be
 * flashed, flashes them, and checks the record of what was flashed. It needs no
 * network. This file only finds the command that was meant.
 */
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "hal/crypto.h"

#include "../common/say.h"
#include "commands.h"

static const struct command {
	const char *word, *second;
	int (*run)(int argc, char **argv);
	const char *help;
} commands[] = {
    {"devices", NULL, command_devices, "disks that may be flashed, and what is on them"},
    {"image", "info", command_image_info, "what the signed manifest says of an image"},
    {"image", "verify", command_image_verify, "compare every byte of an image with its manifest"},
    {"flash", NULL, command_flash, "write an image to one or more disks, and check what was written"},
    {"log", "verify", command_log_verify, "check the signed record of what was flashed"},
};

atomic_int command_stop;

static void
on_stop(int number)
{
	(void)number;
	atomic_store(&command_stop, 1);
}

void
command_catch_stop(void)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction a = {.sa_handler = on_stop};

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		CHECK(sigaction(signals[i], &a, NULL) == 0);
}

void
command_parse(const struct argp *argp, int argc, char **argv, void *into)
{
	argp_err_exit_status = EXIT_TROUBLE;
	CHECK(argp_parse(argp, argc, argv, 0, NULL, into) == 0);
}

void
command_json(json_t *j)
{
	CHECK(j);
	(void)json_dumpf(j, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII);
	(void)printf("\n");
	json_decref(j);
}

static void
usage(FILE *to)
{
	char word[32];

	(void)fprintf(to, "Usage: lanectl COMMAND [OPTION...]\n\n");
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		(void)snprintf(word, sizeof(word), "%s %s", commands[i].word,
			       commands[i].second ? commands[i].second : "");
		(void)fprintf(to, "  %-13s %s\n", word, commands[i].help);
	}
	(void)fprintf(
	    to,
	    "\n\"lanectl COMMAND --help\" says more. Exit status: 0 good, 1 arguments or files, 2 the image is refused,\n"
	    "3 a disk is refused (nothing was written), 4 a disk failed while it was flashed, 5 stopped.\n");
}

static int
run(const struct command *c, int argc, char **argv)
{
	char title[64];
	int status;

	if (hal_crypto_open() < 0) {
		say_trouble("the crypto library (%s) does not start", hal_crypto_name());
		return EXIT_TROUBLE;
	}
	(void)snprintf(title, sizeof(title), "lanectl %s%s%s", c->word, c->second ? " " : "",
		       c->second ? c->second : "");
	argv[0] = title;
	status = c->run(argc, argv);
	hal_crypto_close();
	if (fflush(stdout) != 0 || ferror(stdout))
		return EXIT_TROUBLE;
	return status;
}

int
main(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : "--help", *second = argc > 2 ? argv[2] : "";

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		const struct command *c = &commands[i];
		int words = c->second ? 2 : 1;

		if (strcmp(word, c->word) == 0 && (!c->second || strcmp(second, c->second) == 0))
			return run(c, argc - words, argv + words);
	}
	if (strcmp(word, "--help") == 0 || strcmp(word, "-?") == 0 || strcmp(word, "help") == 0) {
		usage(argc > 1 ? stdout : stderr);
		return argc > 1 ? EXIT_GOOD : EXIT_TROUBLE;
	}
	say_trouble("there is no command '%s%s%s'", word, second[0] ? " " : "", second);
	usage(stderr);
	return EXIT_TROUBLE;
}
