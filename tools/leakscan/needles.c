/*
 * The search behind leakscan. A form of a needle is one of the ways its bytes can
 * be written down; the table maps the first eight bytes of each form to it.
 */
#include "needles.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_BYTES = 8, FORM_MAX = 2 * NEEDLE_MAX, FORMS = 6, FILTER_BITS = 1 << 22 };

struct form {
	uint64_t key;
	uint32_t next; /* index + 1 of the next form with the same slot; 0: none */
	uint8_t n;
	uint8_t bytes[FORM_MAX];
};

struct needles {
	size_t count;
	size_t used, room;
	struct form *forms;
	uint32_t *slots;                 /* index + 1 of the first form */
	size_t n_slots;                  /* a power of two, at least twice the forms */
	uint64_t seen[FILTER_BITS / 64]; /* fits a near cache: most offsets of an honest file end here */
};

static uint64_t
key_of(const uint8_t *p)
{
	uint64_t key;

	memcpy(&key, p, sizeof(key));
	return key;
}

static uint64_t
hash_of(uint64_t key)
{
	return key * 0x9e3779b97f4a7c15u;
}

static size_t
slot_of(const struct needles *set, uint64_t key)
{
	return (size_t)(hash_of(key) >> 32) & (set->n_slots - 1);
}

static size_t
filter_bit(uint64_t key)
{
	return (size_t)(hash_of(key) >> 42);
}
_Static_assert(FILTER_BITS == 1 << (64 - 42), "a filter bit is the top of the hash");

struct needles *
needles_new(void)
{
	return calloc(1, sizeof(struct needles));
}

void
needles_free(struct needles *set)
{
	if (set == NULL)
		return;
	free(set->forms);
	free(set->slots);
	free(set);
}

static void
link_form(struct needles *set, size_t i)
{
	size_t slot = slot_of(set, set->forms[i].key);

	set->forms[i].next = set->slots[slot];
	set->slots[slot] = (uint32_t)i + 1;
	set->seen[filter_bit(set->forms[i].key) / 64] |= 1ULL << filter_bit(set->forms[i].key) % 64;
}

static int
grow(struct needles *set)
{
	size_t room = set->room ? 2 * set->room : 1024;
	struct form *forms = realloc(set->forms, room * sizeof(*forms));
	uint32_t *slots;

	if (forms == NULL)
		return -ENOMEM;
	set->forms = forms;
	slots = calloc(2 * room, sizeof(*slots));
	if (slots == NULL)
		return -ENOMEM;
	free(set->slots);
	set->slots = slots;
	set->n_slots = 2 * room;
	set->room = room;
	for (size_t i = 0; i < set->used; i++)
		link_form(set, i);
	return 0;
}

static int
add_form(struct needles *set, const uint8_t *bytes, size_t n)
{
	struct form *f;

	if (set->used == set->room && grow(set) < 0)
		return -ENOMEM;
	f = &set->forms[set->used];
	f->key = key_of(bytes);
	f->n = (uint8_t)n;
	memcpy(f->bytes, bytes, n);
	link_form(set, set->used++);
	return 0;
}

static size_t
to_hex(uint8_t *out, struct span in, const char *digits)
{
	for (size_t i = 0; i < in.n; i++) {
		out[2 * i] = (uint8_t)digits[in.p[i] >> 4];
		out[2 * i + 1] = (uint8_t)digits[in.p[i] & 15];
	}
	return 2 * in.n;
}

/* Whole groups of three bytes only: what stands before and after the needle does not matter then. */
static size_t
to_base64(uint8_t *out, struct span in)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t n = 0;

	for (size_t i = 0; i + 3 <= in.n; i += 3) {
		uint32_t v = (uint32_t)in.p[i] << 16 | (uint32_t)in.p[i + 1] << 8 | in.p[i + 2];

		for (int shift = 18; shift >= 0; shift -= 6)
			out[n++] = (uint8_t)digits[v >> shift & 63];
	}
	return n;
}

/* A flat stretch (a black border, zero padding) would be found in honest files. */
static int
is_plain(struct span needle)
{
	uint8_t seen[256] = {0};
	int different = 0;

	for (size_t i = 0; i < needle.n; i++) {
		different += !seen[needle.p[i]];
		seen[needle.p[i]] = 1;
	}
	return different < KEY_BYTES;
}

int
needles_add(struct needles *set, struct span needle)
{
	uint8_t form[FORM_MAX];
	int err;

	if (needle.n < NEEDLE_MIN || needle.n > NEEDLE_MAX)
		return -EINVAL;
	if (is_plain(needle))
		return 1;
	err = add_form(set, needle.p, needle.n);
	if (err == 0)
		err = add_form(set, form, to_hex(form, needle, "0123456789abcdef"));
	if (err == 0)
		err = add_form(set, form, to_hex(form, needle, "0123456789ABCDEF"));
	for (size_t shift = 0; shift < 3 && err == 0; shift++)
		err = add_form(set, form, to_base64(form, SPAN(needle.p + shift, needle.n - shift)));
	if (err == 0)
		set->count++;
	return err;
}

size_t
needles_count(const struct needles *set)
{
	return set->count;
}

size_t
needles_find(const struct needles *set, struct span in, size_t *first)
{
	size_t found = 0;

	if (set->used == 0)
		return 0;
	for (size_t at = 0; at + KEY_BYTES <= in.n; at++) {
		uint64_t key = key_of(in.p + at);
		size_t bit = filter_bit(key);

		if ((set->seen[bit / 64] >> bit % 64 & 1) == 0)
			continue;
		for (uint32_t i = set->slots[slot_of(set, key)]; i != 0; i = set->forms[i - 1].next) {
			const struct form *f = &set->forms[i - 1];

			if (f->key != key || f->n > in.n - at || memcmp(f->bytes, in.p + at, f->n) != 0)
				continue;
			if (found++ == 0)
				*first = at;
			break;
		}
	}
	return found;
}

static int
is_jpeg(const uint8_t *p, size_t n)
{
	if (n < 12 || p[0] != 0xff || p[1] != 0xd8 || p[2] != 0xff)
		return 0;
	if (p[3] == 0xe0)
		return memcmp(p + 6, "JFIF", 5) == 0;
	if (p[3] == 0xe1)
		return memcmp(p + 6, "Exif", 4) == 0;
	/* A bare quantisation table: length 67 or 132, table number 0..3, 8 bit. */
	return p[3] == 0xdb && p[4] == 0 && (p[5] == 67 || p[5] == 132) && p[6] < 4;
}

static int
is_png(const uint8_t *p, size_t n)
{
	return n >= 8 && memcmp(p, "\x89PNG\r\n\x1a\n", 8) == 0;
}

size_t
pictures_next(struct span in, enum picture_kind *kind)
{
	for (size_t at = 0; at < in.n; at++) {
		*kind = is_jpeg(in.p + at, in.n - at)  ? PICTURE_JPEG
			: is_png(in.p + at, in.n - at) ? PICTURE_PNG
						       : PICTURE_NONE;
		if (*kind != PICTURE_NONE)
			return at;
	}
	*kind = PICTURE_NONE;
	return in.n;
}
