/*
 * Makes the block map of an image, for the release engineer: what the file system
 * stores of it is data, the rest are holes.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <openssl/evp.h>

#include "blockmap.h"

enum { CHUNK_BYTES = 1 << 20 };

struct making {
	int fd;
	uint64_t bytes;
	EVP_MD_CTX *whole, *range;
	uint8_t *chunk;
};

static int
finish_hash(EVP_MD_CTX *c, uint8_t out[CRYPTO_HASH_BYTES])
{
	return EVP_DigestFinal_ex(c, out, NULL) == 1 ? 0 : -EIO;
}

/* One stretch of the file into the digest of the whole and, when it is data, of its range. */
static int
hash_stretch(struct making *k, uint64_t from, uint64_t to, int data)
{
	memset(k->chunk, 0, CHUNK_BYTES);
	while (from < to) {
		size_t n = to - from < CHUNK_BYTES ? (size_t)(to - from) : CHUNK_BYTES;
		ssize_t got = data ? pread(k->fd, k->chunk, n, (off_t)from) : (ssize_t)n;

		if (got <= 0)
			return got < 0 ? -errno : -EPIPE;
		if (EVP_DigestUpdate(k->whole, k->chunk, (size_t)got) != 1 ||
		    (data && EVP_DigestUpdate(k->range, k->chunk, (size_t)got) != 1))
			return -EIO;
		from += (uint64_t)got;
	}
	return 0;
}

static int
add_range(struct blockmap *m, struct making *k, uint64_t from, uint64_t to)
{
	struct blockmap_range *r;
	int err;

	if (m->n == BLOCKMAP_RANGES_MAX)
		return -EFBIG;
	if (m->n % 64 == 0) {
		r = reallocarray(m->ranges, m->n + 64, sizeof(*r));
		if (!r)
			return -ENOMEM;
		m->ranges = r;
	}
	r = &m->ranges[m->n];
	r->first = from / BLOCKMAP_BLOCK_BYTES;
	r->last = to / BLOCKMAP_BLOCK_BYTES - 1;
	if (EVP_DigestInit_ex(k->range, EVP_sha256(), NULL) != 1)
		return -EIO;
	err = hash_stretch(k, from, to, 1);
	if (err == 0)
		err = finish_hash(k->range, r->hash);
	if (err == 0)
		m->n++;
	return err;
}

/* The end of the data that begins at or behind *from, which is moved to its beginning; both to whole blocks. */
static int
next_data(const struct making *k, uint64_t *from, uint64_t *to)
{
	const uint64_t block = BLOCKMAP_BLOCK_BYTES;
	off_t data = lseek(k->fd, (off_t)*from, SEEK_DATA), hole;

	if (data < 0 && errno == ENXIO) {
		*from = *to = k->bytes;
		return 0;
	}
	if (data < 0)
		return -errno;
	*from = (uint64_t)data / block * block;
	*to = *from;
	do {
		hole = lseek(k->fd, (off_t)*to, SEEK_HOLE);
		if (hole < 0)
			return -errno;
		*to = ((uint64_t)hole + block - 1) / block * block;
		/* A hole shorter than the rest of its block is none. */
		data = *to < k->bytes ? lseek(k->fd, (off_t)*to, SEEK_DATA) : -1;
	} while (data >= 0 && (uint64_t)data == *to);
	return 0;
}

static int
walk(struct blockmap *m, struct making *k)
{
	uint64_t at = 0;
	int err = 0;

	while (at < k->bytes && err == 0) {
		uint64_t from = at, to = at;

		err = next_data(k, &from, &to);
		if (err == 0)
			err = hash_stretch(k, at, from, 0);
		if (err == 0 && from < to)
			err = add_range(m, k, from, to);
		at = to;
	}
	return err;
}

