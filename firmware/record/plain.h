/*
 * record/plain.h - what is inside a body: one passage as a CBOR map, then zeros up to the padded length.
 */
#ifndef RECORD_PLAIN_H
#define RECORD_PLAIN_H

#include "base/base.h"
#include "doors/crop/crop.h"

/* The length of the map. */
size_t plain_bytes(const struct crop *c);

/* Writes the map and fills the rest of `into` with zeros. -ENOSPC when the map is longer. */
int plain_write(const struct crop *c, struct space into) MUST_CHECK;

/* Reads map and padding; *c points into `bytes`. 0, or -EBADMSG. */
int plain_read(struct crop *c, struct span bytes) MUST_CHECK;

#endif
