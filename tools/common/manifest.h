/*
 * tools/common/manifest.h - what a release says of an image, signed: IMAGE.manifest.cose.
 *
 * COSE_Sign1 (ES256) over a CBOR map, canonical bytes only, as records and policies
 * are. It names the image by its digest, and the block map and the list of packages
 * (SBOM) that lie beside it. Bytes: docs/LANECTL.md, "The manifest".
 */
#ifndef TOOLS_COMMON_MANIFEST_H
#define TOOLS_COMMON_MANIFEST_H

#include "base/base.h"
#include "hal/crypto.h"
#include "record/cose.h"

enum {
	MANIFEST_BYTES_MAX = 4096,
	MANIFEST_BOARD_BYTES = 32,   /* with the final NUL */
	MANIFEST_VERSION_BYTES = 64, /* with the final NUL */
	MANIFEST_BLOCK_BYTES = 4096, /* image_bytes is a multiple */
};

struct manifest {
	char board[MANIFEST_BOARD_BYTES];     /* as in board/BOARD; not empty */
	char version[MANIFEST_VERSION_BYTES]; /* for people; not empty */
	uint32_t rollback;                    /* a unit takes no update below the one it has */
	int64_t made_s, expires_s;            /* seconds since 1970; expires_s 0: never */
	uint64_t image_bytes;
	uint8_t image_hash[CRYPTO_HASH_BYTES]; /* SHA-256 of the whole image, holes as zeros */
	uint8_t map_hash[CRYPTO_HASH_BYTES];   /* SHA-256 of IMAGE.bmap */
	uint8_t sbom_hash[CRYPTO_HASH_BYTES];  /* SHA-256 of IMAGE.sbom.json */
};

/*
 * Looks at the signature first and only then at the content.
 *   -EBADMSG   not a manifest, cut short, damaged, or not canonical
 *   -EACCES    a manifest, but not signed by the holder of this key
 *   -ERANGE    signed, with a value out of range
 */
int manifest_read(struct manifest *m, struct span bytes, const uint8_t key[CRYPTO_POINT_BYTES]) MUST_CHECK;

/* For the release engineer: returns the length, -ERANGE, -ENOSPC or what sign returned. */
int64_t manifest_write(const struct manifest *m, struct space into, cose_signer sign, void *key) MUST_CHECK;

/* 0; -EKEYEXPIRED when it has expired; -EAGAIN when this computer's clock is more than a day before it was made. */
int manifest_usable(const struct manifest *m, int64_t now_s) MUST_CHECK;

#endif
