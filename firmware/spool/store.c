/*
 * Appends, finds, reads and deletes records. A record is written behind the one before and
 * synced; only then is it acknowledged. A file whose write or sync failed is not written to
 * again: the record goes to another one. recover.c is the other half.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "base/log.h"
#include "spool/segment.h"
#include "spool/state.h"
#include "spool/store.h"

int
store_knows(const struct store *st, uint64_t passage)
{
	size_t n = st->head.recent_n < STORE_RECENT ? (size_t)st->head.recent_n : STORE_RECENT;

	for (size_t i = 0; i < n; i++)
		if (st->head.recent[i] == passage)
			return 1;
	return 0;
}

uint64_t
store_count(const struct store *st)
{
	return st->n > 0 ? st->head.sequence + 1 - st->segments[0].first : 0;
}

static int
save_head(struct store *st)
{
	int err = state_save_head(st->folder, &st->head);

	if (err < 0)
		log_event(LOG_WARN, "head_not_saved", "errno", -err, "sequence", st->head.sequence);
	return err;
}

int
store_save_marks(struct store *st)
{
	struct store_marks m = {.all = st->all.next - 1, .light = st->light.next - 1};

	return state_save_marks(st->folder, &m);
}

static void
close_tail(struct store *st)
{
	if (st->tail >= 0)
		hal_storage_close(st->tail);
	st->tail = -1;
}

void
store_close(struct store *st)
{
	int err = store_save_marks(st);

	if (err < 0)
		log_event(LOG_WARN, "marks_not_saved", "errno", -err);
	close_tail(st);
	segment_forget(st);
	(void)munmap(st->segments, st->places * sizeof(*st->segments));
	*st = (struct store){.folder = -1, .tail = -1, .reading = -1};
}

/* ---- room ---- */

/* 1, 0 or -errno. An entry without a body may use the reserve, and half of the floor. */
static int
fits(const struct store *st, uint64_t bytes, int light)
{
	uint64_t more_bytes = light ? STORE_RESERVE_BYTES : 0, more_records = light ? STORE_RESERVE_RECORDS : 0;
	uint64_t floor = (st->free_floor + STORE_SLACK_BYTES) / (light ? 2 : 1);
	int64_t left;

	if (store_count(st) >= st->max_records + more_records || st->bytes + bytes > st->max_bytes + more_bytes)
		return 0;
	left = hal_storage_free(st->folder);
	if (left < 0)
		return (int)left;
	return (uint64_t)left >= floor + bytes;
}

/* With the last segment the newest record goes, and .head alone knows the chain's end. */
static int
let_go_of_tail(struct store *st)
{
	int err = save_head(st);

	if (err == 0)
		close_tail(st);
	return err;
}

static int
sync_folder(struct store *st)
{
	int err = hal_storage_sync_folder(st->folder);

	if (err == 0)
		st->removed = 0;
	return err;
}

/*
 * The folder is synced before the next goes, not at once: a delivered segment that comes back after a power cut is
 * found delivered again, a dropped one is delivered after all, or dropped again. But only the last may come back: with
 * an older one there would be a hole in what is held.
 */
static int
remove_oldest(struct store *st)
{
	char name[STORAGE_NAME_BYTES];
	int err = st->removed ? sync_folder(st) : 0;

	if (err == 0 && st->n == 1)
		err = let_go_of_tail(st);
	if (err < 0)
		return err;
	if (st->reading_first == st->segments[0].first)
		segment_forget(st);
	segment_name(st->segments[0].first, name);
	err = hal_storage_remove(st->folder, name);
	if (err < 0 && err != -ENOENT)
		return err;
	st->removed = 1;
	st->bytes -= st->segments[0].bytes;
	st->n--;
	memmove(st->segments, st->segments + 1, st->n * sizeof(*st->segments));
	return 0;
}

/* Moves over entries without a body that were delivered ahead. What store_due() would say of the rest. */
static int
next_of_all(struct store *st, struct store_entry *due, struct store_lost *lost)
{
	int got;

	while ((got = segment_step(st, &st->all, due, lost)) == STORE_DUE) {
		if (due->kind == ENTRY_PASSAGE || due->sequence >= st->light.next)
			return STORE_DUE;
		st->all.next = due->sequence + 1;
		st->all.at = due->at + due->bytes;
	}
	return got;
}

int
store_delete_delivered(struct store *st)
{
	struct store_entry due;
	struct store_lost lost;
	int got;

	if (st->n == 0)
		return -ENOSPC;
	got = next_of_all(st, &due, &lost);
	if (got < 0)
		return got;
	return st->all.next < segment_limit(st, 0) ? -ENOSPC : remove_oldest(st);
}

