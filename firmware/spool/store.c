/*
 * Appends, reads and deletes records. A record is written under a passing name,
 * synced, renamed, and the folder synced, so after a power cut it is whole or
 * absent; only then is it acknowledged. recover.c is the other half.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/io.h"
#include "base/log.h"
#include "spool/name.h"
#include "spool/state.h"
#include "spool/store.h"

static struct store_entry *
entry_at(const struct store *st, size_t i)
{
	return &st->index[(st->first + i) % st->places];
}

void
store_close(struct store *st)
{
	(void)munmap(st->index, st->places * sizeof(*st->index));
	(void)close(st->state);
	*st = (struct store){.folder = -1, .state = -1};
}

int
store_knows(const struct store *st, uint64_t passage)
{
	size_t n = st->head.recent_n < STORE_RECENT ? (size_t)st->head.recent_n : STORE_RECENT;

	for (size_t i = 0; i < n; i++)
		if (st->head.recent[i] == passage)
			return 1;
	return 0;
}

static int
save_head(struct store *st)
{
	int err = state_save_head(st->state, &st->head);

	if (err == 0)
		st->head_saved = st->head.sequence;
	else
		log_event(LOG_WARN, "head_not_saved", "errno", -err, "sequence", st->head.sequence);
	return err;
}

/* ---- room ---- */

/* 1, 0 or -errno. */
static int
fits(const struct store *st, uint64_t bytes)
{
	struct statvfs fs;

	if (st->count >= st->max_records || st->bytes + bytes > st->max_bytes)
		return 0;
	if (fstatvfs(st->folder, &fs) < 0)
		return -errno;
	return (uint64_t)fs.f_bavail * fs.f_frsize >= st->free_floor + bytes;
}

static void
forget_first(struct store *st)
{
	st->bytes -= entry_at(st, 0)->bytes;
	st->first = (st->first + 1) % st->places;
	st->count--;
}

/*
 * The folder is not synced: a delivered record that comes back after a power cut
 * is found delivered again, and deleted again when its time comes.
 */
static int
delete_oldest(struct store *st)
{
	char name[STORE_NAME_BYTES];
	int err;

	if (st->n_delivered == 0)
		return -ENOSPC;
	/* Until state/head has it, the newest record alone knows the chain's end. */
	if (entry_at(st, 0)->sequence > st->head_saved) {
		err = save_head(st);
		if (err < 0)
			return err;
	}
	name_of(entry_at(st, 0), name);
	if (unlinkat(st->folder, name, 0) < 0 && errno != ENOENT)
		return -errno;
	forget_first(st);
	st->n_delivered--;
	return 0;
}

int
store_room(struct store *st, uint64_t bytes)
{
	int err, fit;

	if (bytes > st->max_bytes)
		return -ENOSPC;
	while ((fit = fits(st, bytes)) == 0) {
		err = delete_oldest(st);
		if (err < 0)
			return err;
	}
	return fit < 0 ? fit : 0;
}

/* ---- append ---- */

static int
create_unfinished(int folder)
{
	int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(folder, NAME_UNFINISHED, flags, 0400);

	/* Left by a write whose cleaning up failed as well. Never reused: its pages may have failed to sync. */
	if (fd < 0 && errno == EEXIST && unlinkat(folder, NAME_UNFINISHED, 0) == 0)
		fd = openat(folder, NAME_UNFINISHED, flags, 0400);
	return fd < 0 ? -errno : fd;
}

static int
write_unfinished(int folder, struct span sign1, struct span body)
{
	int fd, err;

	fd = create_unfinished(folder);
	if (fd < 0)
		return fd;
	err = io_write_all(fd, sign1.p, sign1.n);
	if (err == 0)
		err = io_write_all(fd, body.p, body.n);
	if (err == 0 && fsync(fd) < 0)
		err = -errno;
	if (close(fd) < 0 && err == 0)
		err = -errno;
	if (err < 0)
		(void)unlinkat(folder, NAME_UNFINISHED, 0);
	return err;
}

static void
move_on(struct store *st, const struct store_entry *e, uint64_t passage,
	const uint8_t link[CRYPTO_HASH_BYTES])
{
	*entry_at(st, st->count++) = *e;
	st->bytes += e->bytes;
	st->head.sequence = e->sequence;
	memcpy(st->head.link, link, sizeof(st->head.link));
	st->head.recent[st->head.recent_n++ % STORE_RECENT] = passage;
	/* When this fails the record is safe all the same, and recovery learns from it what the head lacks. */
	(void)save_head(st);
}

int
store_append(struct store *st, uint64_t passage, const uint8_t link[CRYPTO_HASH_BYTES], struct span sign1,
	     struct span body)
{
	struct store_entry e = {
	    .boot = st->head.boot,
	    .sequence = st->head.sequence + 1,
	    .bytes = (uint32_t)(sign1.n + body.n),
	};
	char name[STORE_NAME_BYTES];
	int err;

	CHECK(st->count < st->places && sign1.n + body.n <= UINT32_MAX);
	if (e.sequence >= STORE_SEQUENCE_MAX)
		return -ERANGE;
	name_of(&e, name);
	err = write_unfinished(st->folder, sign1, body);
	if (err < 0)
		return err;
	if (renameat(st->folder, NAME_UNFINISHED, st->folder, name) < 0) {
		err = -errno;
		(void)unlinkat(st->folder, NAME_UNFINISHED, 0);
		return err;
	}
	if (fsync(st->folder) < 0) {
		/* Perhaps on disk, perhaps not: nobody was told. The next record takes its name. */
		err = -errno;
		(void)unlinkat(st->folder, name, 0);
		return err;
	}
	move_on(st, &e, passage, link);
	return 0;
}

/* ---- delivery ---- */

int
store_due(const struct store *st, struct store_entry *due)
{
	if (st->n_delivered == st->count)
		return 0;
	*due = *entry_at(st, st->n_delivered);
	return 1;
}

int64_t
store_read(const struct store *st, const struct store_entry *e, struct space into)
{
	char name[STORE_NAME_BYTES];

	name_of(e, name);
	return io_load_at(st->folder, name, into);
}

int
store_delivered(struct store *st, uint64_t sequence)
{
	struct store_entry due;

	CHECK(store_due(st, &due) && due.sequence == sequence);
	st->n_delivered++;
	st->delivered = sequence;
	return state_save_delivered(st->state, sequence);
}

void
store_set_aside(struct store *st, uint64_t sequence)
{
	char name[STORE_NAME_BYTES], bad[STORE_NAME_BYTES];
	struct store_entry due;

	CHECK(store_due(st, &due) && due.sequence == sequence);
	name_of(&due, name);
	name_of_bad(&due, bad);
	if (renameat(st->folder, name, st->folder, bad) < 0 && errno != ENOENT)
		log_event(LOG_WARN, "not_set_aside", "errno", errno, "sequence", sequence);
	/* Close the hole from the front, where the delivered ones are. */
	for (size_t i = st->n_delivered; i > 0; i--)
		*entry_at(st, i) = *entry_at(st, i - 1);
	*entry_at(st, 0) = due;
	forget_first(st);
}
