/*
 * lanectl/source.h - the image as a release made it: nothing of it is used before it was checked.
 *
 *     source_open      the manifest's signature, then its dates, then the block map's digest
 *     source_check     reads the image once and compares every range with the map
 *     source_read      hands out a piece, compared once more
 *     source_close
 *
 * Each function says what is wrong and what to do, and returns a negative errno.
 * source_read() may be called on many threads at once.
 */
#ifndef LANECTL_SOURCE_H
#define LANECTL_SOURCE_H

#include "base/base.h"

#include "../common/blockmap.h"
#include "../common/manifest.h"

enum { PIECE_BYTES_MAX = 4 << 20, ENDS_BYTES = 1 << 20 };

/* The ends are what a computer looks for when it wants to start from a disk: partition tables, boot loaders. */
enum piece_part { PART_BODY, PART_END, PART_FIRST /* the first block alone */ };

struct piece {
	uint64_t at;
	uint32_t bytes; /* a multiple of 4096 */
	enum piece_part part;
	uint8_t hash[CRYPTO_HASH_BYTES]; /* set by source_check */
};

struct source {
	int fd;
	const char *path;
	struct manifest manifest;
	uint8_t signer[16]; /* of the release key: the first half of SHA-256 of its point */
	struct blockmap map;
	struct piece *pieces; /* in the order of the image */
	size_t n_pieces;
	uint64_t mapped_bytes;
	uint64_t at_trouble; /* where a check failed */
};

/* Before checks: an opened source is not trusted yet but for its manifest and map. */
int source_open(struct source *s, const char *path, const char *release_key) MUST_CHECK;
void source_close(struct source *s);

/*
 * Calls tick(arg, done_bytes) now and then; it returns nonzero to stop, which is
 * -ECANCELED. `whole` also compares the digest of the whole image, holes included.
 */
int source_check(struct source *s, int whole, int (*tick)(void *arg, uint64_t done_bytes),
		 void *arg) MUST_CHECK;

/* The bytes of a piece into memory of PIECE_BYTES_MAX. -EBADMSG: the file changed since it was checked. Says nothing. */
int source_read(const struct source *s, const struct piece *p, uint8_t *into) MUST_CHECK;

int source_hash(struct span bytes, uint8_t hash[CRYPTO_HASH_BYTES]) MUST_CHECK;

#endif
