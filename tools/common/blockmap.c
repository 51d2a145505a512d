/*
 * Reads a block map. Expat parses the XML; what is inside must fit to the last
 * number, since every range becomes a write to a disk.
 */
#include <errno.h>
#include <expat.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "blockmap.h"

#if XML_MINOR_VERSION < 9
/* Newer ones call the old name deprecated. */
#define XML_GetCurrentLineNumber64 XML_GetCurrentLineNumber
#endif

enum field {
	NOWHERE,
	IMAGE_SIZE,
	BLOCK_SIZE,
	BLOCKS_COUNT,
	MAPPED_COUNT,
	CHECKSUM_TYPE,
	OTHER,
	RANGE,
	FIELDS
};
enum { TEXT_BYTES = 128 };

static const char *const names[FIELDS] = {
    [IMAGE_SIZE] = "ImageSize",
    [BLOCK_SIZE] = "BlockSize",
    [BLOCKS_COUNT] = "BlocksCount",
    [MAPPED_COUNT] = "MappedBlocksCount",
    [CHECKSUM_TYPE] = "ChecksumType",
    [OTHER] = "BmapFileChecksum",
    [RANGE] = "Range",
};

struct reading {
	XML_Parser parser;
	struct blockmap *map;
	size_t room;
	enum field field;
	int depth, in_map;
	unsigned int seen[FIELDS];
	uint64_t values[FIELDS];
	char text[TEXT_BYTES];
	size_t n_text;
	struct blockmap_range range;
	int err;
	char *why;
};

static void
refuse(struct reading *r, int err, const char *what)
{
	if (r->err)
		return;
	r->err = err;
	(void)snprintf(r->why, BLOCKMAP_WHY_BYTES, "line %lu: %s",
		       (unsigned long)XML_GetCurrentLineNumber64(r->parser), what);
	(void)XML_StopParser(r->parser, XML_FALSE);
}

