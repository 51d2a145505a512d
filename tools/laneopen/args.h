/*
 * tools/laneopen/args.h - what laneopen was asked to do, and how it answers to a script.
 */
#ifndef LANEOPEN_ARGS_H
#define LANEOPEN_ARGS_H

#include "../common/key.h"
#include "keys.h"

enum exit_status { EXIT_GOOD, EXIT_TROUBLE, EXIT_ALTERED, EXIT_MISSING, EXIT_CANNOT_TELL };

struct wish {
	const char *key, *policy_key, *unit, *maker, *folder, *out;
	char *policies[POLICIES_MAX];
	size_t n_policies;
	struct key_passphrase passphrase;
	uint64_t from;
	int64_t as_of_s;
	int verify_only, json;
};

/* Ends the program with EXIT_TROUBLE and a sentence when the arguments cannot be meant so. */
void args_take(struct wish *w, int argc, char **argv);

#endif
