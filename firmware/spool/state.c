/*
 * Reads and writes .head and .delivered. Each begins with a magic and ends with the
 * SHA-256 of all before, so bits that flipped on old flash are noticed instead of believed.
 */
#include <errno.h>
#include <string.h>

#include "base/wire.h"
#include "hal/storage.h"
#include "spool/segment.h"
#include "spool/state.h"

enum {
	HEAD_MAGIC = 0x4c534832,      /* "LSH2" */
	DELIVERED_MAGIC = 0x4c534432, /* "LSD2" */
	HEAD_BYTES = 4 + 4 + 8 + 8 + CRYPTO_HASH_BYTES + 8 + 8 * STORE_RECENT + CRYPTO_HASH_BYTES,
	DELIVERED_BYTES = 4 + 8 + 8 + CRYPTO_HASH_BYTES,
};

static int
hash_of(const uint8_t *file, size_t n, uint8_t hash[CRYPTO_HASH_BYTES])
{
	struct span before = SPAN(file, n - CRYPTO_HASH_BYTES);

	return hal_crypto_sha256(&before, 1, hash);
}

/* After a power cut either the old file or the whole new one is there. */
static int
replace(int folder, const char *name, struct span bytes)
{
	int file, err;

	/* Left by a write that was cut. */
	err = hal_storage_remove(folder, STATE_NEW);
	if (err < 0 && err != -ENOENT)
		return err;
	file = hal_storage_open(folder, STATE_NEW, STORAGE_CREATE);
	if (file < 0)
		return file;
	err = segment_write(file, bytes, 0);
	if (err == 0)
		err = hal_storage_sync(file);
	hal_storage_close(file);
	if (err == 0)
		err = hal_storage_rename(folder, STATE_NEW, name);
	if (err < 0) {
		int gone = hal_storage_remove(folder, STATE_NEW);

		(void)gone; /* the next write removes it */
		return err;
	}
	return hal_storage_sync_folder(folder);
}

/* Appends the hash and replaces the file. */
static int
save(int folder, const char *name, struct wire_writer *w)
{
	uint8_t *end = wire_put_space(w, CRYPTO_HASH_BYTES);
	int64_t n = wire_done(w);
	int err;

	CHECK(n > 0 && end != NULL);
	err = hash_of(w->all.p, (size_t)n, end);
	if (err < 0)
		return err;
	return replace(folder, name, SPAN(w->all.p, (size_t)n));
}

/* The whole file, which must be one byte shorter than `into`. */
static int
read_whole(int folder, const char *name, struct space into)
{
	int file = hal_storage_open(folder, name, STORAGE_READ);
	size_t have = 0;
	int64_t n = 1;

	if (file < 0)
		return file;
	while (n > 0 && have < into.n) {
		n = hal_storage_read(file, SPACE(into.p + have, into.n - have), have);
		if (n == -EINTR)
			n = 1;
		else if (n > 0)
			have += (size_t)n;
	}
	hal_storage_close(file);
	if (n < 0)
		return (int)n;
	return have == into.n - 1 ? 0 : -EBADMSG;
}

/* Loads a file of exactly room.n - 1 bytes whose hash fits, and starts a reader behind its magic. */
static int
load(int folder, const char *name, struct space room, uint32_t magic, struct wire_reader *r)
{
	struct span file = SPAN(room.p, room.n - 1);
	uint8_t hash[CRYPTO_HASH_BYTES];
	int err = read_whole(folder, name, room);

	if (err == 0)
		err = hash_of(file.p, file.n, hash);
	if (err < 0)
		return err;
	if (memcmp(hash, file.p + file.n - sizeof(hash), sizeof(hash)) != 0)
		return -EBADMSG;
	wire_read(r, SPAN(file.p, file.n - sizeof(hash)));
	wire_require(r, wire_u32(r) == magic);
	return 0;
}

int
state_load_head(int folder, struct store_head *head)
{
	uint8_t file[HEAD_BYTES + 1];
	struct wire_reader r;
	int err;

	*head = (struct store_head){.boot = 0};
	err = load(folder, STATE_HEAD, SPACE_OF(file), HEAD_MAGIC, &r);
	if (err < 0)
		return err;
	head->boot = wire_u32(&r);
	head->run = wire_u64(&r);
	head->sequence = wire_u64(&r);
	wire_fixed(&r, head->link, sizeof(head->link));
	head->recent_n = wire_u64(&r);
	for (size_t i = 0; i < STORE_RECENT; i++)
		head->recent[i] = wire_u64(&r);
	wire_require(&r, head->boot <= STORE_BOOT_MAX && head->sequence < STORE_SEQUENCE_MAX);
	err = wire_end(&r);
	if (err < 0)
		*head = (struct store_head){.boot = 0};
	return err;
}

int
state_save_head(int folder, const struct store_head *head)
{
	uint8_t file[HEAD_BYTES];
	struct wire_writer w;

	wire_write(&w, SPACE_OF(file));
	wire_put_u32(&w, HEAD_MAGIC);
	wire_put_u32(&w, head->boot);
	wire_put_u64(&w, head->run);
	wire_put_u64(&w, head->sequence);
	wire_put_fixed(&w, head->link, sizeof(head->link));
	wire_put_u64(&w, head->recent_n);
	for (size_t i = 0; i < STORE_RECENT; i++)
		wire_put_u64(&w, head->recent[i]);
	return save(folder, STATE_HEAD, &w);
}

int
state_load_marks(int folder, struct store_marks *marks)
{
	uint8_t file[DELIVERED_BYTES + 1];
	struct wire_reader r;
	int err;

	*marks = (struct store_marks){.all = 0};
	err = load(folder, STATE_DELIVERED, SPACE_OF(file), DELIVERED_MAGIC, &r);
	if (err < 0)
		return err;
	marks->all = wire_u64(&r);
	marks->light = wire_u64(&r);
	wire_require(&r, marks->all < STORE_SEQUENCE_MAX && marks->light < STORE_SEQUENCE_MAX);
	err = wire_end(&r);
	if (err < 0)
		*marks = (struct store_marks){.all = 0};
	return err;
}

int
state_save_marks(int folder, const struct store_marks *marks)
{
	uint8_t file[DELIVERED_BYTES];
	struct wire_writer w;

	wire_write(&w, SPACE_OF(file));
	wire_put_u32(&w, DELIVERED_MAGIC);
	wire_put_u64(&w, marks->all);
	wire_put_u64(&w, marks->light);
	return save(folder, STATE_DELIVERED, &w);
}