static int
hex_digit(char c)
{
	const char *digits = "0123456789abcdef", *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

static int
take_hash(const char *text, uint8_t hash[CRYPTO_HASH_BYTES])
{
	if (strlen(text) != 2 * CRYPTO_HASH_BYTES)
		return -EBADMSG;
	for (size_t i = 0; i < CRYPTO_HASH_BYTES; i++) {
		int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return -EBADMSG;
		hash[i] = (uint8_t)(high << 4 | low);
	}
	return 0;
}

/* Digits only, no sign, and it must fit. Moves *at behind them. */
static int
take_number(const char **at, uint64_t *n)
{
	const char *begin = *at;

	for (*n = 0; **at >= '0' && **at <= '9'; (*at)++) {
		uint64_t digit = (uint64_t)(**at - '0');

		if (*n > (UINT64_MAX - digit) / 10)
			return -EBADMSG;
		*n = *n * 10 + digit;
	}
	return *at > begin ? 0 : -EBADMSG;
}

static void
begin_range(struct reading *r, const char **attributes)
{
	int err = -EBADMSG;

	for (size_t i = 0; attributes[i]; i += 2)
		if (strcmp(attributes[i], "chksum") == 0)
			err = take_hash(attributes[i + 1], r->range.hash);
	if (err < 0)
		refuse(r, -EBADMSG, "a Range has no chksum of 64 hexadecimal digits");
}

static void
begin_root(struct reading *r, const char *name, const char **attributes)
{
	const char *version = NULL;

	for (size_t i = 0; attributes[i]; i += 2)
		if (strcmp(attributes[i], "version") == 0)
			version = attributes[i + 1];
	if (strcmp(name, "bmap") != 0)
		refuse(r, -EBADMSG, "is not a block map: its first element is not bmap");
	else if (!version || strncmp(version, "2.", 2) != 0)
		refuse(r, -EBADMSG, "the version of the block map is not 2");
}

static void XMLCALL
on_begin(void *arg, const char *name, const char **attributes)
{
	struct reading *r = arg;

	if (r->field != NOWHERE) {
		refuse(r, -EBADMSG, "an element stands inside a value");
		return;
	}
	if (r->depth++ == 0) {
		begin_root(r, name, attributes);
		return;
	}
	if (!r->in_map && r->depth == 2 && strcmp(name, "BlockMap") == 0) {
		r->in_map = 1;
		return;
	}
	for (enum field f = IMAGE_SIZE; f < FIELDS; f++)
		if (strcmp(name, names[f]) == 0 && (f == RANGE) == r->in_map)
			r->field = f;
	if (r->field == NOWHERE || (r->field != RANGE && r->seen[r->field]++)) {
		refuse(r, -EBADMSG, "an element is unknown, out of place, or there twice");
		return;
	}
	r->n_text = 0;
	if (r->field == RANGE)
		begin_range(r, attributes);
}

static void XMLCALL
on_text(void *arg, const char *text, int n)
{
	struct reading *r = arg;

	for (int i = 0; i < n; i++) {
		if (strchr(" \t\r\n", text[i]) && text[i])
			continue;
		if (r->field == NOWHERE || !text[i] || r->n_text == TEXT_BYTES - 1) {
			refuse(r, -EBADMSG, "text where none belongs, or too long");
			return;
		}
		r->text[r->n_text++] = text[i];
	}
}

static void
add_range(struct reading *r)
{
	struct blockmap *m = r->map;
	const char *at = r->text;
	uint64_t blocks = r->values[IMAGE_SIZE] / BLOCKMAP_BLOCK_BYTES;
	int err = take_number(&at, &r->range.first);

	r->range.last = r->range.first;
	if (err == 0 && *at == '-') {
		at++;
		err = take_number(&at, &r->range.last);
	}
	if (err < 0 || *at || r->range.last < r->range.first || r->range.last >= blocks)
		refuse(r, -EBADMSG, "a Range is not FIRST-LAST within the image");
	else if (m->n > 0 && r->range.first <= m->ranges[m->n - 1].last)
		refuse(r, -EBADMSG, "the Ranges overlap or are out of order");
	else if (m->n == BLOCKMAP_RANGES_MAX)
		refuse(r, -EBADMSG, "there are too many Ranges");
	if (r->err)
		return;
	if (m->n == r->room) {
		size_t room = r->room ? 2 * r->room : 64;
		struct blockmap_range *more = reallocarray(m->ranges, room, sizeof(*more));

		if (!more) {
			refuse(r, -ENOMEM, "not enough memory");
			return;
		}
		m->ranges = more;
		r->room = room;
	}
	m->ranges[m->n++] = r->range;
}

static void XMLCALL
on_end(void *arg, const char *name)
{
	struct reading *r = arg;
	const char *at = r->text;
	enum field f = r->field;

	(void)name;
	r->text[r->n_text] = 0;
	r->field = NOWHERE;
	r->depth--;
	if (f == NOWHERE) {
		r->in_map = 0;
	} else if (f == RANGE) {
		add_range(r);
	} else if (f == CHECKSUM_TYPE) {
		if (strcmp(r->text, "sha256") != 0)
			refuse(r, -EBADMSG, "ChecksumType is not sha256");
	} else if (f != OTHER && (take_number(&at, &r->values[f]) < 0 || *at)) {
		refuse(r, -EBADMSG, "a number is not one");
	}
}

static void XMLCALL
on_doctype(void *arg, const char *name, const char *system, const char *public, int internal)
{
	(void)name, (void)system, (void)public, (void)internal;
	refuse(arg, -EBADMSG, "has a DOCTYPE, which no block map needs");
}

static void
check_whole(struct reading *r)
{
	uint64_t mapped = 0;

	for (enum field f = IMAGE_SIZE; f <= CHECKSUM_TYPE; f++)
		if (!r->seen[f]) {
			refuse(r, -EBADMSG, "a value is missing (ImageSize ... ChecksumType)");
			return;
		}
	for (size_t i = 0; i < r->map->n; i++)
		mapped += r->map->ranges[i].last - r->map->ranges[i].first + 1;
	r->map->image_bytes = r->values[IMAGE_SIZE];
	if (r->values[BLOCK_SIZE] != BLOCKMAP_BLOCK_BYTES)
		refuse(r, -EBADMSG, "BlockSize is not 4096");
	else if (r->values[IMAGE_SIZE] > INT64_MAX || r->values[IMAGE_SIZE] % BLOCKMAP_BLOCK_BYTES ||
		 r->values[BLOCKS_COUNT] != r->values[IMAGE_SIZE] / BLOCKMAP_BLOCK_BYTES)
		refuse(r, -EBADMSG, "ImageSize and BlocksCount do not agree");
	else if (mapped != r->values[MAPPED_COUNT] || mapped == 0)
		refuse(r, -EBADMSG, "MappedBlocksCount is not what the Ranges add up to, or is 0");
}

int
blockmap_read(struct blockmap *m, struct span xml, char why[BLOCKMAP_WHY_BYTES])
{
	struct reading r = {.map = m, .why = why, .parser = XML_ParserCreate(NULL)};

	*m = (struct blockmap){0};
	why[0] = 0;
	if (!r.parser)
		return -ENOMEM;
	XML_SetUserData(r.parser, &r);
	XML_SetElementHandler(r.parser, on_begin, on_end);
	XML_SetCharacterDataHandler(r.parser, on_text);
	XML_SetStartDoctypeDeclHandler(r.parser, on_doctype);
	if (xml.n > BLOCKMAP_FILE_MAX)
		refuse(&r, -EBADMSG, "is too long for a block map");
	else if (XML_Parse(r.parser, (const char *)xml.p, (int)xml.n, 1) != XML_STATUS_OK)
		refuse(&r, -EBADMSG, XML_ErrorString(XML_GetErrorCode(r.parser)));
	else
		check_whole(&r);
	XML_ParserFree(r.parser);
	if (r.err)
		blockmap_free(m);
	return r.err;
}

void
blockmap_free(struct blockmap *m)
{
	free(m->ranges);
	*m = (struct blockmap){0};
}

uint64_t
blockmap_mapped_bytes(const struct blockmap *m)
{
	uint64_t n = 0;

	for (size_t i = 0; i < m->n; i++)
		n += (m->ranges[i].last - m->ranges[i].first + 1) * BLOCKMAP_BLOCK_BYTES;
	return n;
}
