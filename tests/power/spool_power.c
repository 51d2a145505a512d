/*
 * The power goes before the first change to the disk, before the second, the
 * third ... and each time the spool is opened on what may be left.
 *
 * The system calls that change the disk are wrapped. The disk keeps for sure only
 * what was synced: a file's bytes at its fsync, a folder's names at the folder's
 * fsync. From that four disks are made for each point: only what was synced;
 * names as they last were but only synced bytes; the same with torn files;
 * everything as it last was. A correct store recovers from all four.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "spool_kit.h"

int __real_openat(int dirfd, const char *name, int flags, ...);
ssize_t __real_write(int fd, const void *p, size_t n);
int __real_fsync(int fd);
int __real_renameat(int from, const char *old, int to, const char *new);
int __real_unlinkat(int dirfd, const char *name, int flags);
int __real_mkdirat(int dirfd, const char *name, mode_t mode);
int __wrap_openat(int dirfd, const char *name, int flags, ...);
ssize_t __wrap_write(int fd, const void *p, size_t n);
int __wrap_fsync(int fd);
int __wrap_renameat(int from, const char *old, int to, const char *new);
int __wrap_unlinkat(int dirfd, const char *name, int flags);
int __wrap_mkdirat(int dirfd, const char *name, mode_t mode);

enum { FILES_MAX = 16, BYTES_MAX = 2304, POINTS_MAX = 280, PASSAGES = 6 };

struct file {
	char name[64]; /* "state/head" below the folder; "state/" the folder itself */
	uint8_t bytes[BYTES_MAX];
	size_t n;
};

struct disk {
	struct file files[FILES_MAX];
	size_t n;
};

enum survivor { SYNCED, NAMES, TORN, ALL, SURVIVORS };

struct point {
	struct disk disk[SURVIVORS];
	uint32_t boot;         /* begun for sure */
	uint64_t acknowledged; /* passages 1 .. this were acknowledged in that boot */
	uint64_t before;       /* passages acknowledged in the boot before */
	uint64_t sequence;
};

/* How many bytes of a file a sync has put on the disk, by inode. Files are only ever appended to. */
static struct {
	ino_t ino;
	size_t synced;
} inodes[64];
static size_t n_inodes;

static char path[64];
static int folder = -1;
static int recording;
static struct disk synced_names;
static struct point *points;
static size_t n_points;
static struct point now;
static struct chain chain;
/* Operations fail from here on, as on a dying disk; 0: none. */
static size_t fail_from, n_operations;
static int fail_errno, fail_once;

/* ---- what is on the disk ---- */

static void
load(struct file *f, int dirfd, const char *name)
{
	int64_t n = io_load_at(dirfd, name, SPACE_OF(f->bytes));

	assert_true(n >= 0);
	f->n = (size_t)n;
}

static void
forget_inode(ino_t ino)
{
	for (size_t i = 0; i < n_inodes; i++)
		if (inodes[i].ino == ino)
			inodes[i--] = inodes[--n_inodes];
}

static void
note_synced(const struct stat *s)
{
	forget_inode(s->st_ino);
	assert_true(n_inodes < ARRAY_SIZE(inodes));
	inodes[n_inodes].ino = s->st_ino;
	inodes[n_inodes++].synced = (size_t)s->st_size;
}

/* How many of the file's n bytes survive. */
static size_t
survive(const char *name, size_t n, enum survivor how)
{
	struct stat s;

	assert_int_equal(fstatat(folder, name, &s, AT_SYMLINK_NOFOLLOW), 0);
	for (size_t i = 0; i < n_inodes; i++)
		if (inodes[i].ino == s.st_ino)
			return how == ALL ? n : inodes[i].synced;
	return how == ALL ? n : how == TORN ? n / 2 : 0;
}

/* Names of one folder as they are, with the bytes that `how` leaves. */
static void
list(struct disk *d, const char *sub, enum survivor how)
{
	char name[400];
	struct dirent *e;
	int fd = __real_openat(folder, sub[0] ? sub : ".", O_RDONLY | O_DIRECTORY);
	DIR *dir;

	if (fd < 0)
		return;
	dir = fdopendir(fd);
	assert_non_null(dir);
	while ((e = readdir(dir)) != NULL) {
		struct file *f = &d->files[d->n];

		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		assert_true(d->n < FILES_MAX);
		(void)snprintf(name, sizeof(name), "%s%s%s", sub, sub[0] ? "/" : "", e->d_name);
		assert_true(strlen(name) < sizeof(f->name) - 1);
		(void)snprintf(f->name, sizeof(f->name), "%.62s%s", name, e->d_type == DT_DIR ? "/" : "");
		f->n = 0;
		d->n++;
		if (e->d_type == DT_DIR)
			continue;
		load(f, folder, name);
		f->n = survive(name, f->n, how);
	}
	(void)closedir(dir);
}

