/*
 * Reads and writes state/head and state/delivered. Each begins with a magic and
 * ends with the SHA-256 of all before, so bits that flipped on old flash are
 * noticed instead of believed.
 */
#include <errno.h>
#include <string.h>

#include "base/io.h"
#include "base/wire.h"
#include "spool/state.h"

enum {
	HEAD_MAGIC = 0x4c534831,      /* "LSH1" */
	DELIVERED_MAGIC = 0x4c534431, /* "LSD1" */
	HEAD_BYTES = 4 + 4 + 8 + 8 + CRYPTO_HASH_BYTES + 8 + 8 * STORE_RECENT + CRYPTO_HASH_BYTES,
	DELIVERED_BYTES = 4 + 8 + CRYPTO_HASH_BYTES,
};

static int
hash_of(const uint8_t *file, size_t n, uint8_t hash[CRYPTO_HASH_BYTES])
{
	struct span before = SPAN(file, n - CRYPTO_HASH_BYTES);

	return hal_crypto_sha256(&before, 1, hash);
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
	return io_replace_at(folder, name, SPAN(w->all.p, (size_t)n), 0600);
}

/* Loads a file of exactly into.n bytes whose hash fits, and starts a reader behind its magic. */
static int
load(int folder, const char *name, struct space into, uint32_t magic, struct wire_reader *r)
{
	uint8_t hash[CRYPTO_HASH_BYTES];
	int64_t n = io_load_at(folder, name, into);
	int err;

	if (n == -EFBIG)
		return -EBADMSG;
	if (n < 0)
		return (int)n;
	if ((size_t)n != into.n)
		return -EBADMSG;
	err = hash_of(into.p, into.n, hash);
	if (err < 0)
		return err;
	if (memcmp(hash, into.p + into.n - sizeof(hash), sizeof(hash)) != 0)
		return -EBADMSG;
	wire_read(r, SPAN(into.p, into.n - sizeof(hash)));
	wire_require(r, wire_u32(r) == magic);
	return 0;
}

int
state_load_head(int folder, struct store_head *head)
{
	uint8_t file[HEAD_BYTES];
	struct wire_reader r;
	int err;

	*head = (struct store_head){.boot = 0};
	err = load(folder, "head", SPACE_OF(file), HEAD_MAGIC, &r);
	if (err < 0)
		return err;
	head->boot = wire_u32(&r);
	head->run = wire_u64(&r);
	head->sequence = wire_u64(&r);
	wire_fixed(&r, head->link, sizeof(head->link));
	head->recent_n = wire_u64(&r);
	for (size_t i = 0; i < STORE_RECENT; i++)
		head->recent[i] = wire_u64(&r);
	wire_require(&r, head->boot <= STORE_BOOT_MAX && head->sequence <= STORE_SEQUENCE_MAX);
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
	return save(folder, "head", &w);
}

int
state_load_delivered(int folder, uint64_t *delivered)
{
	uint8_t file[DELIVERED_BYTES];
	struct wire_reader r;
	int err;

	*delivered = 0;
	err = load(folder, "delivered", SPACE_OF(file), DELIVERED_MAGIC, &r);
	if (err < 0)
		return err;
	*delivered = wire_u64(&r);
	wire_require(&r, *delivered <= STORE_SEQUENCE_MAX);
	err = wire_end(&r);
	if (err < 0)
		*delivered = 0;
	return err;
}

int
state_save_delivered(int folder, uint64_t delivered)
{
	uint8_t file[DELIVERED_BYTES];
	struct wire_writer w;

	wire_write(&w, SPACE_OF(file));
	wire_put_u32(&w, DELIVERED_MAGIC);
	wire_put_u64(&w, delivered);
	return save(folder, "delivered", &w);
}
