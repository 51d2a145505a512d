/*
 * store_open(): what a power cut, a kill or failing storage may have left, put in order. It
 * reads names, two small files, and the newest segments. docs/SPOOL.md goes through every
 * crash point.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/log.h"
#include "spool/segment.h"
#include "spool/state.h"
#include "spool/store.h"

enum {
	SEGMENT_BYTES_LEAST = 1 << 16,
	SEGMENT_BYTES_MOST = 8 << 20,
	SEGMENTS_ABOUT = 16, /* of a small spool; a large one has more */
	SEGMENTS_MOST = 4096,
	SCAN_BACK = 16, /* segments that are read because .head could not be saved for so long */
	REWRITE_BYTES = 256 << 10,
	SPARE_SEGMENTS = 64,
};

/* The newest whole record, and what was found behind it. */
struct newest {
	struct store_entry e;
	size_t i;        /* its segment */
	int found;
	uint64_t burnt;  /* the highest number of which there are bytes, but no record */
	int64_t said_s;  /* the time in the newest entry without a body */
};

/* ---- the folder ---- */

struct listing {
	struct store *st;
	struct store_found *found;
	int filling;
	uint64_t segments;
};

static void
note(void *arg, const struct storage_name *f)
{
	struct listing *l = arg;
	uint64_t first = f->bytes == UINT64_MAX ? 0 : segment_of_name(f->name);

	if (first == 0) {
		l->found->foreign += !l->filling && f->name[0] != '.' && strstr(f->name, SEGMENT_BAD) == NULL;
	} else if (!l->filling) {
		l->segments++;
	} else if (l->st->n < l->segments) {
		l->st->segments[l->st->n++] = (struct store_segment){first, f->bytes, f->changed_s};
	}
}

static int
by_number(const void *left, const void *right)
{
	const struct store_segment *a = left, *b = right;

	return (a->first > b->first) - (a->first < b->first);
}

/* The list has its final size here, so that nothing is allocated later. Only touched pages count. */
static int
map_segments(struct store *st, uint64_t there)
{
	void *p;

	/* A segment has at least one record. */
	st->places = (size_t)(there + st->max_records + STORE_RESERVE_RECORDS + SPARE_SEGMENTS);
	p = mmap(NULL, st->places * sizeof(*st->segments), PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED)
		return -ENOMEM; /* EAGAIN here would be told as a folder that is in use */
	st->segments = p;
	return 0;
}

static int
list_segments(struct store *st, struct store_found *found)
{
	struct listing l = {.st = st, .found = found};
	int err = hal_storage_list(st->folder, note, &l);

	if (err == 0)
		err = map_segments(st, l.segments);
	if (err < 0)
		return err;
	l.filling = 1;
	err = hal_storage_list(st->folder, note, &l);
	if (st->n > 0)
		qsort(st->segments, st->n, sizeof(*st->segments), by_number);
	return err;
}

/* ---- the newest record ---- */

static int
raise(uint64_t *to, uint64_t value)
{
	if (*to >= value)
		return 0;
	*to = value;
	return 1;
}

static int
is_zero(struct store *st, size_t i, uint64_t at)
{
	uint8_t bytes[4096];

	for (; at < st->segments[i].bytes; at += sizeof(bytes)) {
		uint64_t left = st->segments[i].bytes - at;
		size_t n = left < sizeof(bytes) ? (size_t)left : sizeof(bytes);

		if (segment_read(st, i, SPACE(bytes, n), at) < 0)
			return 0;
		for (size_t k = 0; k < n; k++)
			if (bytes[k] != 0)
				return 0;
	}
	return 1;
}

/*
 * Walks one segment. Records with `below` or higher numbers are not taken. -EXDEV: another
 * unit's chain; -errno.
 */
