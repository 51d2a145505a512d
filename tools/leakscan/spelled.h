/*
 * leakscan/spelled.h - bytes that are written down as text: runs of hexadecimal or base64.
 *
 * A run is 88 or more digits, line ends between them do not matter. Where a run
 * of base64 began is not known, so it is read from each of the four places it may
 * have begun at; hexadecimal from two.
 */
#ifndef LEAKSCAN_SPELLED_H
#define LEAKSCAN_SPELLED_H

#include "base/base.h"

enum { SPELLED_LEAST = 88 };

/* Called for each reading of each run: `from` is where the run stands in the buffer. */
typedef void (*spelled_heard)(void *arg, struct span bytes, const char *alphabet, size_t from);

/* Returns 0 or -ENOMEM. */
int spelled_read(struct span in, spelled_heard heard, void *arg) MUST_CHECK;

#endif
