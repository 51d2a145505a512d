/*
 * hal/camera/folder.h - the pictures of a folder, in the order of their names' bytes.
 */
#ifndef HAL_CAMERA_FOLDER_H
#define HAL_CAMERA_FOLDER_H

#include "base/base.h"

enum { FOLDER_NAME_BYTES = 256, FOLDER_NAMES_MAX = 1000000 };

struct folder {
	char (*names)[FOLDER_NAME_BYTES];
	size_t n, bytes;
};

/* Lists .jpg .jpeg .png .y4m in any case. Returns 0, -E2BIG over FOLDER_NAMES_MAX, or another -errno. */
int folder_list(struct folder *f, int dir_fd) MUST_CHECK;
void folder_free(struct folder *f);

/* 1 when the name ends so, in any case. */
int folder_ends(const char *name, const char *ending) MUST_CHECK;

#endif
