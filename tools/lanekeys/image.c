/*
 * "lanekeys image": what turns an image into a release. Beside IMAGE come its block
 * map (IMAGE.bmap) and the manifest that names everything (IMAGE.manifest.cose).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <openssl/evp.h>

#include "base/wipe.h"
#include "hal/crypto_private.h"

#include "../common/blockmap.h"
#include "../common/file.h"
#include "../common/key.h"
#include "../common/manifest.h"
#include "../common/say.h"
#include "commands.h"

enum { SBOM_MAX = 64 << 20, DAY_S = 86400, VALID_DAYS_MAX = 36500 };

struct wish {
	const char *image, *key, *board, *version;
	struct key_passphrase lock;
	uint64_t rollback, valid_days;
	int has_rollback;
};

enum {
	OPTION_KEY = 1000,
	OPTION_PASSPHRASE_FILE,
	OPTION_BOARD,
	OPTION_VERSION,
	OPTION_ROLLBACK,
	OPTION_VALID
};

static uint64_t
number(const char *arg, uint64_t most, const char *option, struct argp_state *state)
{
	char *end;
	unsigned long long n;

	errno = 0;
	n = strtoull(arg, &end, 10);
	if (errno || *end || arg[0] < '0' || arg[0] > '9' || n > most)
		argp_error(state, "%s %s: must be a number up to %llu", option, arg,
			   (unsigned long long)most);
	return n;
}

static void
take_text(const char **into, const char *arg, size_t room, const char *option, struct argp_state *state)
{
	for (const char *c = arg; *c; c++)
		if (*c < ' ' || *c > '~')
			argp_error(state, "%s: letters, digits and signs of ASCII only", option);
	if (!arg[0] || strlen(arg) >= room)
		argp_error(state, "%s %s: must have 1 to %zu letters", option, arg, room - 1);
	*into = arg;
}

static void
check_wish(const struct wish *w, struct argp_state *state)
{
	if (!w->image)
		argp_error(state, "name the image");
	if (!w->key || !w->board || !w->version || !w->has_rollback)
		argp_error(state, "--key, --board, --version and --rollback must be given");
}

static error_t
parse(int option, char *arg, struct argp_state *state)
{
	struct wish *w = state->input;

	switch (option) {
	case OPTION_KEY:
		w->key = arg;
		return 0;
	case OPTION_PASSPHRASE_FILE:
		w->lock.file = arg;
		return 0;
	case OPTION_BOARD:
		take_text(&w->board, arg, MANIFEST_BOARD_BYTES, "--board", state);
		return 0;
	case OPTION_VERSION:
		take_text(&w->version, arg, MANIFEST_VERSION_BYTES, "--version", state);
		return 0;
	case OPTION_ROLLBACK:
		w->rollback = number(arg, UINT32_MAX, "--rollback", state);
		w->has_rollback = 1;
		return 0;
	case OPTION_VALID:
		w->valid_days = number(arg, VALID_DAYS_MAX, "--valid-days", state);
		return 0;
	case ARGP_KEY_ARG:
		if (w->image)
			argp_error(state, "%s: only one image at a time", arg);
		w->image = arg;
		return 0;
	case ARGP_KEY_END:
		check_wish(w, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static char *
beside(const struct wish *w, const char *ending)
{
	char *path;

	CHECK(asprintf(&path, "%s%s", w->image, ending) > 0);
	return path;
}

static int
hash_of(struct span bytes, uint8_t hash[CRYPTO_HASH_BYTES])
{
	return hal_crypto_sha256(&bytes, 1, hash);
}

static int
map_image(const struct wish *w, struct manifest *m, char **xml, size_t *n_xml)
{
	struct blockmap map;
	int fd = open(w->image, O_RDONLY | O_CLOEXEC | O_NONBLOCK), err;

	*xml = NULL;
	err = fd < 0 ? -errno : blockmap_make(&map, fd, m->image_hash);
	if (fd >= 0)
		(void)close(fd);
	if (err == -EINVAL)
		say_trouble(
		    "%s: an image holds data and its size is a multiple of %d bytes; this one is not so",
		    w->image, BLOCKMAP_BLOCK_BYTES);
	else if (err < 0)
		say_trouble("%s: cannot read it: %s", w->image, strerror(-err));
	if (err < 0)
		return err;
	m->image_bytes = map.image_bytes;
	err = blockmap_write(&map, xml, n_xml);
	blockmap_free(&map);
	if (err == 0)
		err = hash_of(SPAN((const uint8_t *)*xml, *n_xml), m->map_hash);
	return err;
}

static int
take_sbom(const struct wish *w, struct manifest *m)
{
	char *path = beside(w, ".sbom.json");
	struct space bytes;
	int err = file_load(path, SBOM_MAX, &bytes);

	if (err < 0)
		say_trouble("a release names its packages: the image's recipe writes %s", path);
	else
		err = hash_of(SPAN(bytes.p, bytes.n), m->sbom_hash);
	file_free(&bytes);
	free(path);
	return err;
}

/* The same release at the same time on two machines, when a build says what time it is. */
static int
take_times(const struct wish *w, struct manifest *m)
{
	const char *epoch = getenv("SOURCE_DATE_EPOCH");
	char *end = NULL;

	errno = 0;
	m->made_s = epoch ? strtoll(epoch, &end, 10) : (int64_t)time(NULL);
	if (epoch && (errno || *end || end == epoch || m->made_s < 0)) {
		say_trouble("SOURCE_DATE_EPOCH=%s: is not a number of seconds", epoch);
		return -EINVAL;
	}
	m->expires_s = w->valid_days ? m->made_s + (int64_t)w->valid_days * DAY_S : 0;
	return 0;
}

