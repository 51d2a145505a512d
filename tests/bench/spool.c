/*
 * What a record costs on disk, in segments as spool keeps them and, for comparison, one file
 * a record as it once did: appends, syncs and bytes for each, beside this machine's own
 * write and sync of as many bytes in the same run; and how both, and start-up, change with
 * the number of records held. Turns are interleaved, and medians compared.
 *
 *     bench_spool FOLDER [MOST]      a folder on the disk to measure; MOST: records held, 1000000
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "spool/segment.h"
#include "spool_kit.h"

enum { TURNS = 101, OPENS = 9, FILL_BODY = 200, BODY = 5000 };

static struct chain chain;
static size_t syncs;
static int filling;

/* Records that are only there to be held need no disk to wait for. Counts what is not filling. */
int fdatasync(int fd);
int
fdatasync(int fd)
{
	syncs += !filling;
	return filling ? 0 : (int)syscall(SYS_fdatasync, fd);
}
int fsync(int fd);
int
fsync(int fd)
{
	syncs += !filling;
	return filling ? 0 : (int)syscall(SYS_fsync, fd);
}

static int
by_value(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
median(double *v, size_t n)
{
	qsort(v, n, sizeof(v[0]), by_value);
	return v[n / 2];
}

/* Bytes that this process has handed to write(2), from the kernel. */
static uint64_t
bytes_written(void)
{
	unsigned long long n = 0;
	char line[200];
	FILE *f = fopen("/proc/self/io", "r");

	while (f && fgets(line, sizeof(line), f))
		(void)sscanf(line, "wchar: %llu", &n);
	if (f)
		(void)fclose(f);
	return n;
}

/* ---- segments ---- */

static int
no_signature(void *key, const uint8_t hash[CRYPTO_HASH_BYTES], uint8_t signature[CRYPTO_SIGNATURE_BYTES])
{
	(void)key;
	memset(signature, 7, CRYPTO_SIGNATURE_BYTES);
	memcpy(signature, hash, CRYPTO_HASH_BYTES);
	return 0;
}

/* As kit_store(), but the signature, which nobody looks at in a record that is not the newest, is none. */
static void
fill_one(struct store *st, uint64_t passage)
{
	struct sealed s = kit_sealed(passage, FILL_BODY);
	struct record_entry e = {.kind = ENTRY_PASSAGE, .boot = st->head.boot, .sequence = st->head.sequence + 1,
				 .header = s.header, .body_bytes = s.body.n, .clock = CLOCK_SYNCED};
	uint8_t sign1[RECORD_SIGN1_MAX], link[CRYPTO_HASH_BYTES];
	int64_t n;

	memcpy(e.unit, kit_unit, strlen(kit_unit) + 1);
	memcpy(e.previous, st->head.link, sizeof(e.previous));
	CHECK(hal_crypto_sha256(&s.body, 1, e.body_hash) == 0);
	n = record_entry_sign(&e, kit_key_id, no_signature, NULL, SPACE_OF(sign1));
	CHECK(n > 0 && hal_crypto_sha256(&SPAN(sign1, (size_t)n), 1, link) == 0);
	CHECK(store_append(st, &passage, link, SPAN(sign1, (size_t)n), s.body) == 0);
}

static struct store_wish
wish_for(int folder)
{
	struct store_wish wish = kit_wish(folder);

	wish.max_bytes = UINT64_C(64) << 30;
	wish.max_records = 4000000;
	return wish;
}

static void
fill(int folder, uint64_t upto)
{
	struct store_wish wish = wish_for(folder);
	struct store_found found;
	struct store st;

	filling = 1;
	CHECK(store_open(&st, &wish, &found) == 0);
	while (st.head.sequence + 1 < upto)
		fill_one(&st, st.head.sequence + 1);
	CHECK(kit_store(&chain, &st, upto, FILL_BODY) == 0);
	store_close(&st);
	filling = 0;
}

struct cost {
	double append_us, plain_us, open_us, syncs, bytes_ratio;
};

/* One write and one sync of as many bytes: what the disk itself takes. */
static double
plain_write(int file, size_t n)
{
	static uint8_t bytes[1 << 16];
	int64_t began_us = clock_us(CLOCK_MONOTONIC);

	CHECK(write(file, bytes, n) == (ssize_t)n && fdatasync(file) == 0);
	return (double)(clock_us(CLOCK_MONOTONIC) - began_us);
}

static struct cost
measure_segments(int folder, int plain)
{
	double append[TURNS], own[TURNS], opened[OPENS];
	struct store_wish wish = wish_for(folder);
	struct store_found found;
	struct cost c = {0};
	struct store st;
	uint64_t bytes;

	for (int i = 0; i < OPENS; i++) {
		int64_t began_us = clock_us(CLOCK_MONOTONIC);

		CHECK(store_open(&st, &wish, &found) == 0);
		opened[i] = (double)(clock_us(CLOCK_MONOTONIC) - began_us);
		store_close(&st);
	}
	CHECK(store_open(&st, &wish, &found) == 0);
	c.syncs = 0;
	for (int i = 0; i < TURNS; i++) {
		size_t before = syncs;
		int64_t began_us = clock_us(CLOCK_MONOTONIC);

		CHECK(kit_store(&chain, &st, st.head.sequence + 1, BODY) == 0);
		append[i] = (double)(clock_us(CLOCK_MONOTONIC) - began_us);
		c.syncs += (double)(syncs - before) / TURNS;
		own[i] = plain_write(plain, BODY + 317);
	}
	bytes = st.bytes;
	c.bytes_ratio = (double)bytes_written();
	for (int i = 0; i < TURNS; i++)
		CHECK(kit_store(&chain, &st, st.head.sequence + 1, BODY) == 0);
	c.bytes_ratio = ((double)bytes_written() - c.bytes_ratio) / (double)(st.bytes - bytes);
	store_close(&st);
	c.append_us = median(append, TURNS);
	c.plain_us = median(own, TURNS);
	c.open_us = median(opened, OPENS);
	return c;
}

/* ---- one file a record ---- */

static void
file_record(int folder, uint64_t i, size_t n)
{
	static uint8_t bytes[1 << 16];
	char name[64];
	int fd = openat(folder, ".new", O_CREAT | O_WRONLY | O_TRUNC, 0600);

	(void)snprintf(name, sizeof(name), "00000001-%020llu.lsr", (unsigned long long)i);
	CHECK(fd >= 0 && write(fd, bytes, n) == (ssize_t)n && fsync(fd) == 0 && close(fd) == 0);
	CHECK(renameat(folder, ".new", folder, name) == 0 && fsync(folder) == 0);
	/* The small file that says where the chain ends. */
	if (!filling)
		CHECK(io_replace_at(folder, "head", SPAN(bytes, 2112), 0600) == 0);
}

static double
list_files(int folder)
{
	int64_t began_us = clock_us(CLOCK_MONOTONIC);
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY);
	DIR *dir = fdopendir(fd);
	const struct dirent *d;
	struct stat s;

	while ((d = readdir(dir)) != NULL)
		CHECK(fstatat(folder, d->d_name, &s, 0) == 0);
	(void)closedir(dir);
	return (double)(clock_us(CLOCK_MONOTONIC) - began_us);
}

