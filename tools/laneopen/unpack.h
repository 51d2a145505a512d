/*
 * tools/laneopen/unpack.h - the second pass: opens what the first found good, and writes the crops.
 */
#ifndef LANEOPEN_UNPACK_H
#define LANEOPEN_UNPACK_H

#include "doors/crop/crop.h"
#include "hal/crypto_private.h"
#include "record/header.h"

#include "chain.h"

enum { VIEW_FILE_BYTES = 48 };

/* One record on its way through the second pass; the work memory is used again for the next. */
struct unpacked {
	struct space record, plain; /* RECORD_FILE_MAX each */
	size_t plain_used;          /* most of it that ever held what was opened */
	int has_header;
	struct record_header header; /* in the clear, signed */
	struct record_health health; /* of ENTRY_HEALTH; else n 0 */
	int has_crop;
	struct crop crop; /* opened; points into plain */
	char files[CROP_VIEWS_MAX][VIEW_FILE_BYTES];
};

int unpack_open(struct unpacked *u) MUST_CHECK;
/* Wipes what was opened. */
void unpack_close(struct unpacked *u);

/*
 * Reads the record of a good entry again and makes sure that it is the one that was
 * checked. With a key, opens it and writes its views into `out`. May turn the
 * entry's answer; then nothing was written. An entry that is not good is passed by.
 * 0, or -errno when the folder cannot be written, after it said so.
 */
int unpack_item(struct unpacked *u, struct item *it, int folder, const struct hal_crypto_private *key,
		int out) MUST_CHECK;

#endif
