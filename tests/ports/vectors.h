/*
 * Reading published test vectors: JSON files and lines of hex, from a folder that may not be there.
 */
#ifndef TESTS_PORTS_VECTORS_H
#define TESTS_PORTS_VECTORS_H

#include <jansson.h>

#include "base/base.h"

/* Bytes of a hex text into one of a few buffers of its own, good until close(); NULL text gives an empty span. */
struct span vectors_hex(const char *hex);
struct span vectors_field(const json_t *object, const char *name);
void vectors_forget(void); /* all spans given out so far */

/* DIR/NAME as JSON; prints one line and returns NULL when it is not there. */
json_t *vectors_load(const char *dir, const char *name);

#endif
