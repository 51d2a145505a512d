/*
 * Shared by the tests of the spool. Keys here are made for these tests alone.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/io.h"
#include "hal/crypto_private.h"
#include "hal/storage.h"
#include "spool/segment.h"
#include "spool_kit.h"

const char kit_unit[] = "booth-7";
uint8_t kit_point[CRYPTO_POINT_BYTES];
uint8_t kit_key_id[RECORD_KEY_ID_BYTES];
static uint8_t scratch[2 << 20];

static const uint8_t kit_scalar[CRYPTO_SCALAR_BYTES] = {
    0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff, 0x01,
    0x12, 0x23, 0x34, 0x45, 0x56, 0x67, 0x78, 0x89, 0x9a, 0xab, 0xbc, 0xcd, 0xde, 0xef, 0xf1, 0x02,
};

void
kit_begin(void)
{
	struct hal_crypto_private *key;

	assert_int_equal(hal_crypto_open(), 0);
	assert_int_equal(hal_crypto_private_open(&key, kit_scalar), 0);
	assert_int_equal(hal_crypto_private_point(key, kit_point), 0);
	assert_int_equal(record_key_id(kit_point, kit_key_id), 0);
	hal_crypto_private_close(key);
}

void
kit_key(uint8_t der[KIT_KEY_BYTES])
{
	static const uint8_t head[] = {
	    0x30, 0x81, 0x87, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86,
	    0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d,
	    0x03, 0x01, 0x07, 0x04, 0x6d, 0x30, 0x6b, 0x02, 0x01, 0x01, 0x04, 0x20,
	};
	static const uint8_t middle[] = {0xa1, 0x44, 0x03, 0x42, 0x00};

	memcpy(der, head, sizeof(head));
	memcpy(der + 36, kit_scalar, sizeof(kit_scalar));
	memcpy(der + 68, middle, sizeof(middle));
	memcpy(der + 73, kit_point, sizeof(kit_point));
}

int
kit_file(struct span bytes)
{
	int fd = memfd_create("kit", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(io_write_all(fd, bytes.p, bytes.n), 0);
	return fd;
}

int
kit_folder(char path[64])
{
	int fd;

	(void)snprintf(path, 64, "/tmp/laneseal-test-XXXXXX");
	assert_non_null(mkdtemp(path));
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(fd >= 0);
	return fd;
}

void
kit_remove(const char *path)
{
	char file[400];
	struct dirent *d;
	DIR *dir = opendir(path);

	assert_non_null(dir);
	while ((d = readdir(dir)) != NULL) {
		if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
			continue;
		(void)snprintf(file, sizeof(file), "%s/%s", path, d->d_name);
		if (unlink(file) < 0)
			kit_remove(file);
	}
	(void)closedir(dir);
	assert_int_equal(rmdir(path), 0);
}

struct sealed
kit_sealed(uint64_t passage, size_t body_bytes)
{
	static uint8_t header[RECORD_HEADER_MAX], body[1 << 20];
	struct record_header h = {.source = 3, .passage = passage, .coarse_time_s = 900};
	int64_t n;

	assert_true(body_bytes <= sizeof(body));
	memcpy(h.unit, kit_unit, sizeof(kit_unit));
	n = record_header_encode(&h, SPACE_OF(header));
	assert_true(n > 0);
	for (size_t i = 0; i < body_bytes; i++)
		body[i] = (uint8_t)(passage * 31 + i * 7);
	return (struct sealed){
	    .passage = passage, .header = SPAN(header, (size_t)n), .body = SPAN(body, body_bytes)};
}

struct store_wish
kit_wish(int folder_fd)
{
	return (struct store_wish){
	    .folder_fd = folder_fd,
	    .unit = kit_unit,
	    .key_id = kit_key_id,
	    .point = kit_point,
	    .max_bytes = 1 << 30,
	    .max_records = 1000,
	    .run = 1,
	    .scratch = SPACE_OF(scratch),
	};
}

static int
append_light(struct chain *c, struct store *st, const struct record_entry *what)
{
	struct chain_link made;
	int err = store_room(st, RECORD_SIGN1_MAX, 1);

	if (err < 0)
		return err;
	assert_int_equal(chain_sign_light(c, &st->head, what, &made), 0);
	return store_append(st, NULL, made.link, SPAN(made.sign1, made.bytes), SPAN(NULL, 0));
}

int
kit_gap(struct chain *c, struct store *st, const struct store_lost *lost)
{
	struct record_entry e = {.kind = ENTRY_GAP,
				 .gap_first = lost->first,
				 .gap_count = lost->count,
				 .gap_reason = lost->reason};

	return append_light(c, st, &e);
}

static int
pay_owed(struct chain *c, struct store *st)
{
	int err = st->owed.count > 0 ? kit_gap(c, st, &st->owed) : 0;

	if (err == 0)
		st->owed.count = 0;
	return err;
}

int
kit_beat(struct chain *c, struct store *st)
{
	struct record_entry e = {.kind = ENTRY_HEARTBEAT, .interval_s = 60};
	int err = pay_owed(c, st);

	return err < 0 ? err : append_light(c, st, &e);
}

int
kit_store(struct chain *c, struct store *st, uint64_t passage, size_t body_bytes)
{
	struct sealed s = kit_sealed(passage, body_bytes);
	struct chain_link made;
	int err;

	assert_true(chain_accepts(c, &s));
	err = pay_owed(c, st);
	if (err == 0)
		err = store_room(st, RECORD_SIGN1_MAX + body_bytes, 0);
	if (err < 0)
		return err;
	assert_int_equal(chain_sign(c, &st->head, &s, &made), 0);
	return store_append(st, &passage, made.link, SPAN(made.sign1, made.bytes), s.body);
}

int
kit_deliver(struct chain *c, struct store *st, size_t most)
{
	struct store_entry due;
	struct store_lost lost;
	size_t n = 0;
	int got = 1;

	while (n < most && (got = store_due(st, &due, &lost)) > 0) {
		if (got == STORE_DUE) {
			int64_t bytes = store_read(st, &due, SPACE_OF(scratch));

			if (bytes >= 0) {
				store_delivered(st, &due);
				n++;
				continue;
			}
			if (bytes != -EBADMSG)
				return (int)bytes;
			lost = (struct store_lost){due.sequence, 1, GAP_DAMAGED};
		}
		got = kit_gap(c, st, &lost);
		if (got < 0)
			return got;
		store_give_up(st, &lost);
	}
	return got < 0 ? got : (int)n;
}

/* ---- reading as a stranger ---- */