/* The files of a folder that the names were synced with, replaced by those it has now. */
static void
sync_names(const char *sub)
{
	struct disk kept = {.n = 0};
	size_t skip = strlen(sub);

	for (size_t i = 0; i < synced_names.n; i++) {
		const char *slash = strchr(synced_names.files[i].name, '/');
		int in_sub = slash != NULL && slash[1] != '\0';

		if (in_sub != (skip > 0))
			kept.files[kept.n++] = synced_names.files[i];
	}
	list(&kept, sub, NAMES);
	synced_names = kept;
}

/* A folder whose own name was never synced takes its files along. */
static void
drop_orphans(struct disk *d)
{
	int has_state = 0;

	for (size_t i = 0; i < d->n; i++)
		has_state |= strcmp(d->files[i].name, "state/") == 0;
	for (size_t i = 0; !has_state && i < d->n;)
		if (strchr(d->files[i].name, '/') != NULL)
			d->files[i] = d->files[--d->n];
		else
			i++;
}

/* Called before each change: here the power may go. */
static int
before_change(void)
{
	n_operations++;
	if (fail_from != 0 && (fail_once ? n_operations == fail_from : n_operations >= fail_from)) {
		errno = fail_errno;
		return -1;
	}
	if (!recording)
		return 0;
	assert_true(n_points < POINTS_MAX);
	points[n_points] = now;
	points[n_points].disk[SYNCED] = synced_names;
	drop_orphans(&points[n_points].disk[SYNCED]);
	for (enum survivor how = NAMES; how < SURVIVORS; how++) {
		struct disk *d = &points[n_points].disk[how];

		d->n = 0;
		list(d, "", how);
		list(d, "state", how);
	}
	n_points++;
	return 0;
}

/* ---- the wrapped calls ---- */

int
__wrap_openat(int dirfd, const char *name, int flags, ...)
{
	int fd;

	if ((flags & O_CREAT) == 0)
		return __real_openat(dirfd, name, flags);
	if (before_change() < 0)
		return -1;
	fd = __real_openat(dirfd, name, flags, 0600);
	if (fd >= 0 && recording) {
		struct stat s;

		/* The inode of a deleted file is given again, without its bytes. */
		assert_int_equal(fstat(fd, &s), 0);
		forget_inode(s.st_ino);
	}
	return fd;
}

ssize_t
__wrap_write(int fd, const void *p, size_t n)
{
	if (fd > STDERR_FILENO && before_change() < 0)
		return -1;
	return __real_write(fd, p, n);
}

int
__wrap_fsync(int fd)
{
	struct stat s, top;

	if (before_change() < 0)
		return -1;
	if (!recording)
		return 0;
	assert_int_equal(fstat(fd, &s), 0);
	assert_int_equal(fstat(folder, &top), 0);
	if (S_ISDIR(s.st_mode))
		sync_names(top.st_ino == s.st_ino ? "" : "state");
	else
		note_synced(&s);
	return 0;
}

int
__wrap_renameat(int from, const char *old, int to, const char *new)
{
	return before_change() < 0 ? -1 : __real_renameat(from, old, to, new);
}

int
__wrap_unlinkat(int dirfd, const char *name, int flags)
{
	return before_change() < 0 ? -1 : __real_unlinkat(dirfd, name, flags);
}

int
__wrap_mkdirat(int dirfd, const char *name, mode_t mode)
{
	return before_change() < 0 ? -1 : __real_mkdirat(dirfd, name, mode);
}

/* ---- a day of the spool ---- */

static void
one_boot(struct store *st, int deliver)
{
	struct store_wish wish = kit_wish(folder);
	struct store_found found;

	wish.first = 1;
	wish.max_records = 8;
	assert_int_equal(store_open(st, &wish, &found), 0);
	now.before = now.acknowledged;
	now.acknowledged = 0;
	now.boot = st->head.boot;
	for (uint64_t p = 1; p <= PASSAGES; p++) {
		assert_int_equal(kit_store(&chain, st, p, KIT_BODY_BYTES), 0);
		now.acknowledged = p;
		now.sequence = st->head.sequence;
		if (deliver)
			assert_int_equal(store_delivered(st, st->head.sequence), 0);
	}
	store_close(st);
}

