/*
 * warden/words.h - a room's command line, "name=value" by "name=value", from the wiring list.
 */
#ifndef WARDEN_WORDS_H
#define WARDEN_WORDS_H

#include "warden/house.h"

enum { WORDS_MAX = 24, WORDS_BYTES = 4096 };

struct words {
	char *argv[1 + WORDS_MAX + 1]; /* the room's name, the words, NULL; points into bytes */
	char bytes[WORDS_BYTES];
};

void words_make(struct words *w, const struct house *h, enum room room);

#endif
