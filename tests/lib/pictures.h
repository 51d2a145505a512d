/*
 * tests/lib/pictures.h - makes the pictures that the camera and decoder tests read.
 */
#ifndef TESTS_PICTURES_H
#define TESTS_PICTURES_H

#include "base/base.h"

/* A smooth picture with some structure; `kind` shifts it. */
void picture_paint(uint8_t *luma, uint32_t w, uint32_t h, uint32_t kind);

enum jpeg_kind { JPEG_BASELINE, JPEG_PROGRESSIVE, JPEG_CMYK };

/* Encode colour (r = g = b = luma) or CMYK; return the length; `out` must be large enough. */
size_t picture_make_jpeg(uint8_t *out, size_t room, const uint8_t *luma, uint32_t w, uint32_t h, enum jpeg_kind kind);
size_t picture_make_png(uint8_t *out, size_t room, const uint8_t *luma, uint32_t w, uint32_t h);

void picture_store(int dir_fd, const char *name, const void *bytes, size_t n);
/* An empty folder of our own below the working directory's temporary place; removed by pictures_gone(). */
int pictures_folder(void);
void pictures_gone(int dir_fd);

#endif
