/*
 * tests/flash/release.h - a small release in a folder of its own: image, block map, manifest, keys.
 */
#ifndef TESTS_FLASH_RELEASE_H
#define TESTS_FLASH_RELEASE_H

#include "../../tools/common/manifest.h"

enum { RELEASE_IMAGE_BYTES = 4 << 20, RELEASE_PATH_BYTES = 256 };

struct release {
	char folder[128];
	char image[RELEASE_PATH_BYTES], key[RELEASE_PATH_BYTES], log_key[RELEASE_PATH_BYTES],
	    log[RELEASE_PATH_BYTES];
	uint8_t *bytes; /* of the image */
	struct manifest manifest;
	void *signer, *technician; /* EVP_PKEY */
};

/* Makes everything; the image has data in both its ends and in a body with holes. */
void release_make(struct release *r);
/* Signs r->manifest anew, with r->signer or another key, and writes it beside the image. */
void release_sign(struct release *r, void *key);
void release_free(struct release *r);

/* A file in the folder: "image" + ending. */
void release_write(const struct release *r, const char *ending, const void *bytes, size_t n);

#endif