static int
sign(void *key, const uint8_t hash[CRYPTO_HASH_BYTES], uint8_t signature[CRYPTO_SIGNATURE_BYTES])
{
	return hal_crypto_sign(key, hash, signature);
}

static int
sign_manifest(const struct wish *w, const struct manifest *m, uint8_t into[MANIFEST_BYTES_MAX], size_t *n)
{
	struct hal_crypto_private *key = NULL;
	uint8_t scalar[CRYPTO_SCALAR_BYTES];
	EVP_PKEY *loaded = NULL;
	int64_t done;
	int err = key_load_private(w->key, &w->lock, &loaded);

	if (err < 0)
		return err;
	err = key_scalar(loaded, scalar);
	if (err == 0)
		err = hal_crypto_private_open(&key, scalar);
	wipe(scalar, sizeof(scalar));
	EVP_PKEY_free(loaded);
	done = err < 0 ? err : manifest_write(m, SPACE(into, MANIFEST_BYTES_MAX), sign, key);
	if (key)
		hal_crypto_private_close(key);
	if (done < 0)
		say_trouble("%s: the manifest cannot be signed with this key", w->key);
	*n = done < 0 ? 0 : (size_t)done;
	return done < 0 ? (int)done : 0;
}

/* The manifest last: what is not finished has none. */
static int
release(const struct wish *w, const char *map_path, const char *manifest_path)
{
	struct manifest m = {.rollback = (uint32_t)w->rollback};
	uint8_t bytes[MANIFEST_BYTES_MAX];
	char *xml = NULL;
	size_t n = 0, n_xml = 0;
	int err;

	(void)snprintf(m.board, sizeof(m.board), "%s", w->board);
	(void)snprintf(m.version, sizeof(m.version), "%s", w->version);
	err = take_times(w, &m);
	if (err == 0)
		err = take_sbom(w, &m);
	if (err == 0)
		err = map_image(w, &m, &xml, &n_xml);
	if (err == 0)
		err = sign_manifest(w, &m, bytes, &n);
	if (err == 0)
		err = file_create(map_path, 0644, SPAN((const uint8_t *)xml, n_xml));
	if (err == 0) {
		err = file_create(manifest_path, 0644, SPAN(bytes, n));
		if (err < 0)
			(void)unlink(map_path);
	}
	free(xml);
	return err;
}

int
command_image(int argc, char **argv)
{
	static const struct argp_option options[] = {
	    {"key", OPTION_KEY, "FILE", 0, "The release key (release.pem)", 0},
	    {"passphrase-file", OPTION_PASSPHRASE_FILE, "FILE", 0, "Unlock --key with the first line of FILE",
	     0},
	    {"board", OPTION_BOARD, "BOARD", 0, "The board it is for, as in board/BOARD", 0},
	    {"version", OPTION_VERSION, "TEXT", 0, "The version, as people know it", 0},
	    {"rollback", OPTION_ROLLBACK, "N", 0,
	     "The rollback index: raised when older images must not be installed again", 0},
	    {"valid-days", OPTION_VALID, "N", 0, "Not to be flashed after so many days (default: no end)", 0},
	    {0},
	};
	static const struct argp argp = {
	    options,
	    parse,
	    "IMAGE",
	    "Makes a release of an image: IMAGE.bmap and IMAGE.manifest.cose. IMAGE.sbom.json must be there; its digest is named.",
	    NULL,
	    NULL,
	    NULL};
	struct wish w = {0};
	char *map_path, *manifest_path;
	int err;

	command_parse(&argp, argc, argv, &w);
	map_path = beside(&w, ".bmap");
	manifest_path = beside(&w, ".manifest.cose");
	err = file_must_be_new(map_path);
	if (err == 0)
		err = file_must_be_new(manifest_path);
	if (err == 0)
		err = release(&w, map_path, manifest_path);
	free(map_path);
	free(manifest_path);
	return err < 0;
}
