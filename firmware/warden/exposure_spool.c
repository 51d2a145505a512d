/*
 * What lies in the spool: every file is walked from record to record, whatever it is called, and of each
 * record only the signed entry is read. The spool may be at work meanwhile: a file that is gone is passed over.
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

enum { MARK_MAGIC = 0x4c534431 /* "LSD1" */, MARK_BYTES = 4 + 8 + CRYPTO_HASH_BYTES };

/* What a file holds, before it is known whether it is one of the spool's. */
struct walk {
	int file;
	uint64_t bytes, at;
	struct record_entry entry; /* its spans are gone */
	uint64_t record_bytes;
	int64_t coarse_time_s; /* of a passage */
};

/* What begins at w->at. 1; 0 at the end; -EBADMSG: no whole record. */
static int
step(struct walk *w)
{
	uint8_t bytes[RECORD_SIGN1_MAX];
	struct record_header h = {.coarse_time_s = 0};
	struct record_parts parts;
	ssize_t n;

	if (w->at >= w->bytes)
		return 0;
	n = pread(w->file, bytes, sizeof(bytes), (off_t)w->at);
	if (n <= 0)
		return n < 0 ? -EBADMSG : 0;
	/* A statement has no body; what follows it is the next record. */
	if (record_split(&parts, SPAN(bytes, (size_t)n)) < 0 &&
	    (parts.sign1.n == 0 || record_split(&parts, SPAN(bytes, parts.sign1.n)) < 0))
		return -EBADMSG;
	w->entry = parts.entry;
	w->record_bytes = parts.sign1.n + (parts.entry.kind == ENTRY_PASSAGE ? parts.entry.body_bytes : 0);
	if (w->record_bytes > w->bytes - w->at)
		return -EBADMSG;
	if (parts.entry.kind == ENTRY_PASSAGE && record_header_decode(&h, parts.entry.header) < 0)
		return -EBADMSG;
	w->coarse_time_s = h.coarse_time_s;
	w->at += w->record_bytes;
	return 1;
}

static void
count(struct exposure_spool *e, const struct walk *w, uint64_t delivered_to)
{
	e->records++;
	e->bytes += w->record_bytes;
	e->delivered += w->entry.sequence <= delivered_to;
	if (w->entry.kind != ENTRY_PASSAGE)
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
walk_file(struct exposure_spool *e, int folder, const char *name, uint64_t delivered_to)
{
	struct walk w = {.file = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)};
	struct stat st;
	int got = 0;

	if (w.file < 0) {
		e->unreadable += errno != ENOENT;
		return;
	}
	if (fstat(w.file, &st) == 0 && S_ISREG(st.st_mode)) {
		w.bytes = (uint64_t)st.st_size;
		while ((got = step(&w)) == 1)
			count(e, &w, delivered_to);
		if (got < 0 && w.at == 0 && !ends_with(name, ".lsr") && !ends_with(name, ".lss"))
			e->foreign++;
		else if (got < 0)
			e->unreadable++;
	}
	(void)close(w.file);
}

/* Up to which sequence records were delivered; 0 when there is no mark, or none that can be believed. */
static uint64_t
delivered_to(struct exposure_spool *e, int folder)
{
	uint8_t file[MARK_BYTES], hash[CRYPTO_HASH_BYTES];
	const struct span before = SPAN(file, MARK_BYTES - CRYPTO_HASH_BYTES);
	int64_t n = io_load_at(folder, "state/delivered", SPACE_OF(file));
	struct wire_reader r;
	uint64_t sequence;

	if (n == -ENOENT)
		return 0;
	wire_read(&r, before);
	wire_require(&r, wire_u32(&r) == MARK_MAGIC);
	sequence = wire_u64(&r);
	if (n != MARK_BYTES || wire_end(&r) < 0 || hal_crypto_sha256(&before, 1, hash) < 0 ||
	    memcmp(hash, file + before.n, sizeof(hash)) != 0) {
		e->delivered_trouble = -EBADMSG;
		return 0;
	}
	return sequence;
}

void
exposure_look_spool(struct exposure_spool *e, const char *folder)
{
	const struct dirent *d;
	DIR *dir = opendir(folder);
	uint64_t mark;

	*e = (struct exposure_spool){.oldest_s = -1, .newest_s = -1};
	if (dir == NULL) {
		e->trouble = -errno;
		return;
	}
	mark = delivered_to(e, dirfd(dir));
	while ((d = readdir(dir)) != NULL) {
		if (ends_with(d->d_name, ".bad"))
			e->damaged++;
		else if (d->d_name[0] != '.')
			walk_file(e, dirfd(dir), d->d_name, mark);
	}
	(void)closedir(dir);
}
