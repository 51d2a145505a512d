/*
 * lanectl/flash_args.h - what "lanectl flash" was asked to do.
 */
#ifndef LANECTL_FLASH_ARGS_H
#define LANECTL_FLASH_ARGS_H

#include "../common/key.h"

enum { TARGETS_MAX = 16 };

struct flash_wish {
	const char *image, *board, *release_key, *log, *log_key, *allow;
	const char *to[TARGETS_MAX], *units[TARGETS_MAX], *yes[TARGETS_MAX];
	size_t n_to, n_units, n_yes;
	struct key_passphrase passphrase;
	int json;
};

/* Ends the program with EXIT_TROUBLE and a sentence when the arguments cannot be meant so. */
void flash_args_take(struct flash_wish *w, int argc, char **argv);

#endif
