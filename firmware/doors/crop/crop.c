/*
 * doors/crop/crop.c - one passage: a head of fixed size, then the views, best first.
 */
#include "base/wire.h"
#include "doors/crop/crop.h"

/* enum source_kind of doors/frame, which seal may not see. */
enum { SOURCE_FIRST = 1, SOURCE_LAST = CROP_SOURCE_SELF_TEST };

static struct box
take_box(struct wire_reader *r, const struct crop *c)
{
	struct box b;

	b.x = wire_i32(r);
	b.y = wire_i32(r);
	b.w = wire_i32(r);
	b.h = wire_i32(r);
	wire_require(r, b.x >= 0 && b.w >= 1 && b.w <= c->frame_width_px && b.x <= c->frame_width_px - b.w);
	wire_require(r, b.y >= 0 && b.h >= 1 && b.h <= c->frame_height_px && b.y <= c->frame_height_px - b.h);
	return b;
}

static void
take_view(struct wire_reader *r, const struct crop *c, struct crop_view *v)
{
	v->plate = take_box(r, c);
	v->crop = take_box(r, c);
	v->utc_us = wire_i64(r);
	v->score_permille = wire_u32(r);
	v->sharpness_milli = wire_u32(r);
	v->exposure_us = wire_u32(r);
	v->encoding = wire_u8(r);
	wire_name(r, v->name, sizeof(v->name));
	v->bytes = wire_bytes(r, CROP_MESSAGE_MAX);
	wire_require(r, v->utc_us >= 0);
	wire_require(r, v->score_permille <= 1000);
	wire_require(r, v->encoding == CROP_JPEG || v->encoding == CROP_PNG);
	wire_require(r, v->bytes.n > 0);
}

int
crop_decode(struct crop *c, struct span bytes)
{
	struct wire_reader r;

	wire_read(&r, bytes);
	wire_require(&r, bytes.n <= CROP_MESSAGE_MAX);
	c->passage = wire_u64(&r);
	c->source = wire_u8(&r);
	c->direction = wire_u8(&r);
	c->lane = wire_u16(&r);
	c->frame_width_px = wire_u16(&r);
	c->frame_height_px = wire_u16(&r);
	c->frames_seen = wire_u32(&r);
	c->first_utc_us = wire_i64(&r);
	c->last_utc_us = wire_i64(&r);
	c->n_views = wire_u8(&r);
	wire_require(&r, c->source >= SOURCE_FIRST && c->source <= SOURCE_LAST);
	wire_require(&r, c->direction <= CROP_RECEDING);
	wire_require(&r, c->frame_width_px >= 1 && c->frame_width_px <= CONFIG_FRAME_MAX_WIDTH_PX);
	wire_require(&r, c->frame_height_px >= 1 && c->frame_height_px <= CONFIG_FRAME_MAX_HEIGHT_PX);
	wire_require(&r, c->frames_seen >= 1);
	wire_require(&r, c->first_utc_us >= 0 && c->first_utc_us <= c->last_utc_us);
	wire_require(&r, c->n_views >= 1 && c->n_views <= CROP_VIEWS_MAX);
	for (uint32_t i = 0; !r.bad && i < c->n_views; i++)
		take_view(&r, c, &c->views[i]);
	return wire_end(&r);
}

static void
put_box(struct wire_writer *w, const struct box *b)
{
	wire_put_i32(w, b->x);
	wire_put_i32(w, b->y);
	wire_put_i32(w, b->w);
	wire_put_i32(w, b->h);
}

static void
put_view(struct wire_writer *w, const struct crop_view *v)
{
	put_box(w, &v->plate);
	put_box(w, &v->crop);
	wire_put_i64(w, v->utc_us);
	wire_put_u32(w, v->score_permille);
	wire_put_u32(w, v->sharpness_milli);
	wire_put_u32(w, v->exposure_us);
	wire_put_u8(w, v->encoding);
	wire_put_name(w, v->name, sizeof(v->name));
	wire_put_bytes(w, v->bytes);
}

int64_t
crop_encode(const struct crop *c, struct space into)
{
	struct wire_writer w;
	struct crop back;
	int64_t n;

	CHECK(c->n_views >= 1 && c->n_views <= CROP_VIEWS_MAX);
	wire_write(&w, SPACE(into.p, into.n < CROP_MESSAGE_MAX ? into.n : CROP_MESSAGE_MAX));
	wire_put_u64(&w, c->passage);
	wire_put_u8(&w, c->source);
	wire_put_u8(&w, c->direction);
	wire_put_u16(&w, c->lane);
	wire_put_u16(&w, c->frame_width_px);
	wire_put_u16(&w, c->frame_height_px);
	wire_put_u32(&w, c->frames_seen);
	wire_put_i64(&w, c->first_utc_us);
	wire_put_i64(&w, c->last_utc_us);
	wire_put_u8(&w, (uint8_t)c->n_views);
	for (uint32_t i = 0; i < c->n_views; i++)
		put_view(&w, &c->views[i]);
	n = wire_done(&w);
	/* Our mistake ends this room, not the one that would be offered it again and again. */
	CHECK(n < 0 || crop_decode(&back, SPAN(into.p, (size_t)n)) == 0);
	return n;
}

int
crop_ack_decode(struct crop_ack *a, struct span bytes)
{
	struct wire_reader r;

	wire_read(&r, bytes);
	a->passage = wire_u64(&r);
	a->stored = wire_u8(&r);
	wire_require(&r, a->stored <= 1);
	return wire_end(&r);
}

int
crop_ack_encode(const struct crop_ack *a, struct space into)
{
	struct wire_writer w;

	CHECK(a->stored <= 1);
	wire_write(&w, into);
	wire_put_u64(&w, a->passage);
	wire_put_u8(&w, a->stored);
	return (int)wire_done(&w);
}