static void
make_disk(const struct disk *d)
{
	folder = kit_folder(path);
	for (size_t i = 0; i < d->n; i++)
		if (strcmp(d->files[i].name, "state/") == 0)
			assert_int_equal(__real_mkdirat(folder, "state", 0700), 0);
	for (size_t i = 0; i < d->n; i++) {
		const struct file *f = &d->files[i];
		int fd;

		if (f->name[strlen(f->name) - 1] == '/')
			continue;
		fd = __real_openat(folder, f->name, O_CREAT | O_WRONLY | O_EXCL, 0600);
		assert_true(fd >= 0);
		assert_int_equal(__real_write(fd, f->bytes, f->n), f->n);
		(void)close(fd);
	}
}

static void
take_disk(void)
{
	(void)close(folder);
	kit_remove(path);
	folder = -1;
}

/* The spool is opened after the cut; delivered records may be gone, nothing else. */
static void
recover(const struct point *p, const struct disk *d, int delivered)
{
	static struct kit_report r;
	struct store_wish wish;
	struct store_found found;
	struct store st;

	make_disk(d);
	wish = kit_wish(folder);
	wish.first = 1;
	wish.max_records = 8;
	assert_int_equal(store_open(&st, &wish, &found), 0);
	assert_true(st.head.boot > p->boot && st.head.sequence >= p->sequence);
	assert_int_equal(found.damaged, 0);
	if (delivered)
		assert_int_equal(store_room(&st, 2000), 0);
	assert_int_equal(kit_store(&chain, &st, 77, KIT_BODY_BYTES), 0);
	store_close(&st);
	kit_read(folder, &r);
	assert_int_equal(r.breaks, 0);
	assert_int_equal(r.bad + r.other, 1); /* "state" */
	assert_int_equal(kit_count(&r, r.boot, 77), 1);
	for (uint64_t n = 1; !delivered && n <= p->acknowledged; n++)
		assert_int_equal(kit_count(&r, p->boot, n), 1);
	for (uint64_t n = 1; !delivered && n <= p->before; n++)
		assert_int_equal(kit_count(&r, p->boot - 1, n), 1);
	take_disk();
}

static void
record_day(int boots, int deliver)
{
	struct store st;

	now = (struct point){.boot = 0};
	synced_names.n = n_points = n_inodes = n_operations = 0;
	folder = kit_folder(path);
	recording = 1;
	for (int i = 0; i < boots; i++)
		one_boot(&st, deliver);
	recording = 0;
	take_disk();
}

static void
what_was_acknowledged_is_whole_wherever_the_power_goes(void **state)
{
	(void)state;
	record_day(1, 0);
	assert_true(n_points > 60);
	for (size_t i = 0; i < n_points; i++)
		for (enum survivor how = SYNCED; how < SURVIVORS; how++)
			recover(&points[i], &points[i].disk[how], 0);
	print_message("%zu points, %d disks each\n", n_points, SURVIVORS);
}

static void
numbers_never_go_back_when_delivered_records_are_deleted(void **state)
{
	(void)state;
	record_day(2, 1);
	for (size_t i = 0; i < n_points; i++)
		for (enum survivor how = SYNCED; how < SURVIVORS; how++)
			recover(&points[i], &points[i].disk[how], 1);
}

/* The disk as it was found after the first cut: all of it is there for sure. */
static void
settle(const struct disk *d)
{
	struct stat s;

	n_points = n_inodes = 0;
	synced_names = *d;
	for (size_t i = 0; i < d->n; i++) {
		assert_int_equal(fstatat(folder, d->files[i].name, &s, 0), 0);
		if (S_ISREG(s.st_mode))
			note_synced(&s);
	}
}

static void
recover_twice(const struct point *p, const struct disk *d)
{
	struct store_wish wish;
	struct store_found found;
	struct store st;

	make_disk(d);
	settle(d);
	now = *p;
	wish = kit_wish(folder);
	wish.first = 1;
	recording = 1;
	assert_int_equal(store_open(&st, &wish, &found), 0);
	recording = 0;
	store_close(&st);
	take_disk();
	for (size_t i = 0; i < n_points; i++)
		for (enum survivor how = SYNCED; how < SURVIVORS; how++)
			recover(&points[i], &points[i].disk[how], 0);
}

