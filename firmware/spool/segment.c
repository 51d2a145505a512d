/*
 * Reads segments. Nothing is known of a segment but its name: what is inside is found by
 * walking from record to record, so neither memory nor start-up grows with the records held.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "spool/segment.h"

enum { DIGITS = 20, FIND_BYTES = 16384, BLOCK_BYTES = 4096 };

static const char ending[] = ".lss";

void
segment_name(uint64_t first, char name[STORAGE_NAME_BYTES])
{
	int n = snprintf(name, STORAGE_NAME_BYTES, "%020" PRIu64 "%s", first, ending);

	CHECK(n > 0 && n < STORAGE_NAME_BYTES);
}

uint64_t
segment_of_name(const char *name)
{
	uint64_t v = 0;

	for (int i = 0; i < DIGITS; i++) {
		if (name[i] < '0' || name[i] > '9' || v > STORE_SEQUENCE_MAX / 10)
			return 0;
		v = v * 10 + (uint64_t)(name[i] - '0');
	}
	return strcmp(name + DIGITS, ending) == 0 && v < STORE_SEQUENCE_MAX ? v : 0;
}

size_t
segment_index(const struct store *st, uint64_t sequence)
{
	size_t low = 0, high = st->n;

	CHECK(st->n > 0);
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (st->segments[middle].first <= sequence)
			low = middle;
		else
			high = middle;
	}
	return low;
}

uint64_t
segment_limit(const struct store *st, size_t i)
{
	return i + 1 < st->n ? st->segments[i + 1].first : st->head.sequence + 1;
}

int
segment_is_damage(int err)
{
	return err == -EBADMSG || err == -ENODATA || err == -EIO || err == -ENOENT || err == -EUCLEAN || err == -EILSEQ;
}

/* ---- bytes ---- */

void
segment_forget(struct store *st)
{
	if (st->reading >= 0)
		hal_storage_close(st->reading);
	st->reading = -1;
}

/* The tail is read through the file that it is written with. */
static int
file_of(struct store *st, size_t i)
{
	char name[STORAGE_NAME_BYTES];

	if (st->tail >= 0 && i == st->n - 1)
		return st->tail;
	if (st->reading >= 0 && st->reading_first == st->segments[i].first)
		return st->reading;
	segment_forget(st);
	segment_name(st->segments[i].first, name);
	st->reading = hal_storage_open(st->folder, name, STORAGE_READ);
	st->reading_first = st->segments[i].first;
	return st->reading;
}

/* As many bytes as there are, at most into.n. */
static int64_t
read_some(struct store *st, size_t i, struct space into, uint64_t at)
{
	int file = file_of(st, i);
	size_t have = 0;

	if (file < 0)
		return file;
	while (have < into.n) {
		int64_t n = hal_storage_read(file, SPACE(into.p + have, into.n - have), at + have);

		if (n == -EINTR)
			continue;
		if (n < 0)
			return n;
		if (n == 0)
			break;
		have += (size_t)n;
	}
	return (int64_t)have;
}

int
segment_read(struct store *st, size_t i, struct space into, uint64_t at)
{
	int64_t n = read_some(st, i, into, at);

	if (n < 0)
		return (int)n;
	return (size_t)n == into.n ? 0 : -ENODATA;
}

