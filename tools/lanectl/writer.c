/*
 * The seven steps of writer.h over the device port.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <openssl/rand.h>

#include "writer.h"

enum { PROBE_FROM = 64 << 20, PROBES_MAX = 48, MARK_BYTES = 32 };

static const struct {
	const char *word, *text;
} results[RESULTS] = {
    [RESULT_NONE] = {"not-run", "was not begun"},
    [RESULT_VERIFIED] = {"verified", "written, read back and found right"},
    [RESULT_STOPPED] = {"stopped", "stopped; the same command goes on where it stopped"},
    [RESULT_CHANGED] =
	{"changed", "another disk or medium is there now than the one you were asked about; look at lanectl "
		    "devices and begin again"},
    [RESULT_BUSY] =
	{"busy",
	 "something holds it (mounted, or another program writes to it); unmount it or close that program"},
    [RESULT_DENIED] =
	{"denied",
	 "this user may not write to it; run lanectl with sudo, or as a member of the group that may"},
    [RESULT_READ_ONLY] = {"read-only", "is write-protected; move the card's lock, or use another medium"},
    [RESULT_GONE] =
	{"gone", "was pulled out; put it in again and give the same command, it goes on where it stopped"},
    [RESULT_WRITE_ERROR] = {"write-error",
			    "the medium reports an error in writing; try another reader or port once, then "
			    "throw this medium away"},
    [RESULT_READ_ERROR] = {"read-error",
			   "the medium reports an error in reading; try another reader or port once, then "
			   "throw this medium away"},
    [RESULT_DIFFERENT] =
	{"different", "what was read back is not what was written: the medium is worn out or false; throw it "
		      "away"},
    [RESULT_FAKE] = {"fake",
		     "the medium does not hold as much as it says it does: it is false; throw it away"},
    [RESULT_IMAGE_CHANGED] = {"image-changed",
			      "the image file changed or became unreadable while it was written; check it "
			      "with lanectl image verify and begin again"},
};

const char *
writer_result_word(enum writer_result r)
{
	return results[r].word;
}

const char *
writer_result_text(enum writer_result r)
{
	return results[r].text;
}

const char *
writer_step_text(enum writer_step s)
{
	static const char *const texts[] = {
	    [STEP_WAIT] = "waiting",  [STEP_COMPARE] = "looking",  [STEP_PROBE] = "probing",
	    [STEP_WRITE] = "writing", [STEP_VERIFY] = "verifying", [STEP_FINISH] = "finishing",
	    [STEP_OVER] = "over"};

	return texts[s];
}

struct work {
	struct writer *w;
	struct device_file *file;
	uint8_t *buffer;       /* PIECE_BYTES_MAX, aligned */
	size_t first_to_write; /* of the body */
};

/* ---- trouble ---- */

/* Returns -1 always, so that a step can end with it. */
static int
fail(struct writer *w, enum writer_result result, uint64_t at)
{
	w->result = result;
	w->at = at;
	return -1;
}

static int
fail_device(struct writer *w, int err, int writing, uint64_t at)
{
	if (err == -ENODEV || err == -ENXIO)
		return fail(w, RESULT_GONE, at);
	if (err == -EROFS || (writing && err == -EPERM))
		return fail(w, RESULT_READ_ONLY, at);
	return fail(w, writing ? RESULT_WRITE_ERROR : RESULT_READ_ERROR, at);
}

static int
stopped(struct work *k, uint64_t at)
{
	return atomic_load(k->w->stop) ? fail(k->w, RESULT_STOPPED, at) : 0;
}

static void
begin_step(struct writer *w, enum writer_step step, uint64_t of_bytes)
{
	atomic_store(&w->done_bytes, 0);
	atomic_store(&w->of_bytes, of_bytes);
	atomic_store(&w->step, (int)step);
}

/* ---- one piece ---- */

static int
put(struct work *k, uint64_t at, struct span bytes)
{
	int err = device_write(k->file, at, bytes);

	k->w->untouched = 0;
	if (err < 0)
		return fail_device(k->w, err, 1, at);
	k->w->written_bytes += bytes.n;
	return 0;
}

static int
get(struct work *k, uint64_t at, struct space into)
{
	int err = device_read(k->file, at, into);

	return err < 0 ? fail_device(k->w, err, 0, at) : 0;
}

