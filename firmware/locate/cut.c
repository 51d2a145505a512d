/*
 * The limits of what may be cut out of a frame, and the encoding of what was.
 */
#include "locate/cut.h"

#include <errno.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>
#include <spng.h>

#include "doors/crop/crop.h"

/* A box of a sane size can be computed with below without overflow. */
static int
sane(const struct box *b, uint32_t width_px, uint32_t height_px)
{
	return b->w >= CUT_PLATE_LEAST_PX && b->h >= CUT_PLATE_LEAST_PX && b->x >= 0 && b->y >= 0 && width_px <= UINT16_MAX &&
	       height_px <= UINT16_MAX && b->w <= (int32_t)width_px && b->h <= (int32_t)height_px &&
	       b->x <= (int32_t)width_px - b->w && b->y <= (int32_t)height_px - b->h;
}

static void
grow(int32_t *at, int32_t *size, uint32_t permille, uint32_t limit)
{
	int32_t more = (int32_t)(((int64_t)*size * permille + 999) / 1000);
	int32_t end = *at + *size + more;

	*at = *at > more ? *at - more : 0;
	*size = (end > (int32_t)limit ? (int32_t)limit : end) - *at;
}

int
cut_box(struct box *crop, const struct box *plate, const struct cut_rule *rule, uint32_t width_px, uint32_t height_px)
{
	if (rule->margin_x_permille > 1000 || rule->margin_y_permille > 1000 || rule->share_max_permille > CUT_RULE_MOST_SHARE)
		return -EPERM;
	if (!sane(plate, width_px, height_px))
		return -EPERM;
	if ((int64_t)plate->w * 10 < (int64_t)plate->h * CUT_ASPECT_LEAST_TENTHS ||
	    (int64_t)plate->w * 10 > (int64_t)plate->h * CUT_ASPECT_MOST_TENTHS)
		return -EPERM;
	*crop = *plate;
	grow(&crop->x, &crop->w, rule->margin_x_permille, width_px);
	grow(&crop->y, &crop->h, rule->margin_y_permille, height_px);
	if ((int64_t)crop->w * crop->h * 1000 > (int64_t)rule->share_max_permille * width_px * height_px)
		return -EPERM;
	return 0;
}

/* ---- encoding ---- */

/* A libjpeg destination of fixed size: full means failed. */
struct encoder {
	struct jpeg_compress_struct jpeg;
	struct jpeg_error_mgr errors;
	struct jpeg_destination_mgr to;
	jmp_buf leave;
	int full;
};

static struct encoder encoder;

_Noreturn static void
leave(j_common_ptr jpeg)
{
	(void)jpeg;
	longjmp(encoder.leave, 1);
}

static boolean
no_more_room(j_compress_ptr jpeg)
{
	encoder.full = 1;
	leave((j_common_ptr)jpeg);
}

static void
nothing(j_compress_ptr jpeg)
{
	(void)jpeg;
}

static void
say_nothing(j_common_ptr jpeg)
{
	(void)jpeg;
}

static void
begin_encoder(struct space into)
{
	if (!encoder.jpeg.err) {
		encoder.jpeg.err = jpeg_std_error(&encoder.errors);
		encoder.errors.error_exit = leave;
		encoder.errors.output_message = say_nothing;
		jpeg_create_compress(&encoder.jpeg);
		encoder.to.init_destination = nothing;
		encoder.to.empty_output_buffer = no_more_room;
		encoder.to.term_destination = nothing;
		encoder.jpeg.dest = &encoder.to;
	}
	encoder.full = 0;
	encoder.to.next_output_byte = into.p;
	encoder.to.free_in_buffer = into.n;
}

static int64_t
encode_jpeg(const uint8_t *pixels, uint32_t w, uint32_t h, int quality, struct space into)
{
	struct jpeg_compress_struct *jpeg = &encoder.jpeg;

	if (setjmp(encoder.leave)) {
		jpeg_abort_compress(jpeg);
		return encoder.full ? -ENOSPC : -EIO;
	}
	begin_encoder(into);
	jpeg->image_width = w;
	jpeg->image_height = h;
	jpeg->input_components = 1;
	jpeg->in_color_space = JCS_GRAYSCALE;
	jpeg_set_defaults(jpeg);
	jpeg_set_quality(jpeg, quality, TRUE);
	jpeg->dct_method = JDCT_ISLOW;
	jpeg_start_compress(jpeg, TRUE);
	while (jpeg->next_scanline < h) {
		/* the library does not write to it */
		JSAMPROW row = (JSAMPROW)(uintptr_t)(pixels + (size_t)jpeg->next_scanline * w);

		(void)jpeg_write_scanlines(jpeg, &row, 1);
	}
	jpeg_finish_compress(jpeg);
	return (int64_t)(into.n - encoder.to.free_in_buffer);
}

struct png_out {
	struct space left;
	int full;
};

static int
take_png(spng_ctx *png, void *user, void *from, size_t n)
{
	struct png_out *out = user;

	(void)png;
	if (n > out->left.n) {
		out->full = 1;
		return SPNG_IO_ERROR;
	}
	memcpy(out->left.p, from, n);
	out->left = SPACE(out->left.p + n, out->left.n - n);
	return 0;
}

static int64_t
encode_png(const uint8_t *pixels, uint32_t w, uint32_t h, struct space into)
{
	struct spng_ihdr head = {.width = w, .height = h, .bit_depth = 8, .color_type = SPNG_COLOR_TYPE_GRAYSCALE};
	struct png_out out = {into, 0};
	spng_ctx *png = spng_ctx_new(SPNG_CTX_ENCODER);
	int err;

	if (!png)
		return -EIO;
	err = spng_set_png_stream(png, take_png, &out);
	if (!err)
		err = spng_set_ihdr(png, &head);
	if (!err)
		err = spng_encode_image(png, pixels, (size_t)w * h, SPNG_FMT_PNG, SPNG_ENCODE_FINALIZE);
	spng_ctx_free(png);
	if (out.full)
		return -ENOSPC;
	return err ? -EIO : (int64_t)(into.n - out.left.n);
}

int64_t
cut_encode(const uint8_t *pixels, uint32_t w, uint32_t h, uint8_t encoding, int jpeg_quality, struct space into)
{
	CHECK(w > 0 && h > 0);
	/* libjpeg writes a byte before it asks for room */
	if (into.n == 0)
		return -ENOSPC;
	if (encoding == CROP_PNG)
		return encode_png(pixels, w, h, into);
	return encode_jpeg(pixels, w, h, jpeg_quality, into);
}
