/*
 * What a thief may try without understanding anything: each 32 bytes that stand together anywhere in a
 * file are a private key of a recipient (in either byte order), or the content key of one of the records.
 *
 *     theft_guess TARGETS FILE...
 *
 * TARGETS has a line for each thing to hit: "point HEX NAME" (65 bytes, uncompressed P-256) or "commitment HEX" (32
 * bytes, of a record's content key). A "hit ..." line for each find; the last line counts what was tried.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/obj_mac.h>

enum { KEY_BYTES = 32, POINTS_MAX = 64, NAME_BYTES = 64, LINE_BYTES = 256, FILE_MAX = 1 << 28 };

static const uint8_t label[] = "laneseal content key commitment v1\x01"; /* docs/RECORD.md, section 4 */

struct commitment {
	uint8_t bytes[KEY_BYTES];
};

static struct {
	EC_GROUP *group;
	BN_CTX *context;
	BIGNUM *scalar;
	EC_POINT *mine, *points[POINTS_MAX];
	char names[POINTS_MAX][NAME_BYTES];
	size_t n_points;
	struct commitment *commitments; /* sorted */
	size_t n_commitments;
	unsigned long long windows, scalars, keys, hits;
} g;

static void
give_up(const char *what)
{
	(void)fprintf(stderr, "theft_guess: %s: %s\n", what, errno ? strerror(errno) : "not as it should be");
	exit(1);
}

static void
must(int good, const char *what)
{
	if (!good)
		give_up(what);
}

/* ---- what to hit ---- */

static void
read_hex(const char *hex, uint8_t *out, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned int byte;

		must(sscanf(hex + 2 * i, "%2x", &byte) == 1, "a target");
		out[i] = (uint8_t)byte;
	}
}

static void
take_target(const char *line)
{
	uint8_t bytes[65];
	char hex[LINE_BYTES];

	if (sscanf(line, "commitment %255s", hex) == 1 && strlen(hex) == 2 * KEY_BYTES) {
		if ((g.n_commitments & (g.n_commitments - 1)) == 0)
			g.commitments = realloc(g.commitments, (g.n_commitments ? 2 * g.n_commitments : 1) *
								   sizeof(*g.commitments));
		must(g.commitments != NULL, "memory");
		read_hex(hex, g.commitments[g.n_commitments++].bytes, KEY_BYTES);
		return;
	}
	must(g.n_points < POINTS_MAX && sscanf(line, "point %255s %63s", hex, g.names[g.n_points]) == 2 &&
		 strlen(hex) == 130,
	     "a target");
	read_hex(hex, bytes, sizeof(bytes));
	g.points[g.n_points] = EC_POINT_new(g.group);
	must(EC_POINT_oct2point(g.group, g.points[g.n_points], bytes, sizeof(bytes), g.context) == 1,
	     "a target's point");
	g.n_points++;
}

static int
by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, KEY_BYTES);
}

static void
read_targets(const char *path)
{
	char line[LINE_BYTES + NAME_BYTES];
	FILE *f = fopen(path, "r");

	must(f != NULL, path);
	while (fgets(line, sizeof(line), f))
		take_target(line);
	(void)fclose(f);
	must(g.n_points > 0, "no point among the targets");
	if (g.n_commitments)
		qsort(g.commitments, g.n_commitments, sizeof(*g.commitments), by_bytes);
}

/* ---- trying ---- */

static void
hit(const char *what, const char *name, const char *file, size_t at)
{
	g.hits++;
	(void)printf("hit %s %s in %s at %zu\n", what, name, file, at);
}

static void
try_scalar(const char *file, size_t at)
{
	g.scalars++;
	must(EC_POINT_mul(g.group, g.mine, g.scalar, NULL, NULL, g.context) == 1, "the curve");
	for (size_t i = 0; i < g.n_points; i++)
		if (EC_POINT_cmp(g.group, g.mine, g.points[i], g.context) == 0)
			hit("private key of", g.names[i], file, at);
}

static void
try_content_key(const uint8_t *key, const char *file, size_t at)
{
	uint8_t made[EVP_MAX_MD_SIZE];
	unsigned int n = 0;

	if (g.n_commitments == 0)
		return;
	g.keys++;
	must(HMAC(EVP_sha256(), key, KEY_BYTES, label, sizeof(label) - 1, made, &n) != NULL, "HMAC");
	if (bsearch(made, g.commitments, g.n_commitments, sizeof(*g.commitments), by_bytes))
		hit("content key of", "a record", file, at);
}

/* Stretches of one byte, of which programs have many, are one guess: all but their last window are passed over. */
static int
is_stretch(const uint8_t *p, size_t left)
{
	if (left <= KEY_BYTES)
		return 0;
	for (size_t i = 1; i <= KEY_BYTES; i++)
		if (p[i] != p[0])
			return 0;
	return 1;
}

static void
try_file(const char *path)
{
	static uint8_t *bytes;
	FILE *f = fopen(path, "rb");
	size_t n;

	if (bytes == NULL)
		bytes = malloc(FILE_MAX);
	must(f && bytes, path);
	n = fread(bytes, 1, FILE_MAX, f);
	must(!ferror(f) && n < FILE_MAX, path);
	(void)fclose(f);
	for (size_t at = 0; at + KEY_BYTES <= n; at++) {
		g.windows++;
		if (is_stretch(bytes + at, n - at))
			continue;
		must(BN_bin2bn(bytes + at, KEY_BYTES, g.scalar) != NULL, "memory");
		try_scalar(path, at);
		must(BN_lebin2bn(bytes + at, KEY_BYTES, g.scalar) != NULL, "memory");
		try_scalar(path, at);
		try_content_key(bytes + at, path, at);
	}
}

int
main(int argc, char **argv)
{
	if (argc < 2) {
		(void)fprintf(stderr, "usage: theft_guess TARGETS FILE...\n");
		return 1;
	}
	g.group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	g.context = BN_CTX_new();
	g.scalar = BN_new();
	must(g.group && g.context && g.scalar && (g.mine = EC_POINT_new(g.group)) != NULL, "the curve");
	read_targets(argv[1]);
	for (int i = 2; i < argc; i++)
		try_file(argv[i]);
	(void)printf("windows %llu scalars %llu keys %llu hits %llu\n", g.windows, g.scalars, g.keys, g.hits);
	return 0;
}
