/*
 * Opens an image by its signed manifest. The order matters: the XML of the block
 * map is parsed only after its digest was found in a manifest with a good signature.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <openssl/evp.h>

#include "../common/file.h"
#include "../common/key.h"
#include "../common/say.h"
#include "source.h"

int
source_hash(struct span bytes, uint8_t hash[CRYPTO_HASH_BYTES])
{
	return EVP_Digest(bytes.p, bytes.n, hash, NULL, EVP_sha256(), NULL) == 1 ? 0 : -EIO;
}

static char *
beside(const char *path, const char *ending)
{
	char *name;

	CHECK(asprintf(&name, "%s%s", path, ending) > 0);
	return name;
}

/* ---- the manifest ---- */

static const struct {
	int err;
	const char *what;
} manifest_troubles[] = {
    {-EBADMSG, "is no manifest, or damaged or cut short; copy the image and the files beside it again"},
    {-EACCES,
     "is not signed by the release key that this desk trusts; use only images of your maker, and ask them if "
     "this is one"},
    {-ERANGE, "is signed, but names something impossible; tell whoever made the release"},
    {-EKEYEXPIRED, "has expired; get the current release (or set this computer's clock, if it is wrong)"},
    {-EAGAIN, "was made after what this computer's clock says; set the clock"},
};

static int
manifest_trouble(const char *path, int err)
{
	const char *what = "could not be checked";

	for (size_t i = 0; i < ARRAY_SIZE(manifest_troubles); i++)
		if (manifest_troubles[i].err == err)
			what = manifest_troubles[i].what;
	say_trouble("%s: %s", path, what);
	return err;
}

static int
load_release_key(struct source *s, const char *path, uint8_t point[CRYPTO_POINT_BYTES])
{
	uint8_t hash[CRYPTO_HASH_BYTES];
	EVP_PKEY *key;
	int err = key_load_public(path, &key);

	if (err < 0) {
		say_trouble(
		    "the release key says which images are genuine; get it from your maker and name it with --release-key");
		return err;
	}
	err = key_point(key, point);
	if (err == 0)
		err = source_hash(SPAN(point, CRYPTO_POINT_BYTES), hash);
	EVP_PKEY_free(key);
	if (err == 0)
		memcpy(s->signer, hash, sizeof(s->signer));
	return err;
}

static int
load_manifest(struct source *s, const char *release_key)
{
	uint8_t point[CRYPTO_POINT_BYTES];
	char *path = beside(s->path, ".manifest.cose");
	struct space bytes = {0};
	int err = load_release_key(s, release_key, point);

	if (err < 0)
		goto free;
	if (access(path, F_OK) < 0) {
		err = -errno;
		say_trouble("%s: is not there; an image is used only with its signed manifest beside it",
			    path);
		goto free;
	}
	err = file_load(path, MANIFEST_BYTES_MAX, &bytes);
	if (err < 0)
		goto free;
	err = manifest_read(&s->manifest, SPAN(bytes.p, bytes.n), point);
	if (err == 0)
		err = manifest_usable(&s->manifest, (int64_t)time(NULL));
	if (err < 0)
		err = manifest_trouble(path, err);
free:
	file_free(&bytes);
	free(path);
	return err;
}

/* ---- the map ---- */

static int
load_map(struct source *s)
{
	char *path = beside(s->path, ".bmap"), why[BLOCKMAP_WHY_BYTES];
	uint8_t hash[CRYPTO_HASH_BYTES];
	struct space xml;
	int err = file_load(path, BLOCKMAP_FILE_MAX, &xml);

	if (err < 0)
		goto free;
	err = source_hash(SPAN(xml.p, xml.n), hash);
	if (err == 0 && memcmp(hash, s->manifest.map_hash, sizeof(hash)) != 0) {
		say_trouble(
		    "%s: is not the block map that the manifest names; copy the image and the files beside it again",
		    path);
		err = -EBADMSG;
	}
	if (err == 0) {
		err = blockmap_read(&s->map, SPAN(xml.p, xml.n), why);
		if (err < 0)
			say_trouble("%s: %s; tell whoever made the release", path, why);
	}
	if (err == 0 && s->map.image_bytes != s->manifest.image_bytes) {
		say_trouble(
		    "%s: is for another size of image than the manifest names; tell whoever made the release",
		    path);
		err = -EBADMSG;
	}
free:
	file_free(&xml);
	free(path);
	return err;
}

