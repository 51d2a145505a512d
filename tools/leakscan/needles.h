/*
 * leakscan/needles.h - a set of byte strings, looked for at every offset of a buffer.
 *
 * Each needle is 24 to 64 bytes. It is looked for raw, as hexadecimal in either
 * case, and as base64 at each of its three alignments. One pass over the buffer
 * whatever the number of needles: eight bytes of the form are the key of a hash
 * table, the rest is compared.
 */
#ifndef LEAKSCAN_NEEDLES_H
#define LEAKSCAN_NEEDLES_H

#include "base/base.h"
#include "hal/picture.h"

enum { NEEDLE_MIN = 24, NEEDLE_MAX = 64 };

struct needles;

struct needles *needles_new(void);
void needles_free(struct needles *set);

/* Returns 0, -EINVAL for a wrong length, -ENOMEM. A needle of fewer than 8 different bytes is left out: returns 1. */
int needles_add(struct needles *set, struct span needle) MUST_CHECK;
size_t needles_count(const struct needles *set);

/* How often a needle stands in the buffer; *first is the offset of the first, if any. */
size_t needles_find(const struct needles *set, struct span in, size_t *first);

/*
 * The next picture that no needle knows: JPEG (SOI, then a JFIF or Exif segment or
 * a quantisation table of legal length) or PNG. Returns how far away its first
 * byte is and sets *kind; in.n and PICTURE_NONE when there is none.
 */
size_t pictures_next(struct span in, enum picture_kind *kind);

#endif
