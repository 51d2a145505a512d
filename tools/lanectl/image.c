/*
 * "lanectl image info" and "lanectl image verify".
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../common/file.h"
#include "../common/say.h"
#include "commands.h"
#include "show.h"
#include "source.h"

enum { SBOM_MAX = 64 << 20, DAY_BYTES = 32 };

struct wish {
	const char *image, *release_key;
	int json;
};

enum { OPTION_KEY = 1000, OPTION_JSON };

static error_t
parse(int option, char *arg, struct argp_state *state)
{
	struct wish *w = state->input;

	switch (option) {
	case OPTION_KEY:
		w->release_key = arg;
		return 0;
	case OPTION_JSON:
		w->json = 1;
		return 0;
	case ARGP_KEY_ARG:
		if (w->image)
			argp_error(state, "%s: only one image at a time", arg);
		w->image = arg;
		return 0;
	case ARGP_KEY_END:
		if (!w->image)
			argp_error(state, "name the image");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option options[] = {
    {"release-key", OPTION_KEY, "FILE", 0, "Public key of who makes releases (default " DESK_RELEASE_KEY ")",
     0},
    {"json", OPTION_JSON, NULL, 0, "Answer in JSON", 0},
    {0},
};

static const char *
day(char into[DAY_BYTES], int64_t at_s)
{
	time_t t = (time_t)at_s;
	struct tm utc;

	if (at_s == 0 || !gmtime_r(&t, &utc) || strftime(into, DAY_BYTES, "%Y-%m-%d", &utc) == 0)
		(void)snprintf(into, DAY_BYTES, "never");
	return into;
}

static void
hex(char *to, const uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		(void)snprintf(to + 2 * i, 3, "%02x", bytes[i]);
}

static json_t *
info_json(const struct source *s)
{
	const struct manifest *m = &s->manifest;
	char image[65], sbom[65], signer[33];

	hex(image, m->image_hash, sizeof(m->image_hash));
	hex(sbom, m->sbom_hash, sizeof(m->sbom_hash));
	hex(signer, s->signer, sizeof(s->signer));
	return json_pack("{s:o, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:s, s:s, s:s}", "image",
			 show_path_json(s->path), "board", m->board, "version", m->version, "rollback",
			 (json_int_t)m->rollback, "made", (json_int_t)m->made_s, "expires", (json_int_t)m->expires_s, "bytes",
			 (json_int_t)m->image_bytes, "mapped_bytes", (json_int_t)s->mapped_bytes, "sha256",
			 image, "sbom_sha256", sbom, "signer", signer);
}

static void
say_info(const struct source *s)
{
	const struct manifest *m = &s->manifest;
	char size[SHOW_SIZE_BYTES], mapped[SHOW_SIZE_BYTES], made[DAY_BYTES], expires[DAY_BYTES], text[65];

	(void)printf(
	    "board      %s\nversion    %s\nrollback   %u\nmade       %s\nexpires    %s\nsize       %s, %s of it to be written\n",
	    m->board, m->version, m->rollback, day(made, m->made_s), day(expires, m->expires_s),
	    show_size(size, m->image_bytes), show_size(mapped, s->mapped_bytes));
	hex(text, m->image_hash, sizeof(m->image_hash));
	(void)printf("sha256     %s\n", text);
	hex(text, m->sbom_hash, sizeof(m->sbom_hash));
	(void)printf("sbom       %s\n", text);
	hex(text, s->signer, sizeof(s->signer));
	(void)printf("signed by  %s\n", text);
}

int
command_image_info(int argc, char **argv)
{
	static const struct argp argp = {
	    options,
	    parse,
	    "IMAGE",
	    "Says what the signed manifest (IMAGE.manifest.cose) names. The signature is checked, the "
	    "bytes of the image are not.",
	    NULL,
	    NULL,
	    NULL};
	struct wish w = {.release_key = DESK_RELEASE_KEY};
	struct source s;

	command_parse(&argp, argc, argv, &w);
	if (source_open(&s, w.image, w.release_key) < 0)
		return EXIT_IMAGE;
	if (w.json)
		command_json(info_json(&s));
	else
		say_info(&s);
	source_close(&s);
	return EXIT_GOOD;
}

/* ---- verify ---- */

static int
tick(void *arg, uint64_t done_bytes)
{
	static uint64_t shown;
	const struct source *s = arg;
	uint64_t percent = done_bytes * 100 / (s->mapped_bytes + s->manifest.image_bytes);

	if (percent != shown && isatty(STDERR_FILENO))
		(void)fprintf(stderr, "\r  checking %3u %% ", (unsigned int)percent);
	shown = percent;
	return atomic_load(&command_stop);
}

/* 1 it is the one of the manifest, 0 it is not beside the image, negative: it is another one. */
static int
check_sbom(const struct source *s)
{
	uint8_t hash[CRYPTO_HASH_BYTES];
	struct space bytes;
	char *path;
	int err;

	CHECK(asprintf(&path, "%s.sbom.json", s->path) > 0);
	if (access(path, F_OK) < 0) {
		free(path);
		return 0;
	}
	err = file_load(path, SBOM_MAX, &bytes);
	if (err == 0)
		err = source_hash(SPAN(bytes.p, bytes.n), hash);
	file_free(&bytes);
	if (err == 0 && memcmp(hash, s->manifest.sbom_hash, sizeof(hash)) != 0) {
		say_trouble("%s: is not the list of packages that the manifest names; copy it again", path);
		err = -EBADMSG;
	}
	free(path);
	return err < 0 ? err : 1;
}

static int
verify(struct source *s, const struct wish *w)
{
	int err, sbom;

	command_catch_stop();
	err = source_check(s, 1, tick, s);
	if (isatty(STDERR_FILENO))
		(void)fprintf(stderr, "\r\033[K");
	if (err == -ECANCELED)
		return EXIT_STOPPED;
	sbom = err < 0 ? err : check_sbom(s);
	if (sbom < 0)
		return EXIT_IMAGE;
	if (w->json) {
		json_t *j = info_json(s);

		(void)json_object_set_new(j, "sbom", json_string(sbom ? "matches" : "not there"));
		(void)json_object_set_new(j, "verified", json_true());
		command_json(j);
		return EXIT_GOOD;
	}
	(void)printf("%s: good: %s %s, as released%s\n", s->path, s->manifest.board, s->manifest.version,
		     sbom ? "; the list of packages fits" : "; the list of packages is not beside it");
	return EXIT_GOOD;
}

int
command_image_verify(int argc, char **argv)
{
	static const struct argp argp = {
	    options,
	    parse,
	    "IMAGE",
	    "Compares every byte of the image, its block map (IMAGE.bmap) and its list of packages "
	    "(IMAGE.sbom.json) with the signed manifest.",
	    NULL,
	    NULL,
	    NULL};
	struct wish w = {.release_key = DESK_RELEASE_KEY};
	struct source s;
	int status;

	command_parse(&argp, argc, argv, &w);
	if (source_open(&s, w.image, w.release_key) < 0)
		return EXIT_IMAGE;
	status = verify(&s, &w);
	source_close(&s);
	return status;
}
