/*
 * Makes records with the firmware's own code, puts them into a folder, and lets
 * laneopen's two passes look at it.
 */
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "folder.h"

static const uint8_t picture[] = {0xff, 0xd8, 0xff, 0xe0, 'n', 'o', 't',  ' ', 'a',
				  ' ',  'p',  'l',  'a',  't', 'e', 0xff, 0xd9};

static int
make_folder(char path[64])
{
	int fd;

	(void)snprintf(path, 64, "/tmp/laneopen-test-XXXXXX");
	CHECK(mkdtemp(path));
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CHECK(fd >= 0);
	return fd;
}

void
folder_open(struct folder *f)
{
	memset(f, 0, sizeof(*f));
	maker_open(&f->maker, SPAN_OF(picture));
	CHECK(unpack_open(&f->unpacked) == 0);
	f->fd = make_folder(f->path);
	f->out_fd = make_folder(f->out);
	(void)snprintf(f->rules.unit, sizeof(f->rules.unit), "demo-lane-2");
	memcpy(f->rules.point, f->maker.points[MAKER_UNIT], CRYPTO_POINT_BYTES);
	CHECK(record_key_id(f->rules.point, f->rules.key_id) == 0);
	f->rules.policies = &f->maker.policy;
	f->rules.n_policies = 1;
	f->rules.from = 1;
}

/* Removes the files; returns how many there were. */
static size_t
sweep(int folder)
{
	DIR *dir = fdopendir(dup(folder));
	const struct dirent *d;
	size_t n = 0;

	CHECK(dir);
	rewinddir(dir);
	while ((d = readdir(dir))) {
		if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
			continue;
		CHECK(unlinkat(folder, d->d_name, 0) == 0);
		n++;
	}
	CHECK(closedir(dir) == 0);
	return n;
}

void
folder_close(struct folder *f)
{
	chain_free(&f->chain);
	unpack_close(&f->unpacked);
	(void)sweep(f->fd);
	(void)sweep(f->out_fd);
	(void)close(f->fd);
	(void)close(f->out_fd);
	CHECK(rmdir(f->path) == 0 && rmdir(f->out) == 0);
	maker_close(&f->maker);
}

struct recipe
folder_recipe(const struct folder *f, uint64_t sequence, const struct record *before)
{
	struct recipe how = {.key = MAKER_UNIT,
			     .unit = f->rules.unit,
			     .kind = ENTRY_PASSAGE,
			     .boot = 1,
			     .sequence = sequence,
			     .passage = sequence};

	if (before)
		memcpy(how.previous, before->link, sizeof(how.previous));
	memcpy(how.policy, f->maker.policy.hash, sizeof(how.policy));
	return how;
}

/* Seals the maker's crop under this recipe. Returns the length of the body. */
static size_t
seal(struct folder *f, const struct recipe *how, struct space header, size_t *header_n, struct space body)
{
	static _Alignas(16) uint8_t work[8192];
	struct record_header h = {.coarse_time_s = 1790000100};
	struct crop c = f->maker.crop;
	struct body_sealer *s;
	size_t n;

	c.passage = how->passage;
	c.views[0].encoding = CROP_JPEG;
	c.views[0].bytes = SPAN_OF(picture);
	(void)snprintf(h.unit, sizeof(h.unit), "%s", how->unit);
	memcpy(h.policy, how->policy, sizeof(h.policy));
	CHECK(body_sealer_bytes() <= sizeof(work));
	CHECK(body_sealer_open(&s, SPACE_OF(work), &f->maker.policy) == 0);
	CHECK(body_seal(s, &c, &h, header, header_n, body, &n) == 0);
	body_sealer_close(s);
	return n;
}

void
folder_make(struct folder *f, const struct recipe *how, struct record *r)
{
	static uint8_t body[FOLDER_RECORD_MAX];
	struct record_entry e = {.kind = how->kind,
				 .boot = how->boot,
				 .sequence = how->sequence,
				 .clock = CLOCK_FREE,
				 .gap_first = how->gap_first,
				 .gap_count = how->gap_count,
				 .gap_reason = how->gap_reason,
				 .time_s = how->time_s,
				 .interval_s = 60};
	uint8_t header[RECORD_HEADER_MAX], id[RECORD_KEY_ID_BYTES];
	size_t header_n = 0, body_n = 0;
	int64_t n;

	(void)snprintf(e.unit, sizeof(e.unit), "%s", how->unit);
	memcpy(e.previous, how->previous, sizeof(e.previous));
	if (how->kind == ENTRY_PASSAGE) {
		body_n = seal(f, how, SPACE_OF(header), &header_n, SPACE_OF(body));
		e.header = SPAN(header, header_n);
		e.body_bytes = body_n;
		CHECK(hal_crypto_sha256(&SPAN(body, body_n), 1, e.body_hash) == 0);
	}
	CHECK(record_key_id(f->maker.points[how->key], id) == 0);
	n = record_entry_sign(&e, id, maker_sign, f->maker.keys[how->key], SPACE_OF(r->bytes));
	CHECK(n > 0 && (size_t)n + body_n <= sizeof(r->bytes));
	r->sign1_n = (size_t)n;
	r->n = r->sign1_n + body_n;
	memcpy(r->bytes + n, body, body_n);
	CHECK(hal_crypto_sha256(&SPAN(r->bytes, r->sign1_n), 1, r->link) == 0);
	(void)snprintf(r->name, sizeof(r->name), "%08" PRIu32 "-%020" PRIu64 ".lsr", how->boot,
		       how->sequence);
}

void
folder_make_chain(struct folder *f, struct record *r, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct recipe how = folder_recipe(f, i + 1, i ? &r[i - 1] : NULL);

		folder_make(f, &how, &r[i]);
		folder_put_record(f, &r[i]);
	}
}

void
folder_put(struct folder *f, const char *name, struct span bytes)
{
	int fd = openat(f->fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	CHECK(fd >= 0 && io_write_all(fd, bytes.p, bytes.n) == 0 && close(fd) == 0);
}

void
folder_put_record(struct folder *f, const struct record *r)
{
	folder_put(f, r->name, SPAN(r->bytes, r->n));
}

void
folder_remove(struct folder *f, const char *name)
{
	CHECK(unlinkat(f->fd, name, 0) == 0);
}

void
folder_empty(struct folder *f)
{
	(void)sweep(f->fd);
}

void
folder_look(struct folder *f, enum maker_key key)
{
	const struct hal_crypto_private *own = key == MAKER_KEYS ? NULL : f->maker.keys[key];

	chain_free(&f->chain);
	memset(f->answers, 0, sizeof(f->answers));
	CHECK(chain_scan(&f->chain, f->fd, &f->rules) == 0);
	chain_judge(&f->chain, &f->rules);
	for (size_t i = 0; i < f->chain.n; i++) {
		struct item *it = &f->chain.items[i];

		CHECK(unpack_item(&f->unpacked, it, f->fd, own, f->out_fd) == 0);
		f->answers[it->answer] += it->last - it->sequence + 1;
	}
	f->pictures = sweep(f->out_fd);
}

const struct item *
folder_item(const struct folder *f, uint64_t sequence)
{
	for (size_t i = 0; i < f->chain.n; i++)
		if (f->chain.items[i].sequence <= sequence && f->chain.items[i].last >= sequence)
			return &f->chain.items[i];
	return NULL;
}
