/*
 * doors/frame/frame.c - where a frame lies and what it is. The pixels stay in their slot.
 *
 * The decoder proves that a reader who keeps to width, height and stride never
 * leaves the slot.
 */
#include "base/wire.h"
#include "doors/frame/frame.h"

size_t
frame_bytes(uint8_t format, uint32_t stride_bytes, uint32_t height_px)
{
	uint64_t plane = (uint64_t)stride_bytes * height_px;
	uint64_t all;

	switch (format) {
	case PIXEL_GREY:
	case PIXEL_YUYV:
		all = plane;
		break;
	case PIXEL_NV12:
		all = plane + (uint64_t)stride_bytes * ((height_px + 1ULL) / 2);
		break;
	default:
		return 0;
	}
	return all < SIZE_MAX ? (size_t)all : SIZE_MAX;
}

static int
fits_slot(const struct frame *f)
{
	uint32_t row = f->format == PIXEL_YUYV ? 2U * f->width_px : f->width_px;

	if (f->slot >= CONFIG_FRAME_SLOTS || f->size_bytes == 0 || f->size_bytes > FRAME_SLOT_BYTES)
		return 0;
	if (f->width_px == 0 || f->width_px > CONFIG_FRAME_MAX_WIDTH_PX)
		return 0;
	if (f->height_px == 0 || f->height_px > CONFIG_FRAME_MAX_HEIGHT_PX)
		return 0;
	if (f->format == PIXEL_MJPEG)
		return f->stride_bytes == 0;
	if (f->format < PIXEL_GREY || f->format > PIXEL_YUYV)
		return 0;
	return f->stride_bytes >= row &&
	       f->size_bytes >= frame_bytes(f->format, f->stride_bytes, f->height_px);
}

int
frame_decode(struct frame *f, struct span bytes)
{
	struct wire_reader r;

	wire_read(&r, bytes);
	f->slot = wire_u32(&r);
	f->size_bytes = wire_u32(&r);
	f->width_px = wire_u16(&r);
	f->height_px = wire_u16(&r);
	f->stride_bytes = wire_u32(&r);
	f->format = wire_u8(&r);
	f->source = wire_u8(&r);
	f->sequence = wire_u64(&r);
	f->at_us = wire_i64(&r);
	f->utc_us = wire_i64(&r);
	f->exposure_us = wire_u32(&r);
	f->gain_milli = wire_u32(&r);
	wire_name(&r, f->name, sizeof(f->name));
	wire_require(&r, fits_slot(f));
	wire_require(&r, f->source >= SOURCE_SENSOR && f->source <= SOURCE_SYNTHETIC);
	wire_require(&r, f->at_us >= 0 && f->utc_us >= 0);
	return wire_end(&r);
}

int
frame_encode(const struct frame *f, struct space into)
{
	struct wire_writer w;
	struct frame back;
	int64_t n;

	wire_write(&w, into);
	wire_put_u32(&w, f->slot);
	wire_put_u32(&w, f->size_bytes);
	wire_put_u16(&w, f->width_px);
	wire_put_u16(&w, f->height_px);
	wire_put_u32(&w, f->stride_bytes);
	wire_put_u8(&w, f->format);
	wire_put_u8(&w, f->source);
	wire_put_u64(&w, f->sequence);
	wire_put_i64(&w, f->at_us);
	wire_put_i64(&w, f->utc_us);
	wire_put_u32(&w, f->exposure_us);
	wire_put_u32(&w, f->gain_milli);
	wire_put_name(&w, f->name, sizeof(f->name));
	n = wire_done(&w);
	/* Our mistake ends this room, not the one that would have to read it. */
	CHECK(n < 0 || frame_decode(&back, SPAN(into.p, (size_t)n)) == 0);
	return (int)n;
}

int
frame_release_decode(struct frame_release *r, struct span bytes)
{
	struct wire_reader in;

	wire_read(&in, bytes);
	r->slot = wire_u32(&in);
	r->sequence = wire_u64(&in);
	wire_require(&in, r->slot < CONFIG_FRAME_SLOTS);
	return wire_end(&in);
}

int
frame_release_encode(const struct frame_release *r, struct space into)
{
	struct wire_writer w;

	CHECK(r->slot < CONFIG_FRAME_SLOTS);
	wire_write(&w, into);
	wire_put_u32(&w, r->slot);
	wire_put_u64(&w, r->sequence);
	return (int)wire_done(&w);
}

int
frame_light_decode(struct frame_light *l, struct span bytes)
{
	struct wire_reader in;

	wire_read(&in, bytes);
	l->sequence = wire_u64(&in);
	l->of = wire_u8(&in);
	l->luma = wire_u8(&in);
	wire_require(&in, l->of == LIGHT_PLATE || l->of == LIGHT_SCENE);
	return wire_end(&in);
}

int
frame_light_encode(const struct frame_light *l, struct space into)
{
	struct wire_writer w;

	CHECK(l->of == LIGHT_PLATE || l->of == LIGHT_SCENE);
	wire_write(&w, into);
	wire_put_u64(&w, l->sequence);
	wire_put_u8(&w, l->of);
	wire_put_u8(&w, l->luma);
	return (int)wire_done(&w);
}