/* The power goes again while the spool recovers from the first time. */
static void
recovery_itself_may_be_cut_short(void **state)
{
	struct point *first = calloc(POINTS_MAX, sizeof(*first));
	size_t n_first;

	(void)state;
	assert_non_null(first);
	record_day(1, 0);
	n_first = n_points;
	memcpy(first, points, n_points * sizeof(*points));
	for (size_t i = 0; i < n_first; i += 7)
		recover_twice(&first[i], &first[i].disk[i / 7 % SURVIVORS]);
	free(first);
}

/* Returns 0 when the passage was stored before `at` calls were made. */
static int
fail_at(size_t at)
{
	static struct kit_report r;
	struct store_wish wish;
	struct store_found found;
	struct store st;
	int err, failed;

	folder = kit_folder(path);
	wish = kit_wish(folder);
	assert_int_equal(store_open(&st, &wish, &found), 0);
	assert_int_equal(kit_store(&chain, &st, 1, KIT_BODY_BYTES), 0);
	n_operations = 0;
	fail_from = at;
	err = kit_store(&chain, &st, 2, KIT_BODY_BYTES);
	fail_from = 0;
	failed = n_operations >= at;
	assert_int_equal(store_knows(&st, 2), err == 0);
	/* A spool that is killed now must not take the refused one for stored. */
	store_close(&st);
	assert_int_equal(store_open(&st, &wish, &found), 0);
	if (fail_once)
		assert_int_equal(store_knows(&st, 2), err == 0);
	if (!store_knows(&st, 2))
		assert_int_equal(kit_store(&chain, &st, 2, KIT_BODY_BYTES), 0);
	store_close(&st);
	assert_int_equal(store_open(&st, &wish, &found), 0);
	assert_true(store_knows(&st, 1) && store_knows(&st, 2));
	store_close(&st);
	kit_read(folder, &r);
	assert_int_equal(r.records, 2);
	assert_int_equal(r.breaks + r.bad, 0);
	take_disk();
	return failed;
}

/* Each call fails in turn, once or from then on: the passage is refused, and after that nothing is wrong. */
static void
a_disk_that_refuses_leaves_nothing_behind(void **state)
{
	static const int errors[] = {ENOSPC, EIO, EROFS};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(errors) * 2; i++) {
		size_t at = 1;

		fail_errno = errors[i / 2];
		fail_once = (int)(i % 2);
		while (fail_at(at))
			at++;
		assert_true(at > 10);
	}
}

/* With room for one record only, the newest must stay until the head has been written. */
static void
the_newest_stays_until_the_head_knows_it(void **state)
{
	struct store_wish wish;
	struct store_found found;
	struct store st;

	(void)state;
	folder = kit_folder(path);
	wish = kit_wish(folder);
	wish.max_records = 1;
	assert_int_equal(store_open(&st, &wish, &found), 0);
	n_operations = 0;
	fail_errno = EIO;
	fail_once = 0;
	fail_from = 7; /* the six calls of the record go well, those of the head fail */
	assert_int_equal(kit_store(&chain, &st, 1, KIT_BODY_BYTES), 0);
	fail_from = 0;
	assert_int_equal(store_delivered(&st, 1), 0);
	n_operations = 0;
	fail_from = 1;
	assert_int_equal(kit_store(&chain, &st, 2, KIT_BODY_BYTES), -EIO);
	fail_from = 0;
	assert_int_equal(st.count, 1);
	assert_int_equal(kit_store(&chain, &st, 2, KIT_BODY_BYTES), 0);
	store_close(&st);
	take_disk();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_was_acknowledged_is_whole_wherever_the_power_goes),
	    cmocka_unit_test(numbers_never_go_back_when_delivered_records_are_deleted),
	    cmocka_unit_test(recovery_itself_may_be_cut_short),
	    cmocka_unit_test(a_disk_that_refuses_leaves_nothing_behind),
	    cmocka_unit_test(the_newest_stays_until_the_head_knows_it),
	};
	uint8_t der[KIT_KEY_BYTES];
	int fd;

	kit_begin();
	kit_key(der);
	fd = kit_file(SPAN_OF(der));
	if (chain_open(&chain, fd, kit_unit) < 0)
		return 1;
	(void)close(fd);
	points = calloc(POINTS_MAX, sizeof(*points));
	if (points == NULL)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
