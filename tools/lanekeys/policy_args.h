/*
 * tools/lanekeys/policy_args.h - the arguments of "lanekeys policy", put into a policy.
 */
#ifndef LANEKEYS_POLICY_ARGS_H
#define LANEKEYS_POLICY_ARGS_H

#include "record/policy.h"

#include "../common/key.h"

struct policy_wish {
	struct policy policy;
	const char *key, *out;
	struct key_passphrase lock;
	int64_t valid_days;
	int bad; /* an argument was refused, and its sentence said */
};

/* Ends the program as command_parse() does; arguments that were refused are told, and w->bad is set. */
void policy_args_take(struct policy_wish *w, int argc, char **argv);

#endif