/* The end of the piece that begins at `at`, and which part it is. */
static uint64_t
piece_end(const struct source *s, uint64_t at, enum piece_part *part)
{
	uint64_t bytes = s->manifest.image_bytes, tail = bytes > ENDS_BYTES ? bytes - ENDS_BYTES : 0, end;

	if (at == 0) {
		*part = PART_FIRST;
		return BLOCKMAP_BLOCK_BYTES;
	}
	if (at < ENDS_BYTES) {
		*part = PART_END;
		return ENDS_BYTES;
	}
	*part = at >= tail ? PART_END : PART_BODY;
	end = at + PIECE_BYTES_MAX;
	return at < tail && end > tail ? tail : end;
}

static void
cut_pieces(struct source *s)
{
	size_t room = 0;

	for (size_t i = 0; i < s->map.n; i++) {
		uint64_t at = s->map.ranges[i].first * BLOCKMAP_BLOCK_BYTES;
		uint64_t end = (s->map.ranges[i].last + 1) * BLOCKMAP_BLOCK_BYTES;

		while (at < end) {
			struct piece p = {.at = at};
			uint64_t stop = piece_end(s, at, &p.part);

			if (s->n_pieces == room) {
				room = room ? 2 * room : 64;
				s->pieces = reallocarray(s->pieces, room, sizeof(p));
				CHECK(s->pieces);
			}
			stop = stop < end ? stop : end;
			p.bytes = (uint32_t)(stop - at);
			s->pieces[s->n_pieces++] = p;
			at = stop;
		}
	}
}

