/*
 * leakscan: looks for pieces of pictures in files.
 *
 * What to look for comes on standard input, one needle of 24 to 64 bytes a line,
 * in hexadecimal; where to look, as arguments, files or folders. Links are not followed. Prints a line for each kind
 * of thing found in a file, and a last line of numbers. Exit status 0 nothing
 * found, 1 something found, 2 bad input.
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

#include "hal/canary.h"
#include "search.h"

struct totals {
	size_t files, bytes, found, unreadable;
	size_t of_kind[FOUND_SCALED + 1];
};

struct wish {
	int scaled;
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
			fprintf(stderr,
				"leakscan: line %zu of standard input is not %d to %d bytes in hexadecimal\n",
				number, NEEDLE_MIN, NEEDLE_MAX);
			return -EINVAL;
		}
	}
	return ferror(in) ? -EIO : 0;
}

static void
tell(const char *path, const struct findings *found, struct totals *t)
{
	for (size_t i = 0; i < found->n; i++) {
		const struct finding *f = &found->of[i];

		printf("%s: %zu x %s%s%s, the first at byte %zu\n", path, f->count, finding_kinds[f->kind],
		       f->within[0] ? " in " : "", f->within, f->first);
		t->of_kind[f->kind] += f->count;
	}
	t->found += found->count;
}

static int
scan_file(const struct search *search, const char *path, size_t n, struct totals *t)
{
	struct findings found = {.n = 0};
	void *map;
	int fd, err;

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
	err = search_all(search, SPAN(map, n), &found);
	tell(path, &found, t);
	return munmap(map, n) < 0 ? -errno : err;
}

static int
scan_all(const struct search *search, char **roots, struct totals *t)
{
	FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	FTSENT *e;

	if (walk == NULL)
		return -errno;
	while ((e = fts_read(walk)) != NULL) {
		int err = 0;

		if (e->fts_info == FTS_F)
			err = scan_file(search, e->fts_path, (size_t)e->fts_statp->st_size, t);
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

const char *argp_program_version = "leakscan 2";

static error_t
take_option(int key, char *arg, struct argp_state *state)
{
	struct wish *w = state->input;

	(void)arg;
	if (key != 's')
		return ARGP_ERR_UNKNOWN;
	w->scaled = 1;
	return 0;
}

static const struct argp_option options[] = {
    {"scaled", 's', NULL, 0, "also look for the painted canary at any scale (1 or 2 MB/s)", 0},
    {0},
};
static const struct argp argp = {
    .options = options,
    .parser = take_option,
    .args_doc = "FILE-OR-FOLDER...",
    .doc =
	"Looks for pieces of pictures in files: needles as they are, as hexadecimal and base64; JPEG and PNG streams; "
	"and in what these hold.\vNeedles come on standard input, in hexadecimal, one a line.",
};

static int
prepare(struct needles **set, struct scaled **scaled, int want_scaled)
{
	uint8_t canary[CANARY_CELLS];

	*set = needles_new();
	*scaled = want_scaled ? scaled_new() : NULL;
	if (*set == NULL || (want_scaled && *scaled == NULL))
		return -ENOMEM;
	scene_canary_row(canary);
	if (want_scaled && scaled_add(*scaled, canary) != 0)
		return -EINVAL;
	return read_needles(*set, stdin);
}

int
main(int argc, char **argv)
{
	struct totals t = {0};
	struct wish wish = {0};
	struct needles *set;
	struct scaled *scaled;
	int at, err;

	if (argp_parse(&argp, argc, argv, 0, &at, &wish) != 0 || at == argc) {
		fprintf(stderr, "leakscan: say where to look; try --help\n");
		return 2;
	}
	if (prepare(&set, &scaled, wish.scaled) < 0)
		return 2;
	err = scan_all(&(struct search){set, scaled}, argv + at, &t);
	if (err < 0)
		fprintf(stderr, "leakscan: %s\n", strerror(-err));
	printf("needles %zu files %zu bytes %zu", needles_count(set), t.files, t.bytes);
	for (size_t i = 0; i < ARRAY_SIZE(t.of_kind); i++)
		printf(" %s %zu", finding_kinds[i], t.of_kind[i]);
	printf(" found %zu\n", t.found);
	needles_free(set);
	scaled_free(scaled);
	if (err < 0 || t.unreadable)
		return 2;
	return t.found ? 1 : 0;
}
