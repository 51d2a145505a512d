/*
 * store_open(): what a power cut, a kill or failing storage may have left, put
 * in order. It reads names, two state files, and of the records only those that
 * state/head does not know yet. docs/SPOOL.md goes through every crash point.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/log.h"
#include "record/entry.h"
#include "spool/name.h"
#include "spool/state.h"
#include "spool/store.h"

/* The highest numbers that any file name shows, damaged ones included. */
struct seen {
	struct store_entry top;
	uint64_t records;
};

/* ---- the folder ---- */

static int
open_state(int folder)
{
	int fd;

	if (mkdirat(folder, NAME_STATE, 0700) < 0 && errno != EEXIST)
		return -errno;
	fd = openat(folder, NAME_STATE, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* What was being written when the power went. 1 when there was something. */
static uint64_t
sweep(int folder, const char *name)
{
	return unlinkat(folder, name, 0) == 0;
}

static void
raise_top(struct store_entry *top, const struct store_entry *e)
{
	if (e->boot > top->boot)
		top->boot = e->boot;
	if (e->sequence > top->sequence)
		top->sequence = e->sequence;
}

static int
by_sequence(const void *left, const void *right)
{
	const struct store_entry *a = left, *b = right;

	if (a->sequence != b->sequence)
		return a->sequence < b->sequence ? -1 : 1;
	return (a->boot > b->boot) - (a->boot < b->boot);
}

/* Lengths come from the file system; a wrong one shows when the record is read. */
static int
measure(int folder, const char *name, struct store_entry *e)
{
	struct stat s;

	if (fstatat(folder, name, &s, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(s.st_mode) ||
	    s.st_size > UINT32_MAX)
		return 0;
	e->bytes = (uint32_t)s.st_size;
	return 1;
}

static void
count_names(DIR *dir, struct seen *seen, struct store_found *found)
{
	struct store_entry e;
	const struct dirent *d;

	while ((d = readdir(dir)) != NULL) {
		switch (name_read(d->d_name, &e)) {
		case NAME_RECORD:
			seen->records++;
			raise_top(&seen->top, &e);
			break;
		case NAME_BAD:
			raise_top(&seen->top, &e);
			break;
		case NAME_FOREIGN:
			found->foreign += d->d_name[0] != '.' && strcmp(d->d_name, NAME_STATE) != 0;
			break;
		}
	}
}

static void
fill_index(DIR *dir, struct store *st, struct store_found *found)
{
	struct store_entry e;
	const struct dirent *d;

	while ((d = readdir(dir)) != NULL && st->count < st->places) {
		if (name_read(d->d_name, &e) != NAME_RECORD)
			continue;
		if (measure(st->folder, d->d_name, &e))
			st->index[st->count++] = e;
		else
			found->foreign++;
	}
	qsort(st->index, st->count, sizeof(*st->index), by_sequence);
}

/* The index has its final size here, so that nothing is allocated later. Only touched pages count. */
static int
map_index(struct store *st, uint64_t records)
{
	void *p;

	st->places = (size_t)(st->max_records > records ? st->max_records : records);
	p = mmap(NULL, st->places * sizeof(*st->index), PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED)
		return -errno;
	st->index = p;
	return 0;
}

static int
read_folder(struct store *st, struct seen *seen, struct store_found *found)
{
	DIR *dir;
	int fd, err;

	/* Opened anew: the place in the listing belongs to the open file, which the warden's descriptor shares. */
	fd = openat(st->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	dir = fdopendir(fd);
	if (dir == NULL) {
		err = -errno;
		(void)close(fd);
		return err;
	}
	count_names(dir, seen, found);
	err = map_index(st, seen->records);
	if (err == 0) {
		rewinddir(dir);
		fill_index(dir, st, found);
	}
	(void)closedir(dir);
	return err;
}

/* ---- the records that the head does not know ---- */

/* 1 good, 0 damaged, -EXDEV another unit's, -errno. */
static int
examine(const struct store *st, const struct store_wish *wish, const struct store_entry *e,
	struct record_parts *parts)
{
	int64_t n = store_read(st, e, wish->scratch);

	if (n < 0)
		return n == -EIO || n == -EFBIG || n == -ENOENT ? 0 : (int)n;
	if (record_split(parts, SPAN(wish->scratch.p, (size_t)n)) < 0)
		return 0;
	if (parts->entry.boot != e->boot || parts->entry.sequence != e->sequence)
		return 0;
	/* A passage without its body, or with half of it. */
	if (parts->entry.kind == ENTRY_PASSAGE && parts->body.n != parts->entry.body_bytes)
		return 0;
	return strncmp(parts->entry.unit, wish->unit, sizeof(parts->entry.unit)) == 0 ? 1 : -EXDEV;
}

static void
learn(struct store *st, const struct record_parts *parts)
{
	struct record_header h;

	if (parts->entry.sequence <= st->head_saved)
		return;
	st->head.sequence = parts->entry.sequence;
	memcpy(st->head.link, parts->link, sizeof(st->head.link));
	if (parts->entry.boot == st->head.boot && parts->entry.kind == ENTRY_PASSAGE &&
	    record_header_decode(&h, parts->entry.header) == 0)
		st->head.recent[st->head.recent_n++ % STORE_RECENT] = h.passage;
}

static void
reject(const struct store *st, const struct store_entry *e, struct store_found *found)
{
	char name[STORE_NAME_BYTES], bad[STORE_NAME_BYTES];

	name_of(e, name);
	name_of_bad(e, bad);
	(void)renameat(st->folder, name, st->folder, bad);
	log_event(LOG_ERROR, "record_damaged", "boot", e->boot, "sequence", e->sequence, "bytes", e->bytes);
	found->damaged++;
}

/* Where reading begins: behind the head, but at least with the newest and at most STORE_RECENT back. */
static size_t
first_unknown(const struct store *st)
{
	size_t i = st->count;

	while (i > 0 && st->count - i < STORE_RECENT &&
	       (i == st->count || st->index[i - 1].sequence > st->head_saved))
		i--;
	return i;
}

static int
read_unknown(struct store *st, const struct store_wish *wish, struct store_found *found)
{
	struct record_parts parts;
	size_t kept = first_unknown(st);
	int good;

	for (size_t i = kept; i < st->count; i++) {
		good = examine(st, wish, &st->index[i], &parts);
		if (good < 0)
			return good;
		if (good) {
			learn(st, &parts);
			st->index[kept++] = st->index[i];
		} else {
			reject(st, &st->index[i], found);
		}
	}
	st->count = kept;
	return 0;
}

/* ---- numbers ---- */

static void
load_states(struct store *st)
{
	int err = state_load_head(st->state, &st->head);

	if (err < 0 && err != -ENOENT)
		log_event(LOG_ERROR, "head_unreadable", "errno", -err);
	st->head_saved = st->head.sequence;
	err = state_load_delivered(st->state, &st->delivered);
	if (err < 0 && err != -ENOENT)
		log_event(LOG_ERROR, "delivered_unreadable", "errno", -err);
}

/*
 * The boot goes on only if the head says that it was begun in this very run.
 * When in doubt it is a new one: then a passage may be stored twice, while
 * taking another boot's passage numbers for ours would lose one.
 */
static void
begin_boot(struct store *st, const struct store_wish *wish, const struct store_entry *top)
{
	if (!wish->first && st->head.run == wish->run && st->head.boot > 0 && st->head.boot >= top->boot)
		return;
	st->head.boot = (st->head.boot > top->boot ? st->head.boot : top->boot) + 1;
	st->head.run = wish->run;
	st->head.recent_n = 0;
	memset(st->head.recent, 0, sizeof(st->head.recent));
}

static void
raise_sequence(struct store *st, uint64_t to)
{
	if (st->head.sequence < to)
		st->head.sequence = to;
}

static void
count_up(struct store *st)
{
	for (size_t i = 0; i < st->count; i++) {
		st->bytes += st->index[i].bytes;
		st->n_delivered += st->index[i].sequence <= st->delivered;
	}
}

static int
recover(struct store *st, const struct store_wish *wish, struct store_found *found)
{
	struct seen seen = {.records = 0};
	int err;

	found->leftovers = sweep(st->folder, NAME_UNFINISHED) + sweep(st->state, ".head.new") +
			   sweep(st->state, ".delivered.new");
	/* What a killed spool renamed but had no time to sync is good from here on. */
	if (fsync(st->folder) < 0)
		return -errno;
	load_states(st);
	err = read_folder(st, &seen, found);
	if (err < 0)
		return err;
	begin_boot(st, wish, &seen.top);
	err = read_unknown(st, wish, found);
	if (err < 0)
		return err;
	raise_sequence(st, seen.top.sequence);
	raise_sequence(st, st->delivered);
	if (st->head.boot > STORE_BOOT_MAX || st->head.sequence >= STORE_SEQUENCE_MAX - 1)
		return -ERANGE;
	count_up(st);
	found->records = st->count;
	err = state_save_head(st->state, &st->head);
	if (err == 0)
		st->head_saved = st->head.sequence;
	return err;
}

int
store_open(struct store *st, const struct store_wish *wish, struct store_found *found)
{
	int err;

	CHECK(wish->max_records > 0 && wish->max_records <= UINT32_MAX);
	*found = (struct store_found){.records = 0};
	*st = (struct store){
	    .folder = wish->folder_fd,
	    .max_bytes = wish->max_bytes,
	    .max_records = wish->max_records,
	    .free_floor = wish->free_floor,
	};
	/* Two spools would give the same number twice. */
	if (flock(st->folder, LOCK_EX | LOCK_NB) < 0)
		return -errno;
	st->state = open_state(st->folder);
	if (st->state < 0)
		return st->state;
	err = recover(st, wish, found);
	if (err < 0 && st->index != NULL)
		(void)munmap(st->index, st->places * sizeof(*st->index));
	if (err < 0)
		(void)close(st->state);
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
    {-ENOTDIR, 1, "it, or \"state\" in it, is not a folder"},
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
