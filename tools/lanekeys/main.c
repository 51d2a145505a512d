/*
 * lanekeys makes what a lane needs before its first record: recipients' keys, the
 * agency's policy key and policies, the maker's and the unit's identity. This file
 * only finds the command that was meant.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "hal/crypto.h"

#include "../common/say.h"
#include "commands.h"

static const struct command {
	const char *word;
	int (*run)(int argc, char **argv);
	const char *help;
} commands[] = {
    {"recipient", command_recipient, "a key pair that opens records, for one role (agency, escrow, ...)"},
    {"policy-key", command_policy_key, "the key that signs policies, and the half that units trust"},
    {"policy", command_policy, "a signed policy: who may open records, and the rules"},
    {"maker", command_maker, "the maker's key and certificate, which vouch for units"},
    {"unit", command_unit, "a unit's signing key and its certificate"},
    {"release-key", command_release_key, "the key that signs images, and the half that technicians trust"},
    {"image", command_image, "the block map and the signed manifest of an image, beside it"},
    {"technician-key", command_technician_key,
     "the key that signs a technician's record of what was flashed"},
    {"show", command_show, "what a policy, key or certificate file says, in words"},
};

static void
usage(FILE *to)
{
	(void)fprintf(to, "Usage: lanekeys COMMAND [OPTION...]\n\n");
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		(void)fprintf(to, "  %-14s %s\n", commands[i].word, commands[i].help);
	(void)fprintf(to, "\n\"lanekeys COMMAND --help\" says more. No file is ever overwritten.\n");
}

void
command_parse(const struct argp *argp, int argc, char **argv, void *into)
{
	argp_err_exit_status = 1;
	CHECK(argp_parse(argp, argc, argv, 0, NULL, into) ==
	      0); /* it ends the program itself when arguments are wrong */
}

static int
run(const struct command *c, int argc, char **argv)
{
	char title[64];
	int status;

	if (hal_crypto_open() < 0) {
		say_trouble("the crypto library (%s) does not start", hal_crypto_name());
		return 1;
	}
	(void)snprintf(title, sizeof(title), "lanekeys %s", c->word);
	argv[0] = title;
	status = c->run(argc, argv);
	hal_crypto_close();
	return status;
}

int
main(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : "--help";

	/* Whatever the caller's umask: secrets are for the owner alone, from the first byte. */
	(void)umask(077);
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (strcmp(word, commands[i].word) == 0)
			return run(&commands[i], argc - 1, argv + 1);
	if (strcmp(word, "--help") == 0 || strcmp(word, "-?") == 0 || strcmp(word, "help") == 0) {
		usage(argc > 1 ? stdout : stderr);
		return argc > 1 ? 0 : 1;
	}
	say_trouble("there is no command '%s'", word);
	usage(stderr);
	return 1;
}
