/*
 * What lies in the spool: every segment is walked from record to record, and of each record only the signed
 * entry is read. The spool may be at work meanwhile: a file that is gone is passed over.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/wire.h"
#include "record/entry.h"
#include "warden/exposure.h"

/* docs/SPOOL.md, ".delivered" */
enum { MARK_MAGIC = 0x4c534432 /* "LSD2" */, MARK_BYTES = 4 + 8 + 8 + CRYPTO_HASH_BYTES };

/* Up to which sequence there is nothing more to deliver: of everything, and of entries without a body. */
struct marks {
	uint64_t all, light;
};

/* What a file holds, before it is known whether it is one of the spool's. */
struct walk {
	int file;
	uint64_t bytes, at;
	struct record_entry entry; /* its spans are gone */
	uint64_t record_bytes;
	int64_t coarse_time_s; /* of a passage */
};

/* What begins at w->at. 1; 0 at the end, where a record may be half written; -EBADMSG: no record. */
static int
step(struct walk *w)
{
	uint8_t bytes[RECORD_SIGN1_MAX];
	struct record_header h = {.coarse_time_s = 0};
	struct record_parts parts;
	struct span left;
	ssize_t n = w->at < w->bytes ? pread(w->file, bytes, sizeof(bytes), (off_t)w->at) : 0;
	int err;

	if (n <= 0)
		return n < 0 ? -EBADMSG : 0;
	left = SPAN(bytes, (size_t)n);
	err = record_take(&parts, &left);
	if (err < 0 && err != -ENODATA)
		return -EBADMSG;
	w->entry = parts.entry;
	w->record_bytes = record_bytes(&parts);
	if (w->record_bytes > w->bytes - w->at)
		return 0;
	if (parts.entry.kind == ENTRY_PASSAGE && record_header_decode(&h, parts.entry.header) < 0)
		return -EBADMSG;
	w->coarse_time_s = h.coarse_time_s;
	w->at += w->record_bytes;
	return 1;
}

/* To the next record of this key, past damaged bytes. 0: there is none. */
static int
find_next(struct walk *w, const uint8_t key_id[RECORD_KEY_ID_BYTES])
{
	uint8_t bytes[16384];

	w->at++;
	while (w->at < w->bytes) {
		ssize_t n = pread(w->file, bytes, sizeof(bytes), (off_t)w->at);
		size_t found = n > 0 ? record_find(SPAN(bytes, (size_t)n), key_id) : 0;

		if (n <= 0)
			return 0;
		if (found < (size_t)n) {
			w->at += found;
			return 1;
		}
		/* A beginning may lie across the seam. */
		w->at += n > RECORD_SIGN1_MAX ? (size_t)n - RECORD_SIGN1_MAX : (size_t)n;
	}
	return 0;
}

static void
count(struct exposure_spool *e, const struct walk *w, const struct marks *delivered)
{
	int is_passage = w->entry.kind == ENTRY_PASSAGE;

	e->records++;
	e->bytes += w->record_bytes;
	e->delivered +=
	    w->entry.sequence <= delivered->all || (!is_passage && w->entry.sequence <= delivered->light);
	if (!is_passage)
		return;
	if (e->passages++ == 0 || w->coarse_time_s < e->oldest_s)
		e->oldest_s = w->coarse_time_s;
	if (w->coarse_time_s > e->newest_s)
		e->newest_s = w->coarse_time_s;
}

static int
ends_with(const char *name, const char *ending)
{
	size_t n = strlen(name), m = strlen(ending);

	return n >= m && strcmp(name + n - m, ending) == 0;
}

static void
walk_file(struct exposure_spool *e, int folder, const char *name, const uint8_t *key_id,
	  const struct marks *delivered)
{
	struct walk w = {.file = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)};
	int got, is_ours = ends_with(name, ".lss");
	struct stat st;

	if (w.file < 0) {
		e->unreadable += errno != ENOENT;
		return;
	}
	if (fstat(w.file, &st) == 0 && S_ISREG(st.st_mode))
		w.bytes = (uint64_t)st.st_size;
	while (is_ours && (got = step(&w)) != 0) {
		if (got == 1) {
			count(e, &w, delivered);
			continue;
		}
		e->unreadable++;
		if (!find_next(&w, key_id))
			break;
	}
	e->foreign += !is_ours;
	(void)close(w.file);
}

/* None when there is no mark, or none that can be believed. */
static struct marks
load_marks(struct exposure_spool *e, int folder)
{
	uint8_t file[MARK_BYTES], hash[CRYPTO_HASH_BYTES];
	const struct span before = SPAN(file, MARK_BYTES - CRYPTO_HASH_BYTES);
	int64_t n = io_load_at(folder, ".delivered", SPACE_OF(file));
	struct marks m = {0, 0};
	struct wire_reader r;

	if (n == -ENOENT)
		return m;
	wire_read(&r, before);
	wire_require(&r, wire_u32(&r) == MARK_MAGIC);
	m.all = wire_u64(&r);
	m.light = wire_u64(&r);
	if (n == MARK_BYTES && wire_end(&r) == 0 && hal_crypto_sha256(&before, 1, hash) == 0 &&
	    memcmp(hash, file + before.n, sizeof(hash)) == 0)
		return m;
	e->delivered_trouble = -EBADMSG;
	return (struct marks){0, 0};
}

void
exposure_look_spool(struct exposure_spool *e, const char *folder, const uint8_t key_id[RECORD_KEY_ID_BYTES])
{
	const struct dirent *d;
	DIR *dir = opendir(folder);
	struct marks delivered;

	*e = (struct exposure_spool){.oldest_s = -1, .newest_s = -1};
	if (dir == NULL) {
		e->trouble = -errno;
		return;
	}
	delivered = load_marks(e, dirfd(dir));
	while ((d = readdir(dir)) != NULL) {
		if (ends_with(d->d_name, ".bad"))
			e->damaged++;
		else if (d->d_name[0] != '.')
			walk_file(e, dirfd(dir), d->d_name, key_id, &delivered);
	}
	(void)closedir(dir);
}