enum { SEEN_MAX = 16384 };

static struct seen {
	struct record_entry entry; /* its spans are not used */
	uint64_t passage;
	uint8_t link[CRYPTO_HASH_BYTES];
} seen[SEEN_MAX];
static size_t n_seen;

static void
see(const struct record_parts *parts)
{
	struct seen *s = &seen[n_seen++];
	struct record_header h = {.passage = 0};

	assert_true(n_seen < SEEN_MAX);
	assert_int_equal(record_verify(parts, kit_point), 0);
	if (parts->entry.kind == ENTRY_PASSAGE) {
		assert_true(parts->body.n > 0);
		assert_int_equal(record_header_decode(&h, parts->entry.header), 0);
	}
	s->entry = parts->entry;
	s->passage = h.passage;
	memcpy(s->link, parts->link, sizeof(s->link));
}

static size_t
load(int folder_fd, const char *name)
{
	int file = hal_storage_open(folder_fd, name, STORAGE_READ);
	int64_t n = 1;
	size_t have = 0;

	assert_true(file >= 0);
	for (; n > 0; have += (size_t)n) {
		n = hal_storage_read(file, SPACE(scratch + have, sizeof(scratch) - have), have);
		assert_true(n >= 0);
	}
	hal_storage_close(file);
	return have;
}

/* Numbers from `limit` on belong to a later segment: here they were left by a write that was cut. */
static void
read_segment(int folder_fd, const char *name, uint64_t limit, struct kit_report *r)
{
	size_t n = load(folder_fd, name), next;
	struct span left = SPAN(scratch, n);
	struct record_parts parts;

	while (left.n > 0) {
		if (record_take(&parts, &left) == 0) {
			if (parts.entry.sequence >= limit)
				return;
			if (record_verify(&parts, kit_point) == 0)
				see(&parts);
			else
				r->damaged++;
			continue;
		}
		r->damaged++;
		next = 1 + record_find(SPAN(left.p + 1, left.n - 1), kit_key_id);
		left = SPAN(left.p + next, left.n - next);
	}
}

