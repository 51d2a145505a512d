/*
 * The order of the searches, and the way into what is encoded. Two levels are
 * enough for a picture written down as text.
 */
#include "search.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hal/picture.h"
#include "spelled.h"

enum { LEVELS = 2, PICTURE_SIDE_MAX = 8192 };

const char *const finding_kinds[] = {"needle", "jpeg", "png", "scaled"};

struct inside {
	const struct search *s;
	struct findings *found;
	const char *within;
	int level, err;
	size_t at; /* of the encoded thing in the outermost buffer */
};

static int look(const struct inside *in, struct span bytes);

static void
note(const struct inside *in, enum finding_kind kind, size_t count, size_t at)
{
	struct findings *all = in->found;
	struct finding *f = all->of;

	all->count += count;
	while (f < all->of + all->n && (f->kind != kind || strcmp(f->within, in->within) != 0))
		f++;
	if (f == all->of + FINDINGS_MAX)
		return;
	if (f == all->of + all->n) {
		*f = (struct finding){.kind = kind, .first = in->level ? in->at : at};
		snprintf(f->within, sizeof(f->within), "%s", in->within);
		all->n++;
	}
	f->count += count;
}

static int
look_into_picture(const struct inside *in, struct span file, size_t at, enum finding_kind kind)
{
	struct inside deeper = *in;
	struct picture_info info;
	char within[32];
	struct space luma;
	int err;

	if (in->level == LEVELS || picture_probe(file, &info) < 0 || info.width_px > PICTURE_SIDE_MAX ||
	    info.height_px > PICTURE_SIDE_MAX)
		return 0;
	luma = SPACE(NULL, (size_t)info.width_px * info.height_px);
	luma.p = malloc(luma.n);
	if (luma.p == NULL)
		return -ENOMEM;
	err = picture_luma(file, PICTURE_SIDE_MAX, PICTURE_SIDE_MAX, luma, &info);
	if (err == 0) {
		snprintf(within, sizeof(within), "%s %ux%u", finding_kinds[kind], info.width_px,
			 info.height_px);
		deeper.within = within;
		deeper.level++;
		deeper.at = in->level ? in->at : at;
		err = look(&deeper, SPAN(luma.p, luma.n));
	}
	free(luma.p);
	return err == -ENOMEM ? err : 0;
}

static int
look_for_pictures(const struct inside *in, struct span bytes)
{
	int err = 0;

	for (size_t at = 0; at < bytes.n && err == 0; at++) {
		enum picture_kind kind;

		at += pictures_next(SPAN(bytes.p + at, bytes.n - at), &kind);
		if (kind == PICTURE_NONE)
			break;
		note(in, kind == PICTURE_JPEG ? FOUND_JPEG : FOUND_PNG, 1, at);
		err = look_into_picture(in, SPAN(bytes.p + at, bytes.n - at), at,
					kind == PICTURE_JPEG ? FOUND_JPEG : FOUND_PNG);
	}
	return err;
}

static void
heard(void *arg, struct span bytes, const char *alphabet, size_t from)
{
	struct inside *in = arg, deeper = *in;

	deeper.within = alphabet;
	deeper.level++;
	deeper.at = in->level ? in->at : from;
	if (in->err == 0)
		in->err = look(&deeper, bytes);
}

static int
look(const struct inside *in, struct span bytes)
{
	struct inside spelled = *in;
	size_t n, first = 0;
	int err;

	n = needles_find(in->s->needles, bytes, &first);
	if (n > 0)
		note(in, FOUND_NEEDLE, n, first);
	n = in->s->scaled != NULL ? scaled_find(in->s->scaled, bytes, &first) : 0;
	if (n > 0)
		note(in, FOUND_SCALED, n, first);
	err = look_for_pictures(in, bytes);
	if (err < 0 || in->level == LEVELS)
		return err;
	err = spelled_read(bytes, heard, &spelled);
	return err < 0 ? err : spelled.err;
}

int
search_all(const struct search *s, struct span in, struct findings *found)
{
	struct inside top = {.s = s, .found = found, .within = ""};

	return look(&top, in);
}
