/*
 * base/wire.h - fixed-width, big-endian fields of the doors.
 *
 * Reader: take fields in order, then wire_end(), which complains if anything is
 * left. Errors stick: after the first one every field reads as zero, and
 * wire_end() returns -EBADMSG, so a decoder reads like its page in docs/DOORS.md.
 *
 * Writer: put fields in order, then wire_done() returns the length, or -ENOSPC.
 */
#ifndef BASE_WIRE_H
#define BASE_WIRE_H

#include "base/base.h"

struct wire_reader {
	struct span left;
	int bad;
};

struct wire_writer {
	struct space all;
	size_t used;
	int bad;
};

void wire_read(struct wire_reader *r, struct span bytes);
uint8_t wire_u8(struct wire_reader *r);
uint16_t wire_u16(struct wire_reader *r);
uint32_t wire_u32(struct wire_reader *r);
uint64_t wire_u64(struct wire_reader *r);
int64_t wire_i64(struct wire_reader *r);
int32_t wire_i32(struct wire_reader *r);
/* A length (u32) followed by as many bytes; more than `most` is an error. Points into the message. */
struct span wire_bytes(struct wire_reader *r, size_t most);
/* Exactly n bytes, copied out. */
void wire_fixed(struct wire_reader *r, void *out, size_t n);
/* A name, perhaps empty, in exactly n bytes: padded with at least one NUL, no control character, no '/'. */
void wire_name(struct wire_reader *r, char *out, size_t n);
/* Marks the message bad when cond is false: for ranges. */
void wire_require(struct wire_reader *r, int cond);
int wire_end(const struct wire_reader *r) MUST_CHECK;

void wire_write(struct wire_writer *w, struct space into);
void wire_put_u8(struct wire_writer *w, uint8_t v);
void wire_put_u16(struct wire_writer *w, uint16_t v);
void wire_put_u32(struct wire_writer *w, uint32_t v);
void wire_put_u64(struct wire_writer *w, uint64_t v);
void wire_put_i64(struct wire_writer *w, int64_t v);
void wire_put_i32(struct wire_writer *w, int32_t v);
void wire_put_bytes(struct wire_writer *w, struct span bytes);
void wire_put_fixed(struct wire_writer *w, const void *p, size_t n);
/* A name in exactly n bytes; whatever follows its NUL in memory is not sent. */
void wire_put_name(struct wire_writer *w, const char *name, size_t n);
/* Reserves n bytes to be filled by the caller at once; NULL when full. */
uint8_t *wire_put_space(struct wire_writer *w, size_t n);
int64_t wire_done(const struct wire_writer *w) MUST_CHECK;

#endif
