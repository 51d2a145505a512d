/*
 * leakscan/search.h - one buffer through all searches: needles, pictures, rows at any scale.
 *
 * Pictures that decode and text that spells bytes are searched again, as what
 * they stand for.
 */
#ifndef LEAKSCAN_SEARCH_H
#define LEAKSCAN_SEARCH_H

#include "needles.h"
#include "scaled.h"

enum finding_kind { FOUND_NEEDLE, FOUND_JPEG, FOUND_PNG, FOUND_SCALED };

extern const char *const finding_kinds[]; /* their names: needle, jpeg, png, scaled */

struct finding {
	enum finding_kind kind;
	char within[32]; /* "", or what it was found in: "base64", "jpeg 640x360" */
	size_t count;
	size_t first; /* offset in the buffer; inside something: of that */
};

enum { FINDINGS_MAX = 32 };

struct findings {
	size_t n, count; /* count: of all, also of those for which there was no place */
	struct finding of[FINDINGS_MAX];
};

struct search {
	const struct needles *needles;
	struct scaled *scaled; /* NULL: rows at other scales are not looked for */
};

/* Adds to *found. Returns 0, or -ENOMEM when something could not be looked into. */
int search_all(const struct search *s, struct span in, struct findings *found) MUST_CHECK;

#endif
