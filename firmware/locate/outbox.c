/*
 * Keeps encoded passages until they are acknowledged. What was encoded is kept as
 * the bytes of the door, so that offering it again costs nothing but the pipe.
 */
#include "locate/outbox.h"

#include <errno.h>
#include <string.h>

#include "base/wipe.h"
#include "locate/cut.h"

void
outbox_init(struct outbox *box, struct space memory, struct space scratch, const struct outbox_rule *rule)
{
	CHECK(memory.n >= OUTBOX_BYTES && scratch.n >= CROP_MESSAGE_MAX);
	memset(box, 0, sizeof(*box));
	box->rule = *rule;
	box->scratch = scratch;
	for (size_t i = 0; i < ARRAY_SIZE(box->places); i++)
		box->places[i].bytes = memory.p + i * CROP_MESSAGE_MAX;
}

static int
free_place(const struct outbox *box)
{
	for (size_t i = 0; i < ARRAY_SIZE(box->places); i++)
		if (box->places[i].passage == 0)
			return (int)i;
	return -ENOSPC;
}

int
outbox_full(const struct outbox *box)
{
	return free_place(box) < 0;
}

int
outbox_empty(const struct outbox *box)
{
	for (size_t i = 0; i < ARRAY_SIZE(box->places); i++)
		if (box->places[i].passage != 0)
			return 0;
	return 1;
}

/* A view that is too large without loss is better kept with some than not at all. */
static int64_t
encode_view(const struct outbox *box, struct crop_view *view, struct space into)
{
	uint32_t w = (uint32_t)view->crop.w, h = (uint32_t)view->crop.h;
	int64_t n;

	view->encoding = box->rule.encoding;
	n = cut_encode(view->bytes.p, w, h, view->encoding, box->rule.jpeg_quality, into);
	if (n != -ENOSPC || view->encoding == CROP_JPEG)
		return n;
	view->encoding = CROP_JPEG;
	return cut_encode(view->bytes.p, w, h, CROP_JPEG, box->rule.jpeg_quality, into);
}

/* Best first; the first that does not fit ends the list. */
static int
encode_views(const struct outbox *box, struct crop *passage)
{
	enum { WITHOUT_VIEWS = 1024 };
	struct space left = SPACE(box->scratch.p, CROP_MESSAGE_MAX - WITHOUT_VIEWS);
	uint32_t n;

	for (n = 0; n < passage->n_views; n++) {
		struct crop_view *view = &passage->views[n];
		int64_t bytes = encode_view(box, view, left);

		if (bytes == -ENOSPC)
			break;
		if (bytes < 0)
			return (int)bytes;
		view->bytes = SPAN(left.p, (size_t)bytes);
		left = SPACE(left.p + bytes, left.n - (size_t)bytes);
	}
	passage->n_views = n;
	return n > 0 ? 0 : -ENOSPC;
}

int
outbox_put(struct outbox *box, struct crop *passage)
{
	int at = free_place(box);
	struct outbox_place *place;
	int64_t n;
	int err;

	if (at < 0)
		return at;
	place = &box->places[at];
	err = encode_views(box, passage);
	if (err < 0)
		goto wipe;
	passage->lane = box->rule.lane;
	passage->passage = box->rule.restarts << 32 | (box->number + 1);
	n = crop_encode(passage, SPACE(place->bytes, CROP_MESSAGE_MAX));
	if (n < 0) {
		err = (int)n;
		goto wipe;
	}
	place->used = (size_t)n;
	place->passage = passage->passage;
	box->number++;
	err = at;
wipe:
	wipe(box->scratch.p, CROP_MESSAGE_MAX);
	return err;
}

int
outbox_send(const struct outbox *box, int place, struct pipe_out *out)
{
	return pipe_send(out, CROP_TYPE, SPAN(box->places[place].bytes, box->places[place].used));
}

int
outbox_send_all(const struct outbox *box, struct pipe_out *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(box->places); i++) {
		int err = box->places[i].passage ? outbox_send(box, (int)i, out) : 0;

		if (err < 0)
			return err;
	}
	return 0;
}

static void
clear(struct outbox_place *place)
{
	wipe(place->bytes, place->used);
	place->used = 0;
	place->passage = 0;
}

int
outbox_drop(struct outbox *box, uint64_t passage)
{
	for (size_t i = 0; i < ARRAY_SIZE(box->places); i++)
		if (passage != 0 && box->places[i].passage == passage) {
			clear(&box->places[i]);
			return 1;
		}
	return 0;
}

void
outbox_wipe(struct outbox *box)
{
	for (size_t i = 0; i < ARRAY_SIZE(box->places); i++)
		clear(&box->places[i]);
}
