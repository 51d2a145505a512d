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
#include "spool/name.h"
#include "spool_kit.h"

const char kit_unit[] = "booth-7";
uint8_t kit_point[CRYPTO_POINT_BYTES];
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
	    .max_bytes = 1 << 30,
	    .max_records = 1000,
	    .run = 1,
	    .scratch = SPACE_OF(scratch),
	};
}

int
kit_store(struct chain *c, struct store *st, uint64_t passage, size_t body_bytes)
{
	struct sealed s = kit_sealed(passage, body_bytes);
	struct chain_link made;
	int err;

	assert_true(chain_accepts(c, &s));
	err = store_room(st, RECORD_SIGN1_MAX + body_bytes);
	if (err < 0)
		return err;
	assert_int_equal(chain_sign(c, &st->head, &s, &made), 0);
	return store_append(st, passage, made.link, SPAN(made.sign1, made.bytes), s.body);
}

/* ---- reading as a stranger ---- */

static int
wanted(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

static void
read_one(int folder_fd, const char *name, const struct store_entry *e, struct kit_report *r,
	 uint8_t link[CRYPTO_HASH_BYTES])
{
	struct record_parts parts;
	struct record_header h;
	int64_t n = io_load_at(folder_fd, name, SPACE_OF(scratch));

	assert_true(n > 0);
	assert_int_equal(record_split(&parts, SPAN(scratch, (size_t)n)), 0);
	assert_int_equal(record_verify(&parts, kit_point), 0);
	assert_true(parts.body.n > 0);
	assert_int_equal(parts.entry.boot, e->boot);
	assert_int_equal(parts.entry.sequence, e->sequence);
	assert_int_equal(record_header_decode(&h, parts.entry.header), 0);
	if (r->records > 0) {
		assert_true(e->sequence > r->last && e->boot >= r->boot);
		r->breaks +=
		    e->sequence != r->last + 1 || memcmp(link, parts.entry.previous, CRYPTO_HASH_BYTES) != 0;
	} else {
		r->first = e->sequence;
	}
	memcpy(link, parts.link, CRYPTO_HASH_BYTES);
	assert_true(r->records < ARRAY_SIZE(r->passages));
	r->passages[r->records] = h.passage;
	r->boots[r->records++] = e->boot;
	r->last = e->sequence;
	r->boot = e->boot;
}

void
kit_read(int folder_fd, struct kit_report *r)
{
	uint8_t link[CRYPTO_HASH_BYTES];
	struct dirent **names;
	struct store_entry e;
	int n = scandirat(folder_fd, ".", &names, wanted, alphasort);

	assert_true(n >= 0);
	memset(r, 0, sizeof(*r));
	for (int i = 0; i < n; i++) {
		switch (name_read(names[i]->d_name, &e)) {
		case NAME_RECORD:
			read_one(folder_fd, names[i]->d_name, &e, r, link);
			break;
		case NAME_BAD:
			r->bad++;
			break;
		case NAME_FOREIGN:
			r->other++;
			break;
		}
		free(names[i]);
	}
	free(names);
}

size_t
kit_count(const struct kit_report *r, uint32_t boot, uint64_t passage)
{
	size_t n = 0;

	for (size_t i = 0; i < r->records; i++)
		n += r->passages[i] == passage && (boot == 0 || r->boots[i] == boot);
	return n;
}
