/*
 * Appends to the flash record.
 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/io.h"

#include "../common/file.h"
#include "../common/say.h"
#include "flashlog.h"

static void
hex(char *to, const uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		(void)snprintf(to + 2 * i, 3, "%02x", bytes[i]);
}

/* ---- appending ---- */

int
flashlog_open(struct flashlog *l, const char *path, const char *key_path, const struct key_passphrase *from)
{
	char *copy;
	int err;

	*l = (struct flashlog){.path = path, .fd = -1};
	err = key_load_private(key_path, from, &l->key);
	if (err < 0) {
		say_trouble(
		    "each flash is recorded and signed with a technician's key; make one with lanekeys technician-key, or name "
		    "it with --log-key");
		return err;
	}
	copy = strdup(path);
	CHECK(copy);
	err = file_make_folder(dirname(copy));
	free(copy);
	if (err == 0) {
		l->fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0644);
		err = l->fd < 0 ? -errno : 0;
		if (err < 0)
			say_trouble("%s: the flash record cannot be written: %s; name another with --log",
				    path, strerror(-err));
	}
	if (err < 0)
		flashlog_close(l);
	return err;
}

void
flashlog_close(struct flashlog *l)
{
	if (l->fd >= 0)
		(void)close(l->fd);
	EVP_PKEY_free(l->key);
	l->fd = -1;
	l->key = NULL;
}

/* How many lines there are, and the digest of the last. *torn: the last has no end, after a power cut. */
static int
read_end(int fd, uint64_t *lines, char previous[65], int *torn)
{
	uint8_t chunk[4096], hash[CRYPTO_HASH_BYTES];
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	off_t at = 0;
	ssize_t got;

	CHECK(c && EVP_DigestInit_ex(c, EVP_sha256(), NULL) == 1);
	*lines = 0;
	*torn = 0;
	memset(previous, '0', 64);
	previous[64] = 0;
	while ((got = pread(fd, chunk, sizeof(chunk), at)) > 0) {
		for (ssize_t i = 0; i < got; i++) {
			*torn = chunk[i] != '\n';
			if (*torn) {
				CHECK(EVP_DigestUpdate(c, &chunk[i], 1) == 1);
				continue;
			}
			CHECK(EVP_DigestFinal_ex(c, hash, NULL) == 1 &&
			      EVP_DigestInit_ex(c, EVP_sha256(), NULL) == 1);
			hex(previous, hash, sizeof(hash));
			++*lines;
		}
		at += got;
	}
	if (*torn) {
		CHECK(EVP_DigestFinal_ex(c, hash, NULL) == 1);
		hex(previous, hash, sizeof(hash));
		++*lines;
	}
	EVP_MD_CTX_free(c);
	return got < 0 ? -errno : 0;
}

static json_t *
text_or_null(const char *text)
{
	return text && text[0] ? json_string(text) : json_null();
}

static char *
record_text(const struct writer *w, const char *unit, int64_t seconds, uint64_t number, const char *previous)
{
	const struct manifest *m = &w->source->manifest;
	const struct device *d = w->device;
	char at[32], image[65], release[33], *text;
	time_t now = time(NULL);
	struct tm utc;
	json_t *j;

	CHECK(gmtime_r(&now, &utc) && strftime(at, sizeof(at), "%Y-%m-%dT%H:%M:%SZ", &utc) > 0);
	hex(image, m->image_hash, sizeof(m->image_hash));
	hex(release, w->source->signer, sizeof(w->source->signer));
	j = json_pack(
	    "{s:s, s:I, s:s, s:s, s:o, s:{s:s, s:o, s:o, s:o, s:I}, s:{s:s, s:s, s:I, s:s, s:s}, s:s, s:I, s:I, s:I}",
	    "type", "laneseal-flash", "number", (json_int_t)number, "previous", previous, "at", at, "unit",
	    text_or_null(unit), "device", "path", d->path, "maker", text_or_null(d->maker), "model",
	    text_or_null(d->model), "serial", text_or_null(d->serial), "bytes", (json_int_t)d->bytes, "image",
	    "board", m->board, "version", m->version, "rollback", (json_int_t)m->rollback, "sha256", image,
	    "signer", release, "result", writer_result_word(w->result), "kept_bytes",
	    (json_int_t)w->kept_bytes, "written_bytes", (json_int_t)w->written_bytes, "seconds",
	    (json_int_t)seconds);
	CHECK(j);
	text = json_dumps(j, JSON_COMPACT | JSON_ENSURE_ASCII);
	CHECK(text);
	json_decref(j);
	return text;
}

static int
sign(EVP_PKEY *key, const char *text, char base64[2 * FLASHLOG_SIGNATURE_MAX])
{
	uint8_t signature[FLASHLOG_SIGNATURE_MAX];
	size_t n = sizeof(signature);
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	int err = -EIO;

	CHECK(c);
	if (EVP_DigestSignInit(c, NULL, EVP_sha256(), NULL, key) == 1 &&
	    EVP_DigestSign(c, signature, &n, (const uint8_t *)text, strlen(text)) == 1) {
		(void)EVP_EncodeBlock((uint8_t *)base64, signature, (int)n);
		err = 0;
	}
	EVP_MD_CTX_free(c);
	return err;
}

static int
append_locked(struct flashlog *l, const struct writer *w, const char *unit, int64_t seconds)
{
	char previous[65], base64[2 * FLASHLOG_SIGNATURE_MAX], *text, *line;
	uint64_t lines;
	int torn, n, err = read_end(l->fd, &lines, previous, &torn);

	if (err < 0)
		return err;
	text = record_text(w, unit, seconds, lines + 1, previous);
	err = sign(l->key, text, base64);
	if (err == 0) {
		n = asprintf(&line, "%s" FLASHLOG_BEGIN "%s" FLASHLOG_MIDDLE "%s" FLASHLOG_END "\n",
			     torn ? "\n" : "", text, base64);
		CHECK(n > 0);
		err = io_write_all(l->fd, line, (size_t)n);
		if (err == 0 && fsync(l->fd) < 0)
			err = -errno;
		free(line);
	}
	free(text);
	return err;
}

int
flashlog_append(struct flashlog *l, const struct writer *w, const char *unit, int64_t seconds)
{
	int err = flock(l->fd, LOCK_EX) < 0 ? -errno : 0;

	if (err == 0)
		err = append_locked(l, w, unit, seconds);
	(void)flock(l->fd, LOCK_UN);
	if (err < 0)
		say_trouble("%s: the flash record of %s could not be written: %s", l->path, w->device->path,
			    strerror(-err));
	return err;
}