int
segment_write(int file, struct span bytes, uint64_t at)
{
	size_t done = 0;

	while (done < bytes.n) {
		int64_t n = hal_storage_write(file, SPAN(bytes.p + done, bytes.n - done), at + done);

		if (n == -EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? (int)n : -EIO;
		done += (size_t)n;
	}
	return 0;
}

static size_t
at_most(uint64_t left, size_t most)
{
	return left < most ? (size_t)left : most;
}

/* ---- records ---- */

int
segment_look(struct store *st, size_t i, uint64_t at, struct store_entry *e, struct record_parts *parts)
{
	static uint8_t bytes[RECORD_SIGN1_MAX];
	static struct record_parts scrap;
	const struct store_segment *s = &st->segments[i];
	struct record_parts *p = parts ? parts : &scrap;
	struct span left;
	int64_t n = read_some(st, i, SPACE(bytes, at_most(s->bytes - at, sizeof(bytes))), at);
	int err;

	if (n < 0)
		return (int)n;
	left = SPAN(bytes, (size_t)n);
	err = record_take(p, &left);
	if (err < 0 && err != -ENODATA)
		return err;
	if (record_bytes(p) > s->bytes - at || record_bytes(p) > UINT32_MAX || p->entry.sequence >= STORE_SEQUENCE_MAX)
		return -EBADMSG;
	*e = (struct store_entry){
	    .sequence = p->entry.sequence,
	    .segment = s->first,
	    .at = at,
	    .boot = p->entry.boot,
	    .bytes = (uint32_t)record_bytes(p),
	    .kind = p->entry.kind,
	    .clock = p->entry.clock,
	};
	memcpy(e->link, p->link, sizeof(e->link));
	return 0;
}

uint64_t
segment_find(struct store *st, size_t i, uint64_t at)
{
	static uint8_t bytes[FIND_BYTES];
	uint64_t end = st->segments[i].bytes;

	while (at < end) {
		size_t n = at_most(end - at, sizeof(bytes)), found;
		int err = segment_read(st, i, SPACE(bytes, n), at);

		/* One bad block must not hide its neighbours. */
		if (err < 0 && n > BLOCK_BYTES) {
			n = BLOCK_BYTES - (size_t)(at % BLOCK_BYTES);
			err = segment_read(st, i, SPACE(bytes, n), at);
		}
		found = err < 0 ? n : record_find(SPAN(bytes, n), st->key_id);
		if (found < n)
			return at + found;
		/* A mark may lie across the seam. */
		at += err == 0 && n > RECORD_SIGN1_MAX ? n - RECORD_SIGN1_MAX / 2 : n;
	}
	return end;
}

/* ---- walking ---- */

static void
enter(struct store *st, struct store_cursor *c, size_t i)
{
	if (c->next < st->segments[i].first)
		c->next = st->segments[i].first;
	if (c->segment == st->segments[i].first)
		return;
	c->segment = st->segments[i].first;
	c->at = 0;
}

/*
 * From c->at to the record with number c->next or a later one. Returns 1 when there is one, 0
 * when the segment ends, -errno. *damaged: bytes were stepped over that are no record.
 */
static int
walk(struct store *st, size_t i, struct store_cursor *c, struct store_entry *e, int *damaged)
{
	uint64_t at = c->at, limit = segment_limit(st, i);
	int err;

	*damaged = 0;
	while (at < st->segments[i].bytes) {
		err = segment_look(st, i, at, e, NULL);
		if (err < 0 && !segment_is_damage(err))
			return err;
		if (err < 0 || (*damaged && e->sequence >= limit)) {
			*damaged = 1;
			at = segment_find(st, i, at + 1);
			continue;
		}
		if (e->sequence >= limit)
			return 0;
		if (e->sequence >= c->next)
			return 1;
		at += e->bytes;
		if (!*damaged)
			c->at = at;
	}
	return 0;
}

/* Numbers that no finished record had: what recovery said of them is the first thing after them. */
static int
is_stated(struct store *st, size_t after, uint64_t from, uint64_t upto)
{
	static struct record_parts parts;
	struct store_entry e;

	if (after >= st->n || segment_look(st, after, 0, &e, &parts) < 0 || e.kind != ENTRY_GAP)
		return 0;
	return parts.entry.gap_first > 0 && parts.entry.gap_first <= from &&
	       upto - parts.entry.gap_first <= parts.entry.gap_count;
}

int
segment_step(struct store *st, struct store_cursor *c, struct store_entry *e, struct store_lost *lost)
{
	while (st->n > 0 && c->next <= st->head.sequence) {
		size_t i = segment_index(st, c->next);
		uint64_t upto = segment_limit(st, i);
		int damaged, got;

		enter(st, c, i);
		got = walk(st, i, c, e, &damaged);
		if (got < 0)
			return got;
		if (got == 1)
			upto = e->sequence;
		/* Numbers that are missing between whole records were never used; recovery has said so. */
		if (upto > c->next && (damaged || (got == 0 && i + 1 < st->n)) &&
		    !(got == 0 && is_stated(st, i + 1, c->next, upto))) {
			*lost = (struct store_lost){c->next, upto - c->next, GAP_DAMAGED};
			return STORE_LOST;
		}
		c->next = upto;
		if (got == 1) {
			c->at = e->at;
			return STORE_DUE;
		}
	}
	return STORE_NONE;
}
