/*
 * The film of a soft camera, and its frames in each format. Colour is neutral.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jpeglib.h>

#include "softcam.h"

enum { HEADER_MAX = 256, QUALITY = 92 };

static const char frame_word[] = "FRAME\n";

static int
take_header(struct film *f)
{
	char text[HEADER_MAX + 1] = "";
	size_t n = f->n < HEADER_MAX ? f->n : HEADER_MAX;
	const char *end;

	memcpy(text, f->bytes, n);
	end = strchr(text, '\n');
	if (end == NULL || sscanf(text, "YUV4MPEG2 W%u H%u ", &f->width_px, &f->height_px) != 2 ||
	    strstr(text, " Cmono\n") == NULL || f->width_px < 16 || f->width_px > 8192 || f->height_px < 16 ||
	    f->height_px > 8192)
		return -EINVAL;
	f->first = (size_t)(end - text) + 1 + strlen(frame_word);
	f->step = (size_t)f->width_px * f->height_px + strlen(frame_word);
	if (f->n < f->first)
		return -EINVAL;
	f->frames = (uint32_t)((f->n - f->first + strlen(frame_word)) / f->step);
	for (uint32_t i = 0; i < f->frames; i++)
		if (memcmp(f->bytes + f->first + i * f->step - strlen(frame_word), frame_word,
			   strlen(frame_word)) != 0)
			return -EINVAL;
	return f->frames == 0 ? -EINVAL : 0;
}

int
film_open(struct film *f, const char *path)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC), err = 0;
	void *p;

	memset(f, 0, sizeof(*f));
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		err = -errno;
	else if (st.st_size == 0)
		err = -EINVAL;
	if (err == 0) {
		f->n = (size_t)st.st_size;
		p = mmap(NULL, f->n, PROT_READ, MAP_PRIVATE, fd, 0);
		err = p == MAP_FAILED ? -errno : 0;
		f->bytes = err == 0 ? p : NULL;
	}
	(void)close(fd);
	return err < 0 ? err : take_header(f);
}

size_t
film_frame_max(const struct film *f, enum look look)
{
	size_t plane = (size_t)f->width_px * f->height_px;

	return look == LOOK_GREY ? plane : look == LOOK_NV12 ? plane + plane / 2 : 2 * plane;
}

static size_t
to_jpeg(const struct film *f, const uint8_t *luma, uint8_t *out, size_t most)
{
	struct jpeg_compress_struct jpeg;
	struct jpeg_error_mgr errors;
	unsigned char *packed = NULL;
	unsigned long n = 0;

	jpeg.err = jpeg_std_error(&errors); /* which ends the program: it is a test's */
	jpeg_create_compress(&jpeg);
	jpeg_mem_dest(&jpeg, &packed, &n);
	jpeg.image_width = f->width_px;
	jpeg.image_height = f->height_px;
	jpeg.input_components = 1;
	jpeg.in_color_space = JCS_GRAYSCALE;
	jpeg_set_defaults(&jpeg);
	jpeg_set_quality(&jpeg, QUALITY, TRUE);
	jpeg_start_compress(&jpeg, TRUE);
	while (jpeg.next_scanline < jpeg.image_height) {
		/* The library's rows are not const, and it does not write to them. */
		JSAMPROW row = (JSAMPROW)(uintptr_t)(luma + (size_t)jpeg.next_scanline * f->width_px);

		(void)jpeg_write_scanlines(&jpeg, &row, 1);
	}
	jpeg_finish_compress(&jpeg);
	jpeg_destroy_compress(&jpeg);
	n = n <= most ? n : 0;
	memcpy(out, packed, n);
	free(packed);
	return n;
}

void
film_light(const struct film *f, uint32_t index, uint32_t permille, uint8_t *out)
{
	const uint8_t *luma = f->bytes + f->first + (index < f->frames ? index : f->frames - 1) * f->step;

	for (size_t i = 0; i < (size_t)f->width_px * f->height_px; i++) {
		uint64_t lit = (uint64_t)luma[i] * permille / 1000;

		out[i] = lit > 255 ? 255 : (uint8_t)lit;
	}
}

size_t
film_frame(const struct film *f, uint32_t index, enum look look, uint8_t *out, size_t most)
{
	const uint8_t *luma = f->bytes + f->first + (index < f->frames ? index : f->frames - 1) * f->step;
	size_t plane = (size_t)f->width_px * f->height_px, n = film_frame_max(f, look);

	if (n > most)
		return 0;
	switch (look) {
	case LOOK_GREY:
		memcpy(out, luma, plane);
		break;
	case LOOK_NV12:
		memcpy(out, luma, plane);
		memset(out + plane, 128, plane / 2);
		break;
	case LOOK_YUYV:
		for (size_t i = 0; i < plane; i++) {
			out[2 * i] = luma[i];
			out[2 * i + 1] = 128;
		}
		break;
	case LOOK_MJPEG:
		return to_jpeg(f, luma, out, most);
	}
	return n;
}