static struct cost
measure_files(int folder, uint64_t held, int plain)
{
	double append[TURNS], own[TURNS], opened[OPENS];
	struct cost c = {0};

	for (int i = 0; i < OPENS; i++)
		opened[i] = list_files(folder);
	for (uint64_t i = 0; i < TURNS; i++) {
		size_t before = syncs;
		int64_t began_us = clock_us(CLOCK_MONOTONIC);

		file_record(folder, held + 1 + i, BODY + 317);
		append[i] = (double)(clock_us(CLOCK_MONOTONIC) - began_us);
		c.syncs += (double)(syncs - before) / TURNS;
		own[i] = plain_write(plain, BODY + 317);
	}
	c.append_us = median(append, TURNS);
	c.plain_us = median(own, TURNS);
	c.open_us = median(opened, OPENS);
	return c;
}

/* ---- the table ---- */

static int
folder_in(const char *where, const char *name, char path[4096])
{
	int fd;

	(void)snprintf(path, 4096, "%s/%s", where, name);
	CHECK(mkdir(path, 0700) == 0);
	fd = open(path, O_RDONLY | O_DIRECTORY);
	CHECK(fd >= 0);
	return fd;
}

static void
print(const char *what, uint64_t held, const struct cost *c, const struct cost *first)
{
	printf("%-9s %8llu held: append %8.0f us, %5.2f of this disk's write + sync, %4.2f times as at first; %4.2f syncs; "
	       "start %8.2f ms, %4.2f times as at first",
	       what, (unsigned long long)held, c->append_us, c->plain_us / c->append_us, c->append_us / first->append_us, c->syncs,
	       c->open_us / 1e3, c->open_us / first->open_us);
	if (c->bytes_ratio > 0)
		printf("; %.3f bytes written a record byte", c->bytes_ratio);
	printf("\n");
	(void)fflush(stdout);
}

