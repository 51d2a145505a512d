/*
 * Luma of a frame. What is inside an MJPEG frame is not trusted: its size must be
 * the frame's, a warning of the decoder counts as a broken frame, and the decoder
 * leaves by longjmp. Its memory comes from the room's arena (base/arena.h).
 */
#include "locate/luma.h"

#include <errno.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>

#include "base/wipe.h"

struct decoder {
	struct jpeg_decompress_struct jpeg;
	struct jpeg_error_mgr errors;
	jmp_buf leave;
};

static struct space memory;
static size_t used;
static struct decoder decoder;

_Noreturn static void
leave(j_common_ptr jpeg)
{
	(void)jpeg;
	longjmp(decoder.leave, 1);
}

/* libjpeg goes on after a warning and makes up what is missing; for evidence that is a broken frame. */
static void
refuse_warning(j_common_ptr jpeg, int level)
{
	if (level < 0)
		leave(jpeg);
}

static void
say_nothing(j_common_ptr jpeg)
{
	(void)jpeg;
}

void
luma_init(struct space work)
{
	CHECK(work.n >= LUMA_BYTES);
	memory = work;
	used = 0;
	if (decoder.jpeg.err)
		return;
	decoder.jpeg.err = jpeg_std_error(&decoder.errors);
	decoder.errors.error_exit = leave;
	decoder.errors.emit_message = refuse_warning;
	decoder.errors.output_message = say_nothing;
	CHECK(!setjmp(decoder.leave));
	jpeg_create_decompress(&decoder.jpeg);
}

int
luma_in_place(uint8_t format)
{
	return format == PIXEL_GREY || format == PIXEL_NV12;
}

static void
take_yuyv(const struct frame *f, const uint8_t *from)
{
	uint8_t *to = memory.p;

	for (uint32_t y = 0; y < f->height_px; y++, from += f->stride_bytes)
		for (uint32_t x = 0; x < f->width_px; x++)
			*to++ = from[2 * x];
}

/* The arithmetic of the decoder is chosen here, so that one kind of frame gives one result. */
static int
begin_jpeg(const struct frame *f)
{
	struct jpeg_decompress_struct *jpeg = &decoder.jpeg;

	if (jpeg_read_header(jpeg, TRUE) != JPEG_HEADER_OK)
		return 0;
	if (jpeg->image_width != f->width_px || jpeg->image_height != f->height_px || jpeg->progressive_mode ||
	    (jpeg->jpeg_color_space != JCS_GRAYSCALE && jpeg->jpeg_color_space != JCS_YCbCr))
		return 0;
	jpeg->out_color_space = JCS_GRAYSCALE;
	jpeg->dct_method = JDCT_ISLOW;
	return jpeg_start_decompress(jpeg) && jpeg->output_width == f->width_px && jpeg->output_height == f->height_px;
}

static int
take_mjpeg(const struct frame *f, struct span bytes)
{
	struct jpeg_decompress_struct *jpeg = &decoder.jpeg;
	JSAMPROW row;

	if (setjmp(decoder.leave)) {
		jpeg_abort_decompress(jpeg);
		return -EBADMSG;
	}
	jpeg_mem_src(jpeg, bytes.p, (unsigned long)bytes.n);
	if (!begin_jpeg(f)) {
		jpeg_abort_decompress(jpeg);
		return -EBADMSG;
	}
	while (jpeg->output_scanline < jpeg->output_height) {
		row = memory.p + (size_t)jpeg->output_scanline * f->width_px;
		if (jpeg_read_scanlines(jpeg, &row, 1) != 1)
			leave((j_common_ptr)jpeg);
	}
	(void)jpeg_finish_decompress(jpeg);
	return 0;
}

int
luma_of(struct luma *luma, const struct frame *f, struct span slot)
{
	int err = 0;

	CHECK(f->size_bytes <= slot.n && (size_t)f->width_px * f->height_px <= memory.n);
	*luma = (struct luma){slot.p, f->width_px, f->height_px, f->stride_bytes};
	if (luma_in_place(f->format))
		return 0;
	luma->pixels = memory.p;
	luma->stride_bytes = f->width_px;
	used = (size_t)f->width_px * f->height_px;
	if (f->format == PIXEL_MJPEG)
		err = take_mjpeg(f, SPAN(slot.p, f->size_bytes));
	else
		take_yuyv(f, slot.p);
	if (err < 0)
		luma_done();
	return err;
}

void
luma_done(void)
{
	wipe(memory.p, used);
	used = 0;
}