static int
scan(struct store *st, size_t i, const char *unit, uint64_t below, struct newest *new)
{
	static struct record_parts parts;
	uint64_t limit = i + 1 < st->n ? st->segments[i + 1].first : UINT64_MAX, at = 0;
	struct store_entry e;
	int err;

	if (limit > below)
		limit = below;
	while (at < st->segments[i].bytes) {
		uint64_t expected = new->found && new->i == i ? new->e.sequence + 1 : st->segments[i].first;

		err = segment_look(st, i, at, &e, &parts);
		if (err < 0 && !segment_is_damage(err))
			return err;
		if (err < 0) {
			/* A cut write, when nothing follows. Zeros are what a file system puts where nothing was written. */
			if (expected < limit && !is_zero(st, i, at))
				(void)raise(&new->burnt, expected);
			at = segment_find(st, i, at + 1);
			continue;
		}
		if (e.sequence >= limit)
			return 0;
		if (strncmp(parts.entry.unit, unit, sizeof(parts.entry.unit)) != 0)
			return -EXDEV;
		new->e = e;
		new->i = i;
		new->found = 1;
		if (e.kind != ENTRY_PASSAGE)
			new->said_s = parts.entry.time_s;
		at += e.bytes;
	}
	return 0;
}

/* From the segment that .head does not know whole to the last, and further back when there is no record in them. */
static int
scan_newest(struct store *st, const char *unit, uint64_t below, struct newest *new)
{
	size_t i = st->n > 0 ? segment_index(st, st->head.sequence + 1) : 0;
	int err = 0;

	*new = (struct newest){.found = 0};
	if (st->n > SCAN_BACK && i < st->n - SCAN_BACK)
		i = st->n - SCAN_BACK;
	for (size_t k = i; k < st->n && err == 0; k++)
		err = scan(st, k, unit, below, new);
	while (err == 0 && !new->found && i > 0)
		err = scan(st, --i, unit, below, new);
	return err;
}

/* The newest record is the only one that may be torn: all before it were synced before it was begun. */
static int
find_newest(struct store *st, const struct store_wish *wish, struct newest *new)
{
	uint64_t below = UINT64_MAX, burnt = 0;
	int64_t n;
	int err;

	for (;;) {
		err = scan_newest(st, wish->unit, below, new);
		(void)raise(&new->burnt, burnt);
		if (err < 0 || !new->found)
			return err;
		n = store_read(st, &new->e, wish->scratch);
		if (n >= 0)
			return 0;
		if (n != -EBADMSG)
			return (int)n;
		(void)raise(&burnt, new->e.sequence);
		below = new->e.sequence;
	}
}

/* Passages of this boot that .head does not know yet. */
static int
learn(struct store *st, const struct newest *new)
{
	static struct record_parts parts;
	uint64_t from = st->head.sequence + 1;
	struct record_header h;
	struct store_entry e;
	size_t i = segment_index(st, from);

	if (i < new->i && new->i - i > SCAN_BACK)
		i = new->i - SCAN_BACK;
	for (; i <= new->i; i++)
		for (uint64_t at = 0; at < st->segments[i].bytes; at += e.bytes) {
			int err = segment_look(st, i, at, &e, &parts);

			if (segment_is_damage(err)) {
				at = segment_find(st, i, at + 1);
				e.bytes = 0;
				continue;
			}
			if (err < 0)
				return err;
			if (e.sequence > new->e.sequence)
				break;
			if (e.sequence >= from && e.boot == st->head.boot && e.kind == ENTRY_PASSAGE &&
			    record_header_decode(&h, parts.entry.header) == 0)
				st->head.recent[st->head.recent_n++ % STORE_RECENT] = h.passage;
		}
	return 0;
}

/* ---- numbers ---- */

static void
load_states(struct store *st, struct store_marks *marks)
{
	int err = state_load_head(st->folder, &st->head);

	if (err < 0 && err != -ENOENT)
		log_event(LOG_ERROR, "head_unreadable", "errno", -err);
	err = state_load_marks(st->folder, marks);
	if (err < 0 && err != -ENOENT)
		log_event(LOG_ERROR, "delivered_unreadable", "errno", -err);
}

/*
 * The boot goes on only if the head says that it was begun in this very run.
 * When in doubt it is a new one: then a passage may be stored twice, while
 * taking another boot's passage numbers for ours would lose one.
 */
static void
begin_boot(struct store *st, const struct store_wish *wish, const struct newest *new)
{
	uint32_t seen = new->found ? new->e.boot : 0;

	if (!wish->first && st->head.run == wish->run && st->head.boot > 0 && st->head.boot >= seen)
		return;
	st->head.boot = (st->head.boot > seen ? st->head.boot : seen) + 1;
	st->head.run = wish->run;
	st->head.recent_n = 0;
	memset(st->head.recent, 0, sizeof(st->head.recent));
}