static struct {
	char names[8192][STORAGE_NAME_BYTES];
	size_t n;
} listing;

static void
note_name(void *arg, const struct storage_name *found)
{
	(void)arg;
	assert_true(listing.n < ARRAY_SIZE(listing.names));
	memcpy(listing.names[listing.n++], found->name, STORAGE_NAME_BYTES);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void
read_all(int folder_fd, struct kit_report *r)
{
	struct record_parts parts;

	for (size_t i = 0; i < listing.n; i++) {
		const char *name = listing.names[i], *ending = strrchr(name, '.');
		uint64_t limit = i + 1 < listing.n ? segment_of_name(listing.names[i + 1]) : 0;

		if (segment_of_name(name) > 0) {
			read_segment(folder_fd, name, limit > 0 ? limit : UINT64_MAX, r);
		} else if (ending != NULL && ending != name && strcmp(ending, ".lsr") == 0) {
			assert_int_equal(record_split(&parts, SPAN(scratch, load(folder_fd, name))), 0);
			see(&parts);
		}
	}
}

static int
by_sequence(const void *left, const void *right)
{
	const struct seen *a = left, *b = right;

	return (a->entry.sequence > b->entry.sequence) - (a->entry.sequence < b->entry.sequence);
}

static int
is_stated(uint64_t first, uint64_t last)
{
	for (uint64_t s = first; s <= last; s++) {
		int stated = 0;

		for (size_t i = 0; i < n_seen && !stated; i++)
			stated = seen[i].entry.kind == ENTRY_GAP && s >= seen[i].entry.gap_first &&
				 s - seen[i].entry.gap_first < seen[i].entry.gap_count;
		if (!stated)
			return 0;
	}
	return 1;
}

static void
check_chain(struct kit_report *r)
{
	for (size_t i = 1; i < n_seen; i++) {
		const struct seen *a = &seen[i - 1], *b = &seen[i];
		uint64_t skipped = b->entry.sequence - a->entry.sequence - 1;

		if (b->entry.sequence == a->entry.sequence) {
			assert_memory_equal(a->link, b->link, sizeof(a->link));
			r->copies++;
			continue;
		}
		assert_true(b->entry.boot >= a->entry.boot);
		if (skipped == 0)
			r->breaks += memcmp(a->link, b->entry.previous, sizeof(a->link)) != 0;
		else if (is_stated(a->entry.sequence + 1, b->entry.sequence - 1))
			r->stated += skipped;
		else
			r->breaks++;
	}
}

void
kit_read(int folder_fd, struct kit_report *r)
{
	memset(r, 0, sizeof(*r));
	listing.n = n_seen = 0;
	assert_int_equal(hal_storage_list(folder_fd, note_name, NULL), 0);
	qsort(listing.names, listing.n, STORAGE_NAME_BYTES, by_name);
	read_all(folder_fd, r);
	qsort(seen, n_seen, sizeof(seen[0]), by_sequence);
	check_chain(r);
	for (size_t i = 0; i < n_seen; i++) {
		const struct record_entry *e = &seen[i].entry;

		r->heartbeats += e->kind == ENTRY_HEARTBEAT;
		r->gaps += e->kind == ENTRY_GAP;
		r->boot = e->boot;
		r->last = e->sequence;
		if (e->kind != ENTRY_PASSAGE || (i > 0 && seen[i - 1].entry.sequence == e->sequence))
			continue;
		assert_true(r->records < ARRAY_SIZE(r->passages));
		r->passages[r->records] = seen[i].passage;
		r->boots[r->records++] = e->boot;
	}
	r->first = n_seen > 0 ? seen[0].entry.sequence : 0;
}

size_t
kit_count(const struct kit_report *r, uint32_t boot, uint64_t passage)
{
	size_t n = 0;

	for (size_t i = 0; i < r->records; i++)
		n += r->passages[i] == passage && (boot == 0 || r->boots[i] == boot);
	return n;
}