int
store_room(struct store *st, uint64_t bytes, int light)
{
	int err, fit;

	if (bytes > st->max_bytes)
		return -EFBIG;
	while ((fit = fits(st, bytes, light)) == 0) {
		err = store_delete_delivered(st);
		if (err < 0)
			return err;
	}
	return fit < 0 ? fit : 0;
}

/* Whether a passage is held that was not delivered: only then dropping can make more room than its gap takes. */
static int
passage_waits(struct store *st)
{
	struct store_cursor c = st->all;
	struct store_entry e;
	struct store_lost lost;
	int got;

	while ((got = segment_step(st, &c, &e, &lost)) != STORE_NONE) {
		if (got < 0 || (got == STORE_DUE && e.kind == ENTRY_PASSAGE))
			return got < 0 ? got : 1;
		c.next = got == STORE_DUE ? e.sequence + 1 : lost.first + lost.count;
		c.at = got == STORE_DUE ? e.at + e.bytes : c.at;
	}
	return 0;
}

int
store_drop_what(struct store *st, struct store_lost *lost)
{
	uint64_t from, limit;
	int waits = st->n == 0 ? 0 : passage_waits(st);

	if (waits <= 0)
		return waits < 0 ? waits : -ENOENT;
	/* The gap that speaks of the last segment must not lie in it. */
	if (st->n == 1)
		store_turn_page(st);
	limit = segment_limit(st, 0);
	from = st->all.next > st->segments[0].first ? st->all.next : st->segments[0].first;
	if (from >= limit)
		return -ENOENT;
	*lost = (struct store_lost){.first = from, .count = limit - from};
	return 0;
}

uint64_t
store_drop_says(struct store *st, struct store_lost *lost)
{
	static struct record_parts parts;
	uint64_t at = 0, counted = 0;
	struct store_entry e;

	while (at < st->segments[0].bytes) {
		if (segment_look(st, 0, at, &e, &parts) < 0) {
			at = segment_find(st, 0, at + 1);
			continue;
		}
		at += e.bytes;
		if (e.kind != ENTRY_GAP || e.sequence < st->light.next)
			continue;
		if (parts.entry.gap_first == 0)
			counted += parts.entry.gap_count;
		else if (parts.entry.gap_first < lost->first)
			*lost = (struct store_lost){parts.entry.gap_first, lost->first + lost->count - parts.entry.gap_first,
						    lost->reason};
	}
	return counted;
}

int
store_drop(struct store *st, const struct store_lost *lost)
{
	int err = remove_oldest(st);

	if (err == 0)
		store_give_up(st, lost);
	return err;
}

void
store_written_at(struct store *st, int64_t utc_s)
{
	CHECK(st->n > 0);
	st->segments[st->n - 1].changed_s = utc_s;
}

int
store_aged(struct store *st, int64_t now_s)
{
	struct store_entry e;

	if (st->max_age_s == 0 || st->n == 0 || st->segments[0].changed_s <= 0)
		return 0;
	/* Written by a clock that nobody vouched for: its time says nothing. */
	if (segment_look(st, 0, 0, &e, NULL) < 0 || e.clock < CLOCK_SYNCED)
		return 0;
	return st->segments[0].changed_s + st->max_age_s < now_s;
}

void
store_turn_page(struct store *st)
{
	if (st->tail >= 0 && st->segments[st->n - 1].bytes > 0)
		close_tail(st);
}

/* ---- append ---- */

static int
begin_tail(struct store *st)
{
	struct store_segment *s = &st->segments[st->n];
	char name[STORAGE_NAME_BYTES];
	int file;

	CHECK(st->n < st->places);
	/* So that a restart need not read what lies before. When this fails it reads more. */
	(void)save_head(st);
	segment_name(st->head.sequence + 1, name);
	file = hal_storage_open(st->folder, name, STORAGE_CREATE);
	/* Left by an append that failed, and that could not be undone. Never reused: its pages may have failed to sync. */
	if (file == -EEXIST && hal_storage_remove(st->folder, name) == 0)
		file = hal_storage_open(st->folder, name, STORAGE_CREATE);
	if (file < 0)
		return file;
	*s = (struct store_segment){.first = st->head.sequence + 1};
	st->n++;
	st->tail = file;
	return 0;
}

/* What is behind the last whole record of the file stays there, and whoever reads passes over it. */
static void
abandon_tail(struct store *st)
{
	struct store_segment *s = &st->segments[st->n - 1];
	char name[STORAGE_NAME_BYTES];

	close_tail(st);
	if (s->bytes > 0)
		return;
	segment_name(s->first, name);
	if (hal_storage_remove(st->folder, name) < 0)
		log_event(LOG_WARN, "not_removed", "segment", s->first);
	st->n--;
}

