/*
 * locate/outbox.h - passages that are not on disk yet.
 *
 * A passage stays here, encoded, until seal says that spool has it; a seal that
 * has just started is offered all of them again. Fixed memory, lent at init.
 */
#ifndef LOCATE_OUTBOX_H
#define LOCATE_OUTBOX_H

#include "base/pipe.h"
#include "doors/crop/crop.h"

enum { OUTBOX_BYTES = CONFIG_LOCATE_OUTBOX_PASSAGES * CROP_MESSAGE_MAX };

struct outbox_rule {
	uint8_t encoding;  /* enum crop_encoding */
	int jpeg_quality;  /* 1..100 */
	uint16_t lane;
	uint64_t restarts; /* upper half of a passage's number */
};

struct outbox {
	struct outbox_rule rule;
	struct space scratch;   /* one view's encoded bytes after another */
	uint64_t number;        /* of the last passage, within this run */
	struct outbox_place {
		uint64_t passage; /* 0: free */
		uint8_t *bytes;
		size_t used;
	} places[CONFIG_LOCATE_OUTBOX_PASSAGES];
};

/* `memory` holds OUTBOX_BYTES, `scratch` at least CROP_MESSAGE_MAX. */
void outbox_init(struct outbox *box, struct space memory, struct space scratch, const struct outbox_rule *rule);

int outbox_full(const struct outbox *box) MUST_CHECK;
int outbox_empty(const struct outbox *box) MUST_CHECK;

/*
 * Numbers the passage, encodes its views (whose bytes are raw grey pixels) and
 * keeps it. Views that do not fit are left out, worst first. Returns its place.
 *   -ENOSPC  not even the best view fits, or nothing is free
 *   -EIO     the encoder failed
 */
int outbox_put(struct outbox *box, struct crop *passage) MUST_CHECK;

/* Offers one place, or all that are taken. Returns 0 or what pipe_send() said. */
int outbox_send(const struct outbox *box, int place, struct pipe_out *out) MUST_CHECK;
int outbox_send_all(const struct outbox *box, struct pipe_out *out) MUST_CHECK;

/* Wipes the passage and frees its place. Returns 1, or 0 when it is not here: an answer to a repeated offer. */
int outbox_drop(struct outbox *box, uint64_t passage) MUST_CHECK;
void outbox_wipe(struct outbox *box);

#endif
