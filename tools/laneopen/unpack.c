/*
 * Opens records that the chain has vouched for. A file may have changed since it was
 * checked, so it is compared again with what was checked, and only then decrypted;
 * only when the whole of it was opened is a picture written.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/wipe.h"
#include "record/open.h"

#include "../common/say.h"
#include "unpack.h"

int
unpack_open(struct unpacked *u)
{
	*u = (struct unpacked){0};
	u->record = SPACE(malloc(RECORD_FILE_MAX), RECORD_FILE_MAX);
	u->plain = SPACE(malloc(RECORD_FILE_MAX), RECORD_FILE_MAX);
	return u->record.p && u->plain.p ? 0 : -ENOMEM;
}

void
unpack_close(struct unpacked *u)
{
	if (u->plain.p)
		wipe(u->plain.p, u->plain_used);
	free(u->record.p);
	free(u->plain.p);
	*u = (struct unpacked){0};
}

/* The bytes that were checked: the entry by its hash, the body by the hash that the entry signs. */
static int
read_again(struct unpacked *u, const struct item *it, int folder, struct record_parts *p)
{
	const int64_t n = chain_load(folder, it, u->record);
	uint8_t hash[CRYPTO_HASH_BYTES];

	if (n < 0 || record_split(p, SPAN(u->record.p, (size_t)n)) < 0 ||
	    !same_bytes(p->link, it->hash, sizeof(p->link)))
		return -ESTALE;
	if (p->body.n != p->entry.body_bytes && p->entry.kind == ENTRY_PASSAGE)
		return -ESTALE;
	if (hal_crypto_sha256(&p->body, 1, hash) < 0)
		return -EIO;
	return p->body.n == 0 || same_bytes(hash, p->entry.body_hash, sizeof(hash)) ? 0 : -ESTALE;
}

static int
is_picture(const struct crop_view *v)
{
	static const uint8_t jpeg[] = {0xff, 0xd8, 0xff},
			     png[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

	if (v->encoding == CROP_JPEG)
		return v->bytes.n > sizeof(jpeg) && memcmp(v->bytes.p, jpeg, sizeof(jpeg)) == 0;
	return v->encoding == CROP_PNG && v->bytes.n > sizeof(png) &&
	       memcmp(v->bytes.p, png, sizeof(png)) == 0;
}

/* Signed by the unit and sealed to us, and still not to be handed to a browser as a picture. */
static void
look_at_views(struct item *it, const struct crop *c)
{
	for (uint32_t i = 0; i < c->n_views; i++)
		if (!is_picture(&c->views[i]))
			item_answer(it, ANSWER_CANNOT_TELL, "was opened, but view %u in it is no picture",
				    i + 1);
}

static int
open_body(struct unpacked *u, struct item *it, const struct record_parts *p,
	  const struct hal_crypto_private *key)
{
	int err;

	if (p->body.n > u->plain_used)
		u->plain_used = p->body.n;
	err = body_open(key, p->entry.header, p->body, SPACE(u->plain.p, p->body.n), &u->crop);
	if (err == -ENOKEY)
		item_answer(it, ANSWER_CANNOT_TELL,
			    "is whole and signed, but this key is not one of its recipients");
	else if (err == -EBADMSG)
		item_answer(it, ANSWER_ALTERED,
			    "is signed, but does not open: key, commitment or encryption do not fit "
			    "each other");
	else if (err == 0)
		look_at_views(it, &u->crop);
	return err == -ENOKEY || err == -EBADMSG ? 0 : err;
}

static int
write_view(int out, const char *name, struct span bytes)
{
	int fd, err;

	fd = openat(out, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	err = fd < 0 ? -errno : io_write_all(fd, bytes.p, bytes.n);
	if (fd >= 0 && close(fd) < 0 && err == 0)
		err = -errno;
	if (err == 0)
		return 0;
	say_trouble("%s: cannot be written: %s", name, strerror(-err));
	if (fd >= 0)
		(void)unlinkat(out, name, 0);
	return err;
}

static int
write_views(struct unpacked *u, const struct item *it, int out)
{
	int err = 0;

	for (uint32_t i = 0; i < u->crop.n_views && err == 0; i++) {
		const struct crop_view *v = &u->crop.views[i];

		(void)snprintf(u->files[i], sizeof(u->files[i]), "%08llu-%u.%s",
			       (unsigned long long)it->sequence, i + 1,
			       v->encoding == CROP_PNG ? "png" : "jpg");
		err = write_view(out, u->files[i], v->bytes);
	}
	u->has_crop = err == 0;
	return err;
}

int
unpack_item(struct unpacked *u, struct item *it, int folder, const struct hal_crypto_private *key, int out)
{
	struct record_parts p;
	int err;

	u->has_header = u->has_crop = u->health.n = 0;
	if (it->answer != ANSWER_GOOD)
		return 0;
	err = read_again(u, it, folder, &p);
	if (err == -ESTALE) {
		item_answer(it, ANSWER_CANNOT_TELL,
			    "the file was changed while it was being checked; run again");
		return 0;
	}
	if (err < 0)
		return err;
	u->health = p.entry.health;
	if (p.entry.kind != ENTRY_PASSAGE)
		return 0;
	CHECK(record_header_decode(&u->header, p.entry.header) == 0);
	u->has_header = 1;
	if (!key)
		return 0;
	err = open_body(u, it, &p, key);
	if (err < 0)
		say_trouble("%s: the crypto library failed: %s", it->file, strerror(-err));
	if (err == 0 && it->answer == ANSWER_GOOD)
		err = write_views(u, it, out);
	return err;
}
