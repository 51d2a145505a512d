/*
 * spool/segment.h - files of records, one behind another: names, and how to find a record again.
 *
 * A segment is "NUMBER.lss", twenty digits: the number of its first record. Inside is nothing
 * but records, a CBOR sequence. Bytes that are no record - damaged, or left by a write that
 * was cut - are stepped over: each record begins with the same 24 bytes.
 */
#ifndef SPOOL_SEGMENT_H
#define SPOOL_SEGMENT_H

#include "hal/storage.h"
#include "spool/store.h"

#define SEGMENT_BAD ".bad" /* behind the name: set aside, never read again */

void segment_name(uint64_t first, char name[STORAGE_NAME_BYTES]);
/* The number, or 0: not a name that segment_name() makes. */
uint64_t segment_of_name(const char *name) MUST_CHECK;

/* Index of the segment that should hold this record; the first when it is older than all; st->n > 0. */
size_t segment_index(const struct store *st, uint64_t sequence) MUST_CHECK;
/* The first number that belongs to a later segment: what lies here with it or a higher one was left by a cut write. */
uint64_t segment_limit(const struct store *st, size_t i) MUST_CHECK;

/*
 * What begins at e->at in segment i: sets *e, and *parts unless NULL, whose spans are good
 * until the next call; parts->body is not set.
 *   -EBADMSG  no whole record
 *   -errno    it cannot be read
 */
int segment_look(struct store *st, size_t i, uint64_t at, struct store_entry *e, struct record_parts *parts) MUST_CHECK;
/* Where a record may begin at or after `at`; the segment's length when nowhere. */
uint64_t segment_find(struct store *st, size_t i, uint64_t at) MUST_CHECK;

/* Reads exactly into.n bytes of segment i. 0, -ENODATA when it ends before, or -errno. */
int segment_read(struct store *st, size_t i, struct space into, uint64_t at) MUST_CHECK;
/* Writes all. 0 or -errno. */
int segment_write(int file, struct span bytes, uint64_t at) MUST_CHECK;

/* 1 when the error says that the bytes are gone, and not that reading failed for now. */
int segment_is_damage(int err) MUST_CHECK;

/* Forget the file that is open for reading, before its segment is deleted or replaced. */
void segment_forget(struct store *st);

/*
 * The record with number c->next, or the first after it. STORE_DUE sets *e; STORE_LOST sets
 * *lost: numbers from c->next on whose bytes are damaged; STORE_NONE: the chain ends here.
 */
int segment_step(struct store *st, struct store_cursor *c, struct store_entry *e, struct store_lost *lost) MUST_CHECK;

#endif