static void
bench_segments(const char *where, uint64_t most, int plain)
{
	static const uint64_t steps[] = {1000, 100000, 1000000};
	struct cost first = {0}, c;
	char path[4096];
	int folder = folder_in(where, "segments", path);

	for (size_t i = 0; i < ARRAY_SIZE(steps) && steps[i] <= most; i++) {
		fill(folder, steps[i]);
		c = measure_segments(folder, plain);
		if (i == 0)
			first = c;
		print("segments", steps[i], &c, &first);
	}
	(void)close(folder);
	kit_remove(path);
}

static void
bench_files(const char *where, uint64_t most, int plain)
{
	static const uint64_t steps[] = {1000, 100000};
	struct cost first = {0}, c;
	char path[4096];
	uint64_t have = 0;
	int folder = folder_in(where, "files", path);

	for (size_t i = 0; i < ARRAY_SIZE(steps) && steps[i] <= most; i++) {
		filling = 1;
		while (have < steps[i])
			file_record(folder, ++have, FILL_BODY + 317);
		filling = 0;
		c = measure_files(folder, have, plain);
		have += TURNS;
		if (i == 0)
			first = c;
		print("files", steps[i], &c, &first);
	}
	(void)close(folder);
	kit_remove(path);
}

int
main(int argc, char **argv)
{
	uint64_t most = argc > 2 ? strtoull(argv[2], NULL, 10) : 1000000;
	uint8_t der[KIT_KEY_BYTES];
	char path[4096], where[] = "spool-bench-XXXXXX";
	int fd, plain;

	if (argc < 2 || chdir(argv[1]) < 0 || mkdtemp(where) == NULL) {
		(void)fprintf(stderr, "usage: bench_spool FOLDER [MOST]; FOLDER must be writable\n");
		return 2;
	}
	kit_begin();
	kit_key(der);
	fd = kit_file(SPAN_OF(der));
	CHECK(chain_open(&chain, fd, kit_unit) == 0);
	(void)snprintf(path, sizeof(path), "%s/plain", where);
	plain = open(path, O_CREAT | O_WRONLY | O_APPEND, 0600);
	CHECK(plain >= 0);
	printf("%s; records of %d bytes; medians of %d\n", hal_crypto_name(), BODY + 317, TURNS);
	bench_files(where, most, plain);
	bench_segments(where, most, plain);
	(void)close(plain);
	kit_remove(where);
	chain_close(&chain);
	hal_crypto_close();
	return 0;
}