/* What the next number is, and which numbers before it stand for nothing. */
static void
settle_numbers(struct store *st, const struct newest *new, const struct store_marks *marks)
{
	uint64_t known = st->head.sequence, stated = marks->all;
	int lost = new->found && new->e.sequence < known;

	if (new->found) {
		(void)raise(&stated, new->e.sequence);
		if (new->e.sequence >= known)
			memcpy(st->head.link, new->e.link, sizeof(st->head.link));
	} else {
		(void)raise(&stated, known);
	}
	(void)raise(&st->head.sequence, stated);
	(void)raise(&st->head.sequence, marks->light);
	(void)raise(&st->head.sequence, new->burnt);
	if (st->head.sequence > stated)
		st->owed = (struct store_lost){stated + 1, st->head.sequence - stated,
					       lost ? GAP_DAMAGED : GAP_UNFINISHED};
}

/* ---- a fresh tail ---- */

/* Bytes from `at` to the end of the newest record, into a new file that takes the name of number `first`. */
static int
rewrite(struct store *st, const struct newest *new, uint64_t at, uint64_t first, struct space scratch)
{
	struct space bytes = SPACE(scratch.p, (size_t)(new->e.at + new->e.bytes - at));
	char name[STORAGE_NAME_BYTES];
	int file, err = segment_read(st, new->i, bytes, at);

	if (err < 0)
		return err;
	file = hal_storage_open(st->folder, STATE_NEW, STORAGE_CREATE);
	if (file < 0)
		return file;
	err = segment_write(file, SPAN(bytes.p, bytes.n), 0);
	if (err == 0)
		err = hal_storage_sync(file);
	segment_name(first, name);
	if (err == 0)
		err = hal_storage_rename(st->folder, STATE_NEW, name);
	if (err < 0) {
		hal_storage_close(file);
		return err;
	}
	segment_forget(st);
	st->tail = file;
	return 0;
}

/* In the segments behind the newest record there is none. They are kept for whoever wants to look. */
static int
set_aside_behind(struct store *st, size_t keep)
{
	char name[STORAGE_NAME_BYTES], bad[STORAGE_NAME_BYTES + sizeof(SEGMENT_BAD)];
	int err;

	segment_forget(st);
	for (; st->n > keep; st->n--) {
		segment_name(st->segments[st->n - 1].first, name);
		(void)snprintf(bad, sizeof(bad), "%s%s", name, SEGMENT_BAD);
		if (st->segments[st->n - 1].bytes == 0)
			err = hal_storage_remove(st->folder, name);
		else
			err = hal_storage_rename(st->folder, name, bad);
		if (err < 0 && err != -ENOENT)
			return err;
	}
	return 0;
}

/*
 * The newest record may be in memory only, and its sync may have failed without anybody being
 * told: it is written again, into a new file. A small segment is copied whole, so that a unit
 * that restarts often does not end with a file for each start.
 */
static int
make_tail(struct store *st, const struct newest *new, struct space scratch)
{
	uint64_t end = new->e.at + new->e.bytes, first = st->segments[new->i].first;
	int whole = end <= REWRITE_BYTES && end <= scratch.n;
	uint64_t from = whole ? 0 : new->e.at;
	int err = rewrite(st, new, from, whole ? first : new->e.sequence, scratch);

	if (err < 0 && segment_is_damage(err) && whole) {
		from = new->e.at;
		err = rewrite(st, new, from, new->e.sequence, scratch);
	}
	if (err < 0)
		return err;
	err = set_aside_behind(st, new->i + 1);
	if (err < 0)
		return err;
	if (from > 0) {
		st->segments[new->i].bytes = new->e.at;
		st->n++;
	}
	st->segments[st->n - 1].first = from > 0 ? new->e.sequence : first;
	st->segments[st->n - 1].bytes = end - from;
	return 0;
}

static int
renew_tail(struct store *st, const struct newest *new, struct space scratch)
{
	int err = new->found ? make_tail(st, new, scratch) : set_aside_behind(st, 0);

	if (err == 0)
		err = hal_storage_sync_folder(st->folder);
	return err;
}

/* ---- all of it ---- */

static uint64_t
within(uint64_t least, uint64_t value, uint64_t most)
{
	return value < least ? least : value > most ? most : value;
}

static uint64_t
sweep(int folder, const char *name)
{
	return hal_storage_remove(folder, name) == 0;
}

