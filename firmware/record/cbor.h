/*
 * record/cbor.h - the part of CBOR (RFC 8949) that a record uses, deterministic bytes only (section 4.2).
 *
 * Writer: put items in order, then cbor_done(). A writer over no memory (p NULL)
 * counts, so that a length can be known before the bytes are made.
 *
 * Reader: take items in the order the page gives them, then cbor_end(). It takes
 * the one deterministic encoding and nothing else: a longer integer than needed,
 * an indefinite length, another key than the next one, or trailing bytes make it
 * bad. Errors stick: after the first one everything reads as zero.
 */
#ifndef RECORD_CBOR_H
#define RECORD_CBOR_H

#include "base/base.h"

struct cbor_writer {
	struct space all;
	size_t used;
	int bad;
};

struct cbor_reader {
	struct span left;
	int bad;
};

void cbor_write(struct cbor_writer *w, struct space into);
void cbor_put_uint(struct cbor_writer *w, uint64_t v);
void cbor_put_int(struct cbor_writer *w, int64_t v);
void cbor_put_bytes(struct cbor_writer *w, struct span bytes);
void cbor_put_text(struct cbor_writer *w, const char *text);
void cbor_put_array(struct cbor_writer *w, uint64_t n);
void cbor_put_map(struct cbor_writer *w, uint64_t n);
void cbor_put_tag(struct cbor_writer *w, uint64_t tag);
/* The head of a byte string of n bytes, and room for it: the caller fills it at once. NULL when full or counting. */
uint8_t *cbor_put_space(struct cbor_writer *w, size_t n);
/* The head alone of a byte string of n bytes, for a caller that has the bytes elsewhere. */
void cbor_put_bytes_head(struct cbor_writer *w, uint64_t n);
/* Length, or -ENOSPC. */
int64_t cbor_done(const struct cbor_writer *w) MUST_CHECK;

void cbor_read(struct cbor_reader *r, struct span bytes);
uint64_t cbor_uint(struct cbor_reader *r);
/* An unsigned integer that must lie in lo..hi. */
uint64_t cbor_uint_in(struct cbor_reader *r, uint64_t lo, uint64_t hi);
int64_t cbor_int(struct cbor_reader *r);
/* A byte string of at most `most` bytes; points into what is read. */
struct span cbor_bytes(struct cbor_reader *r, size_t most);
/* A byte string of exactly n bytes, copied out. */
void cbor_fixed(struct cbor_reader *r, void *out, size_t n);
/* A text of printable ASCII without control characters, copied out with a final NUL; `room` counts the NUL. */
void cbor_text(struct cbor_reader *r, char *out, size_t room);
/* The head of an array of at most `most` items; returns how many. */
size_t cbor_array(struct cbor_reader *r, size_t most);
/* The head of a map of exactly n pairs. */
void cbor_map(struct cbor_reader *r, uint64_t n);
void cbor_tag(struct cbor_reader *r, uint64_t tag);
/* The next item must be this unsigned integer: a map's key, or a constant. */
void cbor_key(struct cbor_reader *r, uint64_t key);
/* Marks what is read as bad when cond is false. */
void cbor_require(struct cbor_reader *r, int cond);
/* 0, or -EBADMSG when anything did not fit or is left over. */
int cbor_end(const struct cbor_reader *r) MUST_CHECK;

#endif
