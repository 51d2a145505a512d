/*
 * Pictures and folders for tests.
 */
#include "pictures.h"

#include <dirent.h>
#include <fcntl.h>
#include <spng.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jpeglib.h>

void
picture_paint(uint8_t *luma, uint32_t w, uint32_t h, uint32_t kind)
{
	for (uint32_t y = 0; y < h; y++)
		for (uint32_t x = 0; x < w; x++)
			luma[y * w + x] = (uint8_t)(40 + (x * 120 + y * 40 + kind * 16) / (w + 1) + ((x / 16 + y / 16) % 2) * 30);
}

size_t
picture_make_jpeg(uint8_t *out, size_t room, const uint8_t *luma, uint32_t w, uint32_t h, enum jpeg_kind kind)
{
	struct jpeg_compress_struct jpeg;
	struct jpeg_error_mgr errors;
	unsigned char *made = NULL;
	unsigned long n = 0;
	int parts = kind == JPEG_CMYK ? 4 : 3;
	uint8_t *row = malloc((size_t)w * 4);

	jpeg.err = jpeg_std_error(&errors);
	jpeg_create_compress(&jpeg);
	jpeg_mem_dest(&jpeg, &made, &n);
	jpeg.image_width = w;
	jpeg.image_height = h;
	jpeg.input_components = parts;
	jpeg.in_color_space = parts == 4 ? JCS_CMYK : JCS_RGB;
	jpeg_set_defaults(&jpeg);
	jpeg_set_quality(&jpeg, 92, TRUE);
	if (kind == JPEG_PROGRESSIVE)
		jpeg_simple_progression(&jpeg);
	jpeg_start_compress(&jpeg, TRUE);
	for (uint32_t y = 0; y < h; y++) {
		for (uint32_t x = 0; x < w * (uint32_t)parts; x++)
			row[x] = luma[y * w + x / (uint32_t)parts];
		(void)jpeg_write_scanlines(&jpeg, &row, 1);
	}
	jpeg_finish_compress(&jpeg);
	jpeg_destroy_compress(&jpeg);
	free(row);
	CHECK(n <= room);
	memcpy(out, made, n);
	free(made);
	return n;
}

size_t
picture_make_png(uint8_t *out, size_t room, const uint8_t *luma, uint32_t w, uint32_t h)
{
	struct spng_ihdr ihdr = {.width = w, .height = h, .bit_depth = 8, .color_type = SPNG_COLOR_TYPE_GRAYSCALE};
	spng_ctx *png = spng_ctx_new(SPNG_CTX_ENCODER);
	size_t n = 0;
	int err;
	void *made;

	CHECK(spng_set_option(png, SPNG_ENCODE_TO_BUFFER, 1) == 0 && spng_set_ihdr(png, &ihdr) == 0);
	CHECK(spng_encode_image(png, luma, (size_t)w * h, SPNG_FMT_PNG, SPNG_ENCODE_FINALIZE) == 0);
	made = spng_get_png_buffer(png, &n, &err);
	CHECK(made != NULL && n <= room);
	memcpy(out, made, n);
	free(made);
	spng_ctx_free(png);
	return n;
}

void
picture_store(int dir_fd, const char *name, const void *bytes, size_t n)
{
	int fd = openat(dir_fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	CHECK(fd >= 0 && write(fd, bytes, n) == (ssize_t)n && close(fd) == 0);
}

static char folder_name[64];

int
pictures_folder(void)
{
	int fd;

	(void)snprintf(folder_name, sizeof(folder_name), "/tmp/laneseal-pictures-XXXXXX");
	CHECK(mkdtemp(folder_name) != NULL);
	fd = open(folder_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CHECK(fd >= 0);
	return fd;
}

void
pictures_gone(int dir_fd)
{
	DIR *dir = fdopendir(dir_fd);
	struct dirent *entry;

	CHECK(dir != NULL);
	rewinddir(dir);
	while ((entry = readdir(dir)) != NULL)
		if (unlinkat(dirfd(dir), entry->d_name, 0) < 0)
			(void)unlinkat(dirfd(dir), entry->d_name, AT_REMOVEDIR);
	(void)closedir(dir);
	(void)rmdir(folder_name);
}
