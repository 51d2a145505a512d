/*
 * leakscan: looks for pieces of pictures in files.
 *
 * What to look for comes on standard input, one needle of 24 to 64 bytes a line,
 * in hexadecimal; where to look, as arguments, files or folders. Links are not
 * followed. Prints a line for each file in which something was found, and a last
 * line of numbers. Exit status 0 nothing found, 1 something found, 2 bad input.
 */
#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "needles.h"

struct totals {
	size_t files, bytes, found, unreadable;
};

static int
digit(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

static int
read_needle(const char *line, uint8_t *out, size_t *n)
{
	size_t digits = strcspn(line, "\r\n");

	if (digits % 2 != 0 || digits > 2 * NEEDLE_MAX)
		return -EINVAL;
	*n = digits / 2;
	for (size_t i = 0; i < *n; i++) {
		int high = digit(line[2 * i]), low = digit(line[2 * i + 1]);

		if (high < 0 || low < 0)
			return -EINVAL;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return 0;
}

static int
read_needles(struct needles *set, FILE *in)
{
	char line[2 * NEEDLE_MAX + 4];
	uint8_t needle[NEEDLE_MAX];
	size_t n, number = 0;

	while (fgets(line, sizeof(line), in) != NULL) {
		number++;
		if (read_needle(line, needle, &n) < 0 || needles_add(set, SPAN(needle, n)) < 0) {
			fprintf(stderr, "leakscan: line %zu of standard input is not %d to %d bytes in hexadecimal\n",
				number, NEEDLE_MIN, NEEDLE_MAX);
			return -EINVAL;
		}
	}
	return ferror(in) ? -EIO : 0;
}

static int
scan_file(const struct needles *set, const char *path, size_t n, struct totals *t)
{
	size_t first = 0, found;
	struct span all;
	void *map;
	int fd;

	t->files++;
	t->bytes += n;
	if (n == 0)
		return 0;
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	map = mmap(NULL, n, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (map == MAP_FAILED)
		return -errno;
	all = SPAN(map, n);
	found = needles_find(set, all, &first);
	found += found ? 0 : pictures_find(all, &first);
	if (found)
		printf("%s: %zu found, the first at byte %zu\n", path, found, first);
	t->found += found;
	return munmap(map, n) < 0 ? -errno : 0;
}

static int
scan_all(const struct needles *set, char **roots, struct totals *t)
{
	FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	FTSENT *e;

	if (walk == NULL)
		return -errno;
	while ((e = fts_read(walk)) != NULL) {
		int err = 0;

		if (e->fts_info == FTS_F)
			err = scan_file(set, e->fts_path, (size_t)e->fts_statp->st_size, t);
		else if (e->fts_info == FTS_DNR || e->fts_info == FTS_ERR || e->fts_info == FTS_NS)
			err = -e->fts_errno;
		if (err < 0) {
			/* What was not read was not searched: that must not look like "nothing found". */
			fprintf(stderr, "leakscan: cannot read %s: %s\n", e->fts_path, strerror(-err));
			t->unreadable++;
		}
	}
	fts_close(walk);
	return 0;
}

const char *argp_program_version = "leakscan 1";
static const struct argp argp = {
	.args_doc = "FILE-OR-FOLDER...",
	.doc = "Looks for pieces of pictures in files.\vNeedles come on standard input, in hexadecimal, one a line.",
};

int
main(int argc, char **argv)
{
	struct totals t = {0};
	struct needles *set;
	int at, err;

	if (argp_parse(&argp, argc, argv, 0, &at, NULL) != 0 || at == argc) {
		fprintf(stderr, "leakscan: say where to look; try --help\n");
		return 2;
	}
	set = needles_new();
	if (set == NULL || read_needles(set, stdin) < 0)
		return 2;
	err = scan_all(set, argv + at, &t);
	if (err < 0)
		fprintf(stderr, "leakscan: %s\n", strerror(-err));
	printf("needles %zu files %zu bytes %zu found %zu\n", needles_count(set), t.files, t.bytes, t.found);
	needles_free(set);
	if (err < 0 || t.unreadable)
		return 2;
	return t.found ? 1 : 0;
}
