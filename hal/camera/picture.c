/*
 * JPEG and PNG for replayed pictures and for tools. Both libraries report trouble
 * in their own way (a jump, a number); here it becomes an errno, and a picture of
 * which a part had to be guessed counts as broken.
 */
#include "hal/picture.h"

#include <errno.h>
#include <setjmp.h>
#include <spng.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include <jpeglib.h>
#include <jerror.h>

#include "base/wipe.h"

enum {
	SCANS_MAX = 100,               /* a progressive picture has about ten; thousands are an attack on our time */
	COEFFICIENTS_MAX = 52 << 20,   /* a progressive picture is held whole; the room's library memory is 64 MiB */
	PNG_CHUNK_MAX = 16 << 20,
};

struct reader {
	struct jpeg_decompress_struct jpeg;
	struct jpeg_error_mgr errors;
	struct jpeg_progress_mgr progress;
	jmp_buf broken;
	int err;
};

static _Noreturn void
leave_reader(j_common_ptr jpeg)
{
	struct reader *r = jpeg->client_data;

	if (r->err == 0)
		r->err = jpeg->err->msg_code == JERR_OUT_OF_MEMORY ? -ENOMEM : -EBADMSG;
	longjmp(r->broken, 1);
}

/* Warnings that do not touch the pixels are let through; any other means that the library guessed. */
static void
judge_warning(j_common_ptr jpeg, int level)
{
	static const int harmless[] = {JWRN_EXTRANEOUS_DATA, JWRN_ADOBE_XFORM, JWRN_JFIF_MAJOR, JWRN_TOO_MUCH_DATA};

	if (level >= 0)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(harmless); i++)
		if (jpeg->err->msg_code == harmless[i])
			return;
	leave_reader(jpeg);
}

static void
say_nothing(j_common_ptr jpeg)
{
	(void)jpeg;
}

static void
count_scans(j_common_ptr jpeg)
{
	struct reader *r = jpeg->client_data;

	if (r->jpeg.input_scan_number > SCANS_MAX)
		leave_reader(jpeg);
}

static void
reader_init(struct reader *r)
{
	memset(r, 0, sizeof(*r));
	r->jpeg.err = jpeg_std_error(&r->errors);
	r->errors.error_exit = leave_reader;
	r->errors.emit_message = judge_warning;
	r->errors.output_message = say_nothing;
	r->progress.progress_monitor = count_scans;
	r->jpeg.client_data = r;
}

/* What the library will hold until the last scan. */
static uint64_t
coefficient_bytes(struct jpeg_decompress_struct *jpeg)
{
	uint64_t n = 0;

	for (int i = 0; i < jpeg->num_components && jpeg_has_multiple_scans(jpeg); i++) {
		const jpeg_component_info *c = &jpeg->comp_info[i];

		n += (uint64_t)(c->width_in_blocks + 2) * (c->height_in_blocks + 2) * DCTSIZE2 * sizeof(JCOEF);
	}
	return n;
}

static void
read_header(struct reader *r, struct span file, struct picture_info *info)
{
	jpeg_create_decompress(&r->jpeg);
	r->jpeg.progress = &r->progress;
	jpeg_mem_src(&r->jpeg, file.p, (unsigned long)file.n);
	(void)jpeg_read_header(&r->jpeg, TRUE);
	info->width_px = r->jpeg.image_width;
	info->height_px = r->jpeg.image_height;
	info->baseline = !r->jpeg.progressive_mode && !r->jpeg.arith_code && r->jpeg.data_precision == 8 &&
			 !jpeg_has_multiple_scans(&r->jpeg);
}

static int
jpeg_probe(struct span file, struct picture_info *info)
{
	struct reader r;

	reader_init(&r);
	if (setjmp(r.broken) == 0)
		read_header(&r, file, info);
	jpeg_destroy_decompress(&r.jpeg);
	return r.err;
}

