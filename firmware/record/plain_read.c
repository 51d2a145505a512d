/*
 * Reads a body's plaintext. It is only given what a recipient has authenticated, yet
 * a unit may be faulty or turned: every number is held against its range, and the boxes against the frame.
 */
#include <errno.h>
#include <string.h>

#include "plain_keys.h"
#include "record/cbor.h"
#include "record/plain.h"

static uint64_t
take_pair(struct cbor_reader *r, uint64_t key, uint64_t lo, uint64_t hi)
{
	cbor_key(r, key);
	return cbor_uint_in(r, lo, hi);
}

static int64_t
take_time(struct cbor_reader *r, uint64_t key)
{
	cbor_key(r, key);
	return cbor_int(r);
}

static int32_t
take_coordinate(struct cbor_reader *r)
{
	int64_t v = cbor_int(r);

	cbor_require(r, v >= -UINT16_MAX && v <= UINT16_MAX);
	return r->bad ? 0 : (int32_t)v;
}

static struct box
take_box(struct cbor_reader *r, uint64_t key)
{
	struct box b;

	cbor_key(r, key);
	cbor_require(r, cbor_array(r, 4) == 4);
	b.x = take_coordinate(r);
	b.y = take_coordinate(r);
	b.w = take_coordinate(r);
	b.h = take_coordinate(r);
	cbor_require(r, b.w > 0 && b.h > 0);
	return b;
}

static void
take_view(struct cbor_reader *r, struct crop_view *v, const struct crop *c)
{
	struct span name;

	cbor_map(r, VIEW_KEYS);
	v->plate = take_box(r, VIEW_PLATE);
	v->crop = take_box(r, VIEW_CROP);
	cbor_require(r, v->crop.x >= 0 && v->crop.y >= 0 && v->crop.x + v->crop.w <= c->frame_width_px &&
				v->crop.y + v->crop.h <= c->frame_height_px);
	v->utc_us = take_time(r, VIEW_TIME);
	v->score_permille = (uint32_t)take_pair(r, VIEW_SCORE, 0, 1000);
	v->sharpness_milli = (uint32_t)take_pair(r, VIEW_SHARPNESS, 0, UINT32_MAX);
	v->exposure_us = (uint32_t)take_pair(r, VIEW_EXPOSURE, 0, UINT32_MAX);
	v->encoding = (uint8_t)take_pair(r, VIEW_ENCODING, CROP_JPEG, CROP_PNG);
	cbor_key(r, VIEW_NAME);
	name = cbor_bytes(r, CROP_NAME_BYTES - 1);
	cbor_require(r, name.n == 0 || memchr(name.p, 0, name.n) == NULL);
	if (!r->bad && name.n > 0)
		memcpy(v->name, name.p, name.n);
	cbor_key(r, VIEW_PICTURE);
	v->bytes = cbor_bytes(r, SIZE_MAX);
	cbor_require(r, v->bytes.n > 0);
}

static void
take_passage(struct cbor_reader *r, struct crop *c)
{
	cbor_map(r, PLAIN_KEYS);
	c->passage = take_pair(r, PLAIN_PASSAGE, 0, UINT64_MAX);
	c->source = (uint8_t)take_pair(r, PLAIN_SOURCE, 1, CROP_SOURCE_SELF_TEST);
	c->direction = (uint8_t)take_pair(r, PLAIN_DIRECTION, CROP_DIRECTION_UNKNOWN, CROP_RECEDING);
	c->lane = (uint16_t)take_pair(r, PLAIN_LANE, 0, UINT16_MAX);
	c->frame_width_px = (uint16_t)take_pair(r, PLAIN_WIDTH, 1, UINT16_MAX);
	c->frame_height_px = (uint16_t)take_pair(r, PLAIN_HEIGHT, 1, UINT16_MAX);
	c->frames_seen = (uint32_t)take_pair(r, PLAIN_FRAMES, 0, UINT32_MAX);
	c->first_utc_us = take_time(r, PLAIN_FIRST);
	c->last_utc_us = take_time(r, PLAIN_LAST);
	cbor_key(r, PLAIN_VIEWS);
	c->n_views = (uint32_t)cbor_array(r, ARRAY_SIZE(c->views));
	for (uint32_t i = 0; i < c->n_views; i++)
		take_view(r, &c->views[i], c);
}

int
plain_read(struct crop *c, struct span bytes)
{
	struct cbor_reader r;

	memset(c, 0, sizeof(*c));
	cbor_read(&r, bytes);
	take_passage(&r, c);
	for (size_t i = 0; i < r.left.n; i++)
		if (r.left.p[i] != 0)
			r.bad = 1;
	if (!r.bad)
		return 0;
	memset(c, 0, sizeof(*c));
	return -EBADMSG;
}