static int
open_image(struct source *s)
{
	struct stat st;
	int err;

	s->fd = open(s->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (s->fd < 0 || fstat(s->fd, &st) < 0) {
		err = -errno;
		say_trouble("%s: cannot read it: %s", s->path, strerror(-err));
		return err;
	}
	if (!S_ISREG(st.st_mode)) {
		say_trouble("%s: is not a file", s->path);
		return -EINVAL;
	}
	if ((uint64_t)st.st_size == s->manifest.image_bytes)
		return 0;
	say_trouble(
	    "%s: has %lld bytes and the manifest names %llu: it was cut short or is another image; copy it again",
	    s->path, (long long)st.st_size, (unsigned long long)s->manifest.image_bytes);
	return -EBADMSG;
}

int
source_open(struct source *s, const char *path, const char *release_key)
{
	int err;

	*s = (struct source){.fd = -1, .path = path};
	if (access(path, F_OK) < 0) {
		err = -errno;
		say_trouble("%s: cannot read it: %s", path, strerror(-err));
		return err;
	}
	err = load_manifest(s, release_key);
	if (err == 0)
		err = open_image(s);
	if (err == 0)
		err = load_map(s);
	if (err < 0) {
		source_close(s);
		return err;
	}
	cut_pieces(s);
	s->mapped_bytes = blockmap_mapped_bytes(&s->map);
	return 0;
}

void
source_close(struct source *s)
{
	if (s->fd >= 0)
		(void)close(s->fd);
	s->fd = -1;
	blockmap_free(&s->map);
	free(s->pieces);
	s->pieces = NULL;
	s->n_pieces = 0;
}

/* ---- the bytes ---- */

static int
read_at(int fd, uint64_t at, uint8_t *into, size_t n)
{
	while (n > 0) {
		ssize_t got = pread(fd, into, n, (off_t)at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got < 0 ? -errno : -EBADMSG;
		at += (uint64_t)got;
		into += got;
		n -= (size_t)got;
	}
	return 0;
}

int
source_read(const struct source *s, const struct piece *p, uint8_t *into)
{
	uint8_t hash[CRYPTO_HASH_BYTES];
	int err = read_at(s->fd, p->at, into, p->bytes);

	if (err == 0)
		err = source_hash(SPAN(into, p->bytes), hash);
	if (err == 0 && memcmp(hash, p->hash, sizeof(hash)) != 0)
		err = -EBADMSG;
	return err;
}

struct checking {
	struct source *s;
	EVP_MD_CTX *range, *whole; /* whole NULL: not asked for */
	uint8_t *buffer;
	int (*tick)(void *arg, uint64_t done_bytes);
	void *arg;
	uint64_t done;
};

/* The pieces of one range, from *next on. */
static int
check_range(struct checking *c, const struct blockmap_range *r, size_t *next)
{
	uint64_t end = (r->last + 1) * BLOCKMAP_BLOCK_BYTES;
	uint8_t hash[CRYPTO_HASH_BYTES];
	int err = EVP_DigestInit_ex(c->range, EVP_sha256(), NULL) == 1 ? 0 : -EIO;

	for (; err == 0 && *next < c->s->n_pieces && c->s->pieces[*next].at < end; (*next)++) {
		struct piece *p = &c->s->pieces[*next];

		c->s->at_trouble = p->at;
		err = c->tick(c->arg, c->done) ? -ECANCELED : read_at(c->s->fd, p->at, c->buffer, p->bytes);
		if (err == 0)
			err = source_hash(SPAN(c->buffer, p->bytes), p->hash);
		if (err == 0 && EVP_DigestUpdate(c->range, c->buffer, p->bytes) != 1)
			err = -EIO;
		c->done += p->bytes;
	}
	if (err == 0 && EVP_DigestFinal_ex(c->range, hash, NULL) != 1)
		err = -EIO;
	if (err == 0 && memcmp(hash, r->hash, sizeof(hash)) != 0) {
		c->s->at_trouble = r->first * BLOCKMAP_BLOCK_BYTES;
		err = -EBADMSG;
	}
	return err;
}

static int
check_whole(struct checking *c)
{
	uint8_t hash[CRYPTO_HASH_BYTES];
	uint64_t at = 0, bytes = c->s->manifest.image_bytes;
	int err = EVP_DigestInit_ex(c->whole, EVP_sha256(), NULL) == 1 ? 0 : -EIO;

	while (err == 0 && at < bytes) {
		size_t n = bytes - at < PIECE_BYTES_MAX ? (size_t)(bytes - at) : PIECE_BYTES_MAX;

		c->s->at_trouble = at;
		err = c->tick(c->arg, c->done + at) ? -ECANCELED : read_at(c->s->fd, at, c->buffer, n);
		if (err == 0 && EVP_DigestUpdate(c->whole, c->buffer, n) != 1)
			err = -EIO;
		at += n;
	}
	if (err == 0 && EVP_DigestFinal_ex(c->whole, hash, NULL) != 1)
		err = -EIO;
	if (err == 0 && memcmp(hash, c->s->manifest.image_hash, sizeof(hash)) != 0)
		err = -EBADMSG;
	return err;
}

static void
say_check(const struct source *s, int err)
{
	if (err == -EBADMSG)
		say_trouble(
		    "%s: is damaged at or behind byte %llu: it is not what was released; copy the image again",
		    s->path, (unsigned long long)s->at_trouble);
	else if (err < 0 && err != -ECANCELED)
		say_trouble("%s: cannot be read at byte %llu: %s", s->path, (unsigned long long)s->at_trouble,
			    strerror(-err));
}

int
source_check(struct source *s, int whole, int (*tick)(void *arg, uint64_t done_bytes), void *arg)
{
	struct checking c = {
	    .s = s, .tick = tick, .arg = arg, .range = EVP_MD_CTX_new(), .buffer = malloc(PIECE_BYTES_MAX)};
	size_t next = 0;
	int err = 0;

	c.whole = whole ? EVP_MD_CTX_new() : NULL;
	CHECK(c.range && c.buffer && (c.whole || !whole));
	for (size_t i = 0; i < s->map.n && err == 0; i++)
		err = check_range(&c, &s->map.ranges[i], &next);
	if (err == 0 && whole)
		err = check_whole(&c);
	say_check(s, err);
	EVP_MD_CTX_free(c.range);
	EVP_MD_CTX_free(c.whole);
	free(c.buffer);
	return err;
}