static void
read_rows(struct reader *r, uint8_t *luma)
{
	r->jpeg.out_color_space = JCS_GRAYSCALE;
	r->jpeg.dct_method = JDCT_ISLOW;
	(void)jpeg_start_decompress(&r->jpeg);
	while (r->jpeg.output_scanline < r->jpeg.output_height) {
		JSAMPROW row = luma + (size_t)r->jpeg.output_scanline * r->jpeg.output_width;

		(void)jpeg_read_scanlines(&r->jpeg, &row, 1);
	}
	(void)jpeg_finish_decompress(&r->jpeg);
}

static int
jpeg_luma(struct span file, uint32_t most_w, uint32_t most_h, struct space luma, struct picture_info *info)
{
	struct reader r;

	reader_init(&r);
	if (setjmp(r.broken) == 0) {
		read_header(&r, file, info);
		if (info->width_px > most_w || info->height_px > most_h ||
		    (uint64_t)info->width_px * info->height_px > luma.n)
			r.err = -EFBIG;
		else if (coefficient_bytes(&r.jpeg) > COEFFICIENTS_MAX)
			r.err = -ENOMEM;
		else
			read_rows(&r, luma.p);
	}
	jpeg_destroy_decompress(&r.jpeg);
	return r.err;
}

/* The library's numbers for a picture that ends early or is damaged are many; all mean the same to us. */
static int
png_error(int err)
{
	return err == 0 ? 0 : err == SPNG_EMEM ? -ENOMEM : -EBADMSG;
}

static int
png_header(spng_ctx *png, struct span file, struct picture_info *info)
{
	struct spng_ihdr ihdr;
	int err;

	err = spng_set_chunk_limits(png, PNG_CHUNK_MAX, PNG_CHUNK_MAX);
	if (err == 0)
		err = spng_set_png_buffer(png, file.p, file.n);
	if (err == 0)
		err = spng_get_ihdr(png, &ihdr);
	if (err != 0)
		return png_error(err);
	info->width_px = ihdr.width;
	info->height_px = ihdr.height;
	info->baseline = 0;
	return 0;
}

static int
png_probe(struct span file, struct picture_info *info)
{
	spng_ctx *png = spng_ctx_new(0);
	int err;

	if (png == NULL)
		return -ENOMEM;
	err = png_header(png, file, info);
	spng_ctx_free(png);
	return err;
}

