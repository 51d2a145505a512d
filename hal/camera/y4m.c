/*
 * The header of a YUV4MPEG2 file: words behind one letter each, one line.
 */
#include "y4m.h"

#include <errno.h>
#include <string.h>

/* Chroma of each kind, as shares of a halved width and height: 0 none, 1 full, 2 half. */
static const struct {
	const char *name;
	uint32_t across, down;
} kinds[] = {
	{"420", 2, 2}, {"420jpeg", 2, 2}, {"420mpeg2", 2, 2}, {"420paldv", 2, 2},
	{"422", 2, 1}, {"444", 1, 1}, {"mono", 0, 0},
};

static int
number_of(const char *p, size_t n, uint32_t *value)
{
	*value = 0;
	for (size_t i = 0; i < n; i++) {
		if (p[i] < '0' || p[i] > '9' || *value > 99999)
			return -EBADMSG;
		*value = *value * 10 + (uint32_t)(p[i] - '0');
	}
	return n > 0 && *value > 0 ? 0 : -EBADMSG;
}

static int
take_word(struct y4m *y, const char *word, size_t n, size_t *kind)
{
	if (n == 0)
		return 0;
	if (word[0] == 'W')
		return number_of(word + 1, n - 1, &y->width_px);
	if (word[0] == 'H')
		return number_of(word + 1, n - 1, &y->height_px);
	if (word[0] != 'C')
		return 0; /* rate, interlacing, aspect and notes say nothing about where the bytes lie */
	for (*kind = 0; *kind < ARRAY_SIZE(kinds); ++*kind)
		if (strlen(kinds[*kind].name) == n - 1 && memcmp(kinds[*kind].name, word + 1, n - 1) == 0)
			return 0;
	return -ENOTSUP;
}

int
y4m_header(struct y4m *y, struct span bytes)
{
	static const char magic[] = "YUV4MPEG2 ";
	const uint8_t *end = memchr(bytes.p, '\n', bytes.n < Y4M_HEADER_MAX ? bytes.n : Y4M_HEADER_MAX);
	const char *p = (const char *)bytes.p;
	size_t kind = 0, at = sizeof(magic) - 1, n, plane, chroma = 0;
	int err = 0;

	memset(y, 0, sizeof(*y));
	if (end == NULL || (size_t)(end - bytes.p) < at || memcmp(p, magic, at) != 0)
		return -EBADMSG;
	n = (size_t)(end - bytes.p);
	while (err == 0 && at < n) {
		const char *space = memchr(p + at, ' ', n - at);
		size_t word = space != NULL ? (size_t)(space - p) - at : n - at;

		err = take_word(y, p + at, word, &kind);
		at += word + 1;
	}
	if (err < 0)
		return err;
	if (y->width_px == 0 || y->height_px == 0)
		return -EBADMSG;
	plane = (size_t)y->width_px * y->height_px;
	if (kinds[kind].across != 0)
		chroma = (size_t)((y->width_px + kinds[kind].across - 1) / kinds[kind].across) *
			 ((y->height_px + kinds[kind].down - 1) / kinds[kind].down);
	y->header_bytes = n + 1;
	y->frame_bytes = plane + 2 * chroma;
	return 0;
}

int
y4m_frame_header(struct span bytes)
{
	const uint8_t *end = memchr(bytes.p, '\n', bytes.n < Y4M_FRAME_HEADER_MAX ? bytes.n : Y4M_FRAME_HEADER_MAX);

	if (end == NULL || end - bytes.p < 5 || memcmp(bytes.p, "FRAME", 5) != 0)
		return -EBADMSG;
	if (end - bytes.p > 5 && bytes.p[5] != ' ')
		return -EBADMSG;
	return (int)(end - bytes.p) + 1;
}