static int
sync_all(struct work *k, uint64_t at)
{
	int err = device_sync(k->file);

	return err < 0 ? fail_device(k->w, err, 1, at) : 0;
}

/* 1 the disk holds this piece, 0 it does not, -1 failed. */
static int
holds(struct work *k, const struct piece *p)
{
	uint8_t hash[CRYPTO_HASH_BYTES];

	if (stopped(k, p->at) < 0 || get(k, p->at, SPACE(k->buffer, p->bytes)) < 0)
		return -1;
	CHECK(source_hash(SPAN(k->buffer, p->bytes), hash) == 0);
	return memcmp(hash, p->hash, sizeof(hash)) == 0;
}

static int
write_piece(struct work *k, const struct piece *p)
{
	if (stopped(k, p->at) < 0)
		return -1;
	if (source_read(k->w->source, p, k->buffer) < 0)
		return fail(k->w, RESULT_IMAGE_CHANGED, p->at);
	return put(k, p->at, SPAN(k->buffer, p->bytes));
}

static int
verify_piece(struct work *k, const struct piece *p)
{
	int same = holds(k, p);

	return same == 0 ? fail(k->w, RESULT_DIFFERENT, p->at) : same < 0 ? -1 : 0;
}

/* Every piece of one part, from the first-th of all pieces on. */
static int
each(struct work *k, enum piece_part part, size_t first, int (*f)(struct work *k, const struct piece *p))
{
	const struct source *s = k->w->source;

	for (size_t i = first; i < s->n_pieces; i++) {
		if (s->pieces[i].part != part)
			continue;
		if (f(k, &s->pieces[i]) < 0)
			return -1;
		atomic_fetch_add(&k->w->done_bytes, s->pieces[i].bytes);
	}
	return 0;
}

static uint64_t
bytes_of(const struct source *s, enum piece_part part, size_t first)
{
	uint64_t n = 0;

	for (size_t i = first; i < s->n_pieces; i++)
		n += s->pieces[i].part == part ? s->pieces[i].bytes : 0;
	return n;
}

/* ---- the steps ---- */

static int
compare(struct work *k)
{
	const struct source *s = k->w->source;
	size_t i;

	begin_step(k->w, STEP_COMPARE, bytes_of(s, PART_BODY, 0));
	for (i = 0; i < s->n_pieces; i++) {
		int same = s->pieces[i].part == PART_BODY ? holds(k, &s->pieces[i]) : 1;

		if (same < 0)
			return -1;
		if (same == 0)
			break;
		if (s->pieces[i].part == PART_BODY) {
			k->w->kept_bytes += s->pieces[i].bytes;
			atomic_fetch_add(&k->w->done_bytes, s->pieces[i].bytes);
		}
	}
	k->first_to_write = i;
	return 0;
}

static int
clear_ends(struct work *k)
{
	uint64_t bytes = k->w->device->bytes / DEVICE_ALIGN_BYTES * DEVICE_ALIGN_BYTES;
	uint64_t n = bytes < ENDS_BYTES ? bytes : ENDS_BYTES;

	memset(k->buffer, 0, (size_t)n);
	/* The first block alone and at once: what was there is whole, or cannot start. */
	if (stopped(k, 0) < 0 || put(k, 0, SPAN(k->buffer, BLOCKMAP_BLOCK_BYTES)) < 0 || sync_all(k, 0) < 0 ||
	    put(k, 0, SPAN(k->buffer, (size_t)n)) < 0 || put(k, bytes - n, SPAN(k->buffer, (size_t)n)) < 0)
		return -1;
	return sync_all(k, bytes - n);
}

/*
 * A false medium answers for places that it does not have with those that it has.
 * So each probed place gets bytes of its own, and all are read when all are written;
 * then they get back what was there. False sizes are powers of two, so are the
 * places; beside them the very first block and the last one. The marks stand at the
 * end of a block, where nothing looks for a table or a boot loader.
 */
static size_t
probe_places(const struct device *d, uint64_t places[PROBES_MAX])
{
	uint64_t last = (d->bytes / DEVICE_ALIGN_BYTES - 1) * DEVICE_ALIGN_BYTES;
	size_t n = 0;

	places[n++] = 0;
	for (uint64_t at = PROBE_FROM; at < last && n < PROBES_MAX - 1; at *= 2)
		places[n++] = at;
	if (last > 0)
		places[n++] = last;
	return n;
}