static int
write_record(struct store *st, struct span sign1, struct span body)
{
	struct store_segment *s = &st->segments[st->n - 1];
	int err = segment_write(st->tail, sign1, s->bytes);

	if (err == 0)
		err = segment_write(st->tail, body, s->bytes + sign1.n);
	if (err == 0)
		err = hal_storage_sync(st->tail);
	/* The first record of a file is there when its name is. */
	if (err == 0 && s->bytes == 0)
		err = sync_folder(st);
	return err;
}

static int
tail_is_full(const struct store *st, uint64_t bytes)
{
	const struct store_segment *s = &st->segments[st->n - 1];

	return s->bytes > 0 && (s->bytes + bytes > st->segment_bytes ||
				st->head.sequence + 1 - s->first >= st->segment_records);
}

int
store_append(struct store *st, const uint64_t *passage, const uint8_t link[CRYPTO_HASH_BYTES], struct span sign1,
	     struct span body)
{
	uint64_t bytes = sign1.n + body.n;
	int err;

	if (st->head.sequence + 1 >= STORE_SEQUENCE_MAX)
		return -ERANGE;
	if (st->tail >= 0 && tail_is_full(st, bytes))
		close_tail(st);
	err = st->tail < 0 ? begin_tail(st) : 0;
	if (err < 0)
		return err;
	err = write_record(st, sign1, body);
	if (err < 0) {
		abandon_tail(st);
		return err;
	}
	st->segments[st->n - 1].bytes += bytes;
	st->bytes += bytes;
	st->head.sequence++;
	memcpy(st->head.link, link, sizeof(st->head.link));
	if (passage != NULL)
		st->head.recent[st->head.recent_n++ % STORE_RECENT] = *passage;
	return 0;
}

/* ---- delivery ---- */

/* The oldest entry without a body that was not delivered. What is damaged is for the other cursor to tell. */
static int
next_light(struct store *st, struct store_entry *due)
{
	struct store_lost lost;
	int got;

	while ((got = segment_step(st, &st->light, due, &lost)) > 0) {
		if (got == STORE_LOST) {
			st->light.next = lost.first + lost.count;
			continue;
		}
		if (due->kind != ENTRY_PASSAGE)
			return STORE_DUE;
		st->light.next = due->sequence + 1;
		st->light.at = due->at + due->bytes;
	}
	return got;
}

int
store_due(struct store *st, struct store_entry *due, struct store_lost *lost)
{
	int got = next_light(st, due);

	return got == STORE_NONE ? next_of_all(st, due, lost) : got;
}

static void
pass(struct store_cursor *c, const struct store_entry *e)
{
	if (e->sequence < c->next)
		return;
	c->next = e->sequence + 1;
	if (c->segment == e->segment)
		c->at = e->at + e->bytes;
}

/* Older keys of the unit are not known here: their signatures are for the recipient to verify. */
static int
verify(const struct store *st, const struct store_entry *e, struct span bytes)
{
	struct record_parts parts;
	uint8_t hash[CRYPTO_HASH_BYTES];
	int err = record_split(&parts, bytes);

	if (err < 0)
		return err;
	if (parts.entry.sequence != e->sequence || parts.entry.boot != e->boot)
		return -EBADMSG;
	if (memcmp(parts.key_id, st->key_id, sizeof(parts.key_id)) == 0)
		return record_verify(&parts, st->point);
	err = hal_crypto_sha256(&parts.body, 1, hash);
	return err < 0 || parts.body.n == 0 || memcmp(hash, parts.entry.body_hash, sizeof(hash)) == 0 ? err : -EBADMSG;
}

/* The bytes from here on are looked through again, since not even their length can be believed. */
static void
distrust(struct store_cursor *c, const struct store_entry *e)
{
	if (c->segment == e->segment && c->next <= e->sequence)
		c->at = e->at + 1;
}

int64_t
store_read(struct store *st, const struct store_entry *e, struct space into)
{
	size_t i;
	int err;

	if (st->n == 0 || e->bytes > into.n)
		return -EBADMSG;
	i = segment_index(st, e->sequence);
	err = st->segments[i].first == e->segment ? segment_read(st, i, SPACE(into.p, e->bytes), e->at) : -EBADMSG;
	if (err == 0)
		err = verify(st, e, SPAN(into.p, e->bytes));
	if (err == 0)
		return e->bytes;
	if (!segment_is_damage(err))
		return err;
	distrust(&st->all, e);
	distrust(&st->light, e);
	return -EBADMSG;
}

void
store_delivered(struct store *st, const struct store_entry *e)
{
	if (e->kind != ENTRY_PASSAGE)
		pass(&st->light, e);
	else
		pass(&st->all, e);
}

void
store_give_up(struct store *st, const struct store_lost *lost)
{
	uint64_t next = lost->first + lost->count;

	if (st->all.next < next)
		st->all.next = next;
	if (st->light.next < next)
		st->light.next = next;
}
