/*
 * Lists the pictures of a folder. Counts first, so that the list is as large as
 * it has to be and lies outside any heap.
 */
#include "folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "simulated.h"

int
folder_ends(const char *name, const char *ending)
{
	size_t n = strlen(name), k = strlen(ending);

	return n > k && strcasecmp(name + n - k, ending) == 0;
}

static int
is_picture(const char *name)
{
	static const char *const endings[] = {".jpg", ".jpeg", ".png", ".y4m"};

	for (size_t i = 0; i < ARRAY_SIZE(endings); i++)
		if (folder_ends(name, endings[i]))
			return name[0] != '.';
	return 0;
}

static int
by_bytes(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* Without f->names it only counts. A folder that grows meanwhile is taken as it was when counted. */
static int
walk(struct folder *f, DIR *dir, size_t most)
{
	struct dirent *entry;

	rewinddir(dir);
	f->n = 0;
	errno = 0;
	while (f->n < most && (entry = readdir(dir)) != NULL) {
		if (!is_picture(entry->d_name) || strlen(entry->d_name) >= FOLDER_NAME_BYTES)
			continue;
		if (f->names != NULL)
			memcpy(f->names[f->n], entry->d_name, strlen(entry->d_name) + 1);
		f->n++;
	}
	return f->n < most && errno != 0 ? -errno : 0;
}

int
folder_list(struct folder *f, int dir_fd)
{
	int fd = dup(dir_fd), err;
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;

	memset(f, 0, sizeof(*f));
	if (dir == NULL) {
		err = -errno;
		if (fd >= 0)
			(void)close(fd);
		return err;
	}
	err = walk(f, dir, FOLDER_NAMES_MAX + 1);
	if (err == 0 && f->n > FOLDER_NAMES_MAX)
		err = -E2BIG;
	if (err == 0 && f->n > 0) {
		f->bytes = f->n * FOLDER_NAME_BYTES;
		f->names = pages_take(f->bytes);
		err = f->names == NULL ? -ENOMEM : walk(f, dir, f->n);
	}
	(void)closedir(dir);
	if (err < 0) {
		folder_free(f);
		return err;
	}
	if (f->n > 1)
		qsort(f->names, f->n, FOLDER_NAME_BYTES, by_bytes);
	return 0;
}

void
folder_free(struct folder *f)
{
	pages_free(f->names, f->bytes);
	memset(f, 0, sizeof(*f));
}