/* Through colour, since the library turns only some kinds of picture into grey. */
static int
png_rows(spng_ctx *png, const struct picture_info *info, uint8_t *luma)
{
	size_t pixels = (size_t)info->width_px * info->height_px;
	uint8_t *rgb = mmap(NULL, pixels * 3, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int err;

	if (rgb == MAP_FAILED)
		return -ENOMEM;
	err = png_error(spng_decode_image(png, rgb, pixels * 3, SPNG_FMT_RGB8, 0));
	if (err == 0) /* to the end: only then is the check sum of the last data looked at */
		err = png_error(spng_decode_chunks(png));
	for (size_t i = 0; err == 0 && i < pixels; i++)
		luma[i] = (uint8_t)((77 * rgb[3 * i] + 150 * rgb[3 * i + 1] + 29 * rgb[3 * i + 2] + 128) >> 8);
	wipe(rgb, pixels * 3);
	(void)munmap(rgb, pixels * 3);
	return err;
}

static int
png_luma(struct span file, uint32_t most_w, uint32_t most_h, struct space luma, struct picture_info *info)
{
	spng_ctx *png = spng_ctx_new(0);
	int err;

	if (png == NULL)
		return -ENOMEM;
	err = png_header(png, file, info);
	if (err == 0 && (info->width_px > most_w || info->height_px > most_h ||
			 (uint64_t)info->width_px * info->height_px > luma.n))
		err = -EFBIG;
	if (err == 0)
		err = png_rows(png, info, luma.p);
	spng_ctx_free(png);
	return err;
}

static enum picture_kind
kind_of(struct span file)
{
	static const uint8_t jpeg[3] = {0xff, 0xd8, 0xff}, png[8] = {0x89, 'P', 'N', 'G', 13, 10, 26, 10};

	if (file.n > sizeof(jpeg) && memcmp(file.p, jpeg, sizeof(jpeg)) == 0)
		return PICTURE_JPEG;
	if (file.n > sizeof(png) && memcmp(file.p, png, sizeof(png)) == 0)
		return PICTURE_PNG;
	return PICTURE_NONE;
}

int
picture_probe(struct span file, struct picture_info *info)
{
	memset(info, 0, sizeof(*info));
	info->kind = kind_of(file);
	if (info->kind == PICTURE_NONE)
		return -EBADMSG;
	return info->kind == PICTURE_JPEG ? jpeg_probe(file, info) : png_probe(file, info);
}

int
picture_luma(struct span file, uint32_t most_width_px, uint32_t most_height_px, struct space luma,
	     struct picture_info *info)
{
	int err;

	memset(info, 0, sizeof(*info));
	info->kind = kind_of(file);
	if (info->kind == PICTURE_NONE)
		return -EBADMSG;
	err = info->kind == PICTURE_JPEG ? jpeg_luma(file, most_width_px, most_height_px, luma, info)
					 : png_luma(file, most_width_px, most_height_px, luma, info);
	if (err != 0 && err != -EFBIG)
		wipe(luma.p, luma.n);
	return err;
}

struct writer {
	struct jpeg_compress_struct jpeg;
	struct jpeg_error_mgr errors;
	struct jpeg_destination_mgr out;
	jmp_buf failed;
	int64_t n;
};

static _Noreturn void
leave_writer(j_common_ptr jpeg)
{
	struct writer *w = jpeg->client_data;

	longjmp(w->failed, 1);
}

/* The whole picture goes to the caller's memory; when that is full there is no more. */
static boolean
no_more_room(j_compress_ptr jpeg)
{
	leave_writer((j_common_ptr)jpeg);
}

static void
nothing_to_do(j_compress_ptr jpeg)
{
	(void)jpeg;
}

static void
write_rows(struct writer *w, const uint8_t *luma, uint32_t width_px, uint32_t height_px, uint32_t stride, int quality)
{
	jpeg_create_compress(&w->jpeg);
	w->jpeg.dest = &w->out;
	w->jpeg.image_width = width_px;
	w->jpeg.image_height = height_px;
	w->jpeg.input_components = 1;
	w->jpeg.in_color_space = JCS_GRAYSCALE;
	jpeg_set_defaults(&w->jpeg);
	jpeg_set_quality(&w->jpeg, quality, TRUE);
	jpeg_start_compress(&w->jpeg, TRUE);
	while (w->jpeg.next_scanline < height_px) {
		/* the library's rows are not const; it does not write to them */
		union { const uint8_t *in; JSAMPROW row; } u = {.in = luma + (size_t)w->jpeg.next_scanline * stride};

		(void)jpeg_write_scanlines(&w->jpeg, &u.row, 1);
	}
	jpeg_finish_compress(&w->jpeg);
}

int64_t
picture_to_jpeg(const uint8_t *luma, uint32_t width_px, uint32_t height_px, uint32_t stride_bytes, int quality_percent,
		struct space out)
{
	struct writer w;

	if (width_px < 1 || height_px < 1 || width_px > 65500 || height_px > 65500)
		return -EINVAL;
	memset(&w, 0, sizeof(w));
	w.n = -ENOSPC;
	w.jpeg.err = jpeg_std_error(&w.errors);
	w.errors.error_exit = leave_writer;
	w.errors.output_message = say_nothing;
	w.jpeg.client_data = &w;
	w.out = (struct jpeg_destination_mgr){.next_output_byte = out.p, .free_in_buffer = out.n,
		.init_destination = nothing_to_do, .empty_output_buffer = no_more_room, .term_destination = nothing_to_do};
	if (setjmp(w.failed) == 0) {
		write_rows(&w, luma, width_px, height_px, stride_bytes, quality_percent);
		w.n = (int64_t)(out.n - w.out.free_in_buffer);
	}
	jpeg_destroy_compress(&w.jpeg);
	return w.n;
}

const char *
picture_why(int err)
{
	switch (err) {
	case -EBADMSG: return "it is broken, ends early, or is no picture";
	case -EFBIG: return "it is larger than the largest frame";
	case -ENOMEM: return "decoding it takes more memory than there is";
	default: return strerror(err < 0 ? -err : err);
	}
}