static void
set_cursors(struct store *st, const struct store_marks *marks)
{
	st->all.next = marks->all + 1;
	/* Whatever was delivered with all the rest was delivered. */
	st->light.next = (marks->light > marks->all ? marks->light : marks->all) + 1;
	for (size_t i = 0; i < st->n; i++)
		st->bytes += st->segments[i].bytes;
}

static int
recover(struct store *st, const struct store_wish *wish, struct store_found *found)
{
	struct store_marks marks;
	struct newest new;
	int err;

	found->leftovers = sweep(st->folder, STATE_NEW);
	load_states(st, &marks);
	err = list_segments(st, found);
	if (err == 0)
		err = find_newest(st, wish, &new);
	if (err < 0)
		return err;
	begin_boot(st, wish, &new);
	err = new.found ? learn(st, &new) : 0;
	if (err < 0)
		return err;
	settle_numbers(st, &new, &marks);
	if (st->head.boot > STORE_BOOT_MAX || st->head.sequence >= STORE_SEQUENCE_MAX - 1)
		return -ERANGE;
	/* First the numbers, then what they were learnt from may go. */
	err = state_save_head(st->folder, &st->head);
	if (err == 0)
		err = renew_tail(st, &new, wish->scratch);
	set_cursors(st, &marks);
	found->records = store_count(st);
	found->damaged = st->owed.count;
	found->said_s = new.said_s;
	return err;
}

int
store_open(struct store *st, const struct store_wish *wish, struct store_found *found)
{
	uint64_t about = wish->max_bytes / SEGMENTS_ABOUT;
	int err;

	CHECK(wish->max_records > 0 && wish->max_records <= UINT32_MAX && wish->scratch.n >= REWRITE_BYTES);
	*found = (struct store_found){.records = 0};
	*st = (struct store){
	    .folder = wish->folder_fd,
	    .key_id = wish->key_id,
	    .point = wish->point,
	    .max_bytes = wish->max_bytes,
	    .max_records = wish->max_records,
	    .free_floor = wish->free_floor,
	    .max_age_s = wish->max_age_s,
	    .segment_bytes = within(SEGMENT_BYTES_LEAST, about, SEGMENT_BYTES_MOST),
	    /* Two: dropping one for want of room takes a gap, and would gain nothing. */
	    .segment_records = within(2, wish->max_records / SEGMENTS_ABOUT, UINT32_MAX),
	    .tail = -1,
	    .reading = -1,
	};
	/* A very large spool gets larger segments rather than more than start-up likes to list. */
	(void)raise(&st->segment_bytes, wish->max_bytes / SEGMENTS_MOST);
	/* Two spools would give the same number twice. */
	err = hal_storage_lock(st->folder);
	if (err < 0)
		return err;
	err = recover(st, wish, found);
	if (err == 0)
		return 0;
	segment_forget(st);
	if (st->tail >= 0)
		hal_storage_close(st->tail);
	if (st->segments != NULL)
		(void)munmap(st->segments, st->places * sizeof(*st->segments));
	return err;
}

static const struct {
	int err;
	int mistake;
	const char *words;
} troubles[] = {
    {-EWOULDBLOCK, 1, "another laneseald uses it; give each unit a folder of its own"},
    {-EXDEV, 1, "it holds records of another unit; give each unit a folder of its own"},
    {-ERANGE, 1, "its boot or record numbers are used up; begin a new folder"},
    {-EACCES, 1, "it may not be written; see who owns it"},
    {-EPERM, 1, "it may not be written; see who owns it"},
    {-ENOTDIR, 1, "it is not a folder"},
    {-EISDIR, 1, "a folder stands where one of its files should be"},
    {-EROFS, 0, "its file system is mounted read-only"},
    {-ENOSPC, 0, "the disk is full"},
    {-EDQUOT, 0, "the quota is used up"},
    {-EIO, 0, "the disk reports errors"},
};

const char *
store_trouble(int err)
{
	for (size_t i = 0; i < ARRAY_SIZE(troubles); i++)
		if (troubles[i].err == err)
			return troubles[i].words;
	return strerror(-err);
}

int
store_is_mistake(int err)
{
	for (size_t i = 0; i < ARRAY_SIZE(troubles); i++)
		if (troubles[i].err == err)
			return troubles[i].mistake;
	return 0;
}