static int
probe(struct work *k)
{
	enum { BLOCK = DEVICE_ALIGN_BYTES };
	uint64_t places[PROBES_MAX];
	size_t n = probe_places(k->w->device, places);
	uint8_t *before = k->buffer, *marks = before + PROBES_MAX * BLOCK, *seen = marks + PROBES_MAX * BLOCK;

	begin_step(k->w, STEP_PROBE, 0);
	memset(marks, 0, n * BLOCK);
	for (size_t i = 0; i < n; i++)
		CHECK(RAND_bytes(marks + (i + 1) * BLOCK - MARK_BYTES, MARK_BYTES) == 1);
	if (stopped(k, 0) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (get(k, places[i], SPACE(before + i * BLOCK, BLOCK)) < 0)
			return -1;
	for (size_t i = 0; i < n; i++)
		if (put(k, places[i], SPAN(marks + i * BLOCK, BLOCK)) < 0)
			return -1;
	if (sync_all(k, 0) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (get(k, places[i], SPACE(seen, BLOCK)) < 0)
			return -1;
		if (memcmp(seen, marks + i * BLOCK, BLOCK) != 0)
			return fail(k->w, RESULT_FAKE, places[i]);
	}
	for (size_t i = 0; i < n; i++)
		if (put(k, places[i], SPAN(before + i * BLOCK, BLOCK)) < 0)
			return -1;
	return sync_all(k, 0);
}

static int
body(struct work *k)
{
	const struct source *s = k->w->source;

	begin_step(k->w, STEP_WRITE, bytes_of(s, PART_BODY, k->first_to_write));
	if (each(k, PART_BODY, k->first_to_write, write_piece) < 0 ||
	    sync_all(k, s->manifest.image_bytes) < 0)
		return -1;
	begin_step(k->w, STEP_VERIFY, bytes_of(s, PART_BODY, 0));
	return each(k, PART_BODY, 0, verify_piece);
}

static int
finish(struct work *k)
{
	const struct source *s = k->w->source;

	begin_step(k->w, STEP_FINISH, 2 * (bytes_of(s, PART_END, 0) + bytes_of(s, PART_FIRST, 0)));
	for (enum piece_part part = PART_END; part <= PART_FIRST; part++)
		if (each(k, part, 0, write_piece) < 0 || sync_all(k, 0) < 0 ||
		    each(k, part, 0, verify_piece) < 0)
			return -1;
	return 0;
}

/* The first block may have gone in before something failed. No answer is looked at: nothing is left to try. */
static void
clear_first(struct work *k)
{
	memset(k->buffer, 0, BLOCKMAP_BLOCK_BYTES);
	(void)!device_write(k->file, 0, SPAN(k->buffer, BLOCKMAP_BLOCK_BYTES));
	(void)!device_sync(k->file);
}

static void
open_trouble(struct writer *w, int err)
{
	static const struct {
		int err;
		enum writer_result result;
	} table[] = {{-ESTALE, RESULT_CHANGED}, {-EBUSY, RESULT_BUSY},      {-EACCES, RESULT_DENIED},
		     {-EPERM, RESULT_DENIED},   {-EROFS, RESULT_READ_ONLY}, {-ENXIO, RESULT_GONE},
		     {-ENODEV, RESULT_GONE},    {-ENOENT, RESULT_GONE}};

	w->result = RESULT_WRITE_ERROR;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (table[i].err == err)
			w->result = table[i].result;
}

void
writer_run(struct writer *w)
{
	struct work k = {.w = w};
	int err;

	w->untouched = 1;
	w->result = RESULT_NONE;
	CHECK(w->device->bytes >= w->source->manifest.image_bytes);
	err = device_open(&k.file, w->device);
	if (err < 0) {
		open_trouble(w, err);
		atomic_store(&w->step, STEP_OVER);
		return;
	}
	k.buffer = aligned_alloc(DEVICE_ALIGN_BYTES, PIECE_BYTES_MAX);
	CHECK(k.buffer);
	if (compare(&k) == 0 && clear_ends(&k) == 0 && probe(&k) == 0 && body(&k) == 0 && finish(&k) == 0)
		w->result = RESULT_VERIFIED;
	else if (!w->untouched)
		clear_first(&k);
	free(k.buffer);
	device_close(k.file);
	atomic_store(&w->step, STEP_OVER);
}