int
blockmap_make(struct blockmap *m, int fd, uint8_t whole[CRYPTO_HASH_BYTES])
{
	struct making k = {.fd = fd};
	struct stat st;
	int err = -EINVAL;

	*m = (struct blockmap){0};
	if (fstat(fd, &st) < 0)
		return -errno;
	if (st.st_size <= 0 || st.st_size % BLOCKMAP_BLOCK_BYTES)
		return -EINVAL;
	k.bytes = m->image_bytes = (uint64_t)st.st_size;
	k.whole = EVP_MD_CTX_new();
	k.range = EVP_MD_CTX_new();
	k.chunk = malloc(CHUNK_BYTES);
	CHECK(k.whole && k.range && k.chunk);
	if (EVP_DigestInit_ex(k.whole, EVP_sha256(), NULL) == 1)
		err = walk(m, &k);
	if (err == 0)
		err = finish_hash(k.whole, whole);
	if (err == 0 && m->n == 0)
		err = -EINVAL;
	free(k.chunk);
	EVP_MD_CTX_free(k.range);
	EVP_MD_CTX_free(k.whole);
	if (err < 0)
		blockmap_free(m);
	return err;
}

/* ---- the file ---- */

static void
put_hex(FILE *to, const uint8_t hash[CRYPTO_HASH_BYTES])
{
	for (size_t i = 0; i < CRYPTO_HASH_BYTES; i++)
		(void)fprintf(to, "%02x", hash[i]);
}

/* bmaptool checks this sum, taken with zeros in its place; "zeros" is where they stand. */
static int
put_own_checksum(char *xml, size_t n, size_t zeros)
{
	uint8_t hash[CRYPTO_HASH_BYTES];
	char hex[3];

	if (EVP_Digest(xml, n, hash, NULL, EVP_sha256(), NULL) != 1)
		return -EIO;
	for (size_t i = 0; i < sizeof(hash); i++) {
		(void)snprintf(hex, sizeof(hex), "%02x", hash[i]);
		memcpy(xml + zeros + 2 * i, hex, 2);
	}
	return 0;
}

int
blockmap_write(const struct blockmap *m, char **xml, size_t *n)
{
	static const uint8_t none[CRYPTO_HASH_BYTES];
	FILE *to = open_memstream(xml, n);
	long zeros;

	CHECK(to);
	(void)fprintf(to,
		      "<?xml version=\"1.0\" ?>\n<bmap version=\"2.0\">\n"
		      "  <ImageSize> %llu </ImageSize>\n  <BlockSize> %d </BlockSize>\n"
		      "  <BlocksCount> %llu </BlocksCount>\n  <MappedBlocksCount> %llu </MappedBlocksCount>\n"
		      "  <ChecksumType> sha256 </ChecksumType>\n  <BmapFileChecksum> ",
		      (unsigned long long)m->image_bytes, BLOCKMAP_BLOCK_BYTES,
		      (unsigned long long)(m->image_bytes / BLOCKMAP_BLOCK_BYTES),
		      (unsigned long long)(blockmap_mapped_bytes(m) / BLOCKMAP_BLOCK_BYTES));
	zeros = ftell(to);
	put_hex(to, none);
	(void)fprintf(to, " </BmapFileChecksum>\n  <BlockMap>\n");
	for (size_t i = 0; i < m->n; i++) {
		const struct blockmap_range *r = &m->ranges[i];

		(void)fprintf(to, "    <Range chksum=\"");
		put_hex(to, r->hash);
		(void)fprintf(to, r->first == r->last ? "\"> %llu </Range>\n" : "\"> %llu-%llu </Range>\n",
			      (unsigned long long)r->first, (unsigned long long)r->last);
	}
	(void)fprintf(to, "  </BlockMap>\n</bmap>\n");
	if (fclose(to) != 0 || zeros < 0 || put_own_checksum(*xml, *n, (size_t)zeros) < 0) {
		free(*xml);
		*xml = NULL;
		return -EIO;
	}
	return 0;
}
