/*
 * Writes a passage as the body's plaintext, at the place where it will be encrypted.
 */
#include <errno.h>
#include <string.h>

#include "plain_keys.h"
#include "record/cbor.h"
#include "record/plain.h"

static void
put_pair(struct cbor_writer *w, uint64_t key, int64_t value)
{
	cbor_put_uint(w, key);
	cbor_put_int(w, value);
}

static void
put_box(struct cbor_writer *w, uint64_t key, const struct box *b)
{
	cbor_put_uint(w, key);
	cbor_put_array(w, 4);
	cbor_put_int(w, b->x);
	cbor_put_int(w, b->y);
	cbor_put_int(w, b->w);
	cbor_put_int(w, b->h);
}

static void
put_view(struct cbor_writer *w, const struct crop_view *v)
{
	cbor_put_map(w, VIEW_KEYS);
	put_box(w, VIEW_PLATE, &v->plate);
	put_box(w, VIEW_CROP, &v->crop);
	put_pair(w, VIEW_TIME, v->utc_us);
	put_pair(w, VIEW_SCORE, v->score_permille);
	put_pair(w, VIEW_SHARPNESS, v->sharpness_milli);
	put_pair(w, VIEW_EXPOSURE, v->exposure_us);
	put_pair(w, VIEW_ENCODING, v->encoding);
	cbor_put_uint(w, VIEW_NAME);
	cbor_put_bytes(w, SPAN((const uint8_t *)v->name, strnlen(v->name, sizeof(v->name) - 1)));
	cbor_put_uint(w, VIEW_PICTURE);
	cbor_put_bytes(w, v->bytes);
}

static void
put_passage(struct cbor_writer *w, const struct crop *c)
{
	CHECK(c->n_views <= ARRAY_SIZE(c->views));
	cbor_put_map(w, PLAIN_KEYS);
	cbor_put_uint(w, PLAIN_PASSAGE);
	cbor_put_uint(w, c->passage);
	put_pair(w, PLAIN_SOURCE, c->source);
	put_pair(w, PLAIN_DIRECTION, c->direction);
	put_pair(w, PLAIN_LANE, c->lane);
	put_pair(w, PLAIN_WIDTH, c->frame_width_px);
	put_pair(w, PLAIN_HEIGHT, c->frame_height_px);
	put_pair(w, PLAIN_FRAMES, c->frames_seen);
	put_pair(w, PLAIN_FIRST, c->first_utc_us);
	put_pair(w, PLAIN_LAST, c->last_utc_us);
	cbor_put_uint(w, PLAIN_VIEWS);
	cbor_put_array(w, c->n_views);
	for (uint32_t i = 0; i < c->n_views; i++)
		put_view(w, &c->views[i]);
}

size_t
plain_bytes(const struct crop *c)
{
	struct cbor_writer w;

	cbor_write(&w, SPACE(NULL, 0));
	put_passage(&w, c);
	return w.used;
}

int
plain_write(const struct crop *c, struct space into)
{
	struct cbor_writer w;
	int64_t n;

	cbor_write(&w, into);
	put_passage(&w, c);
	n = cbor_done(&w);
	if (n < 0)
		return (int)n;
	memset(into.p + n, 0, into.n - (size_t)n);
	return 0;
}
