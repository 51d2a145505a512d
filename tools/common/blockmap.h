/*
 * tools/common/blockmap.h - which blocks of an image hold data: the bmap format, version 2.
 *
 * The XML file that bmap-tools writes and reads. Blocks that it does not name are
 * holes of the image: nobody reads them, so they are not written. Each range has
 * its SHA-256. The file's own checksum is written for bmaptool and not looked at
 * when read: here the signed manifest names the file's digest.
 */
#ifndef TOOLS_COMMON_BLOCKMAP_H
#define TOOLS_COMMON_BLOCKMAP_H

#include "base/base.h"
#include "hal/crypto.h"

enum {
	BLOCKMAP_FILE_MAX = 16 << 20,
	BLOCKMAP_RANGES_MAX = 1 << 17,
	BLOCKMAP_WHY_BYTES = 160,
	BLOCKMAP_BLOCK_BYTES = 4096, /* the one block size in use here; bmaptool's on Linux */
};

struct blockmap_range {
	uint64_t first, last; /* blocks, both inside */
	uint8_t hash[CRYPTO_HASH_BYTES];
};

struct blockmap {
	uint64_t image_bytes;
	struct blockmap_range *ranges; /* in order, apart */
	size_t n;
};

/*
 * -EBADMSG with a sentence in `why` (line and what is wrong), -ENOMEM. The map is
 * then empty. Nothing is taken from a file with a DOCTYPE.
 */
int blockmap_read(struct blockmap *m, struct span xml, char why[BLOCKMAP_WHY_BYTES]) MUST_CHECK;
void blockmap_free(struct blockmap *m);

uint64_t blockmap_mapped_bytes(const struct blockmap *m);

/* The file, in memory of its own, to be given to free(3). 0 or -EIO. */
int blockmap_write(const struct blockmap *m, char **xml, size_t *n) MUST_CHECK;

/*
 * The map of an open image, by its holes (SEEK_HOLE), with the digest of each range
 * and of the whole. 0 or -errno, -EINVAL when it is empty or not a multiple of a block.
 */
int blockmap_make(struct blockmap *m, int fd, uint8_t whole[CRYPTO_HASH_BYTES]) MUST_CHECK;

#endif
