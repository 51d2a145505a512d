/*
 * Looks for private keys where this unit has its files. It does not ask whose a key is: beside the unit's own
 * signing key none belongs here, so each one counts. Known are PEM, locked or not, and a P-256 key in DER
 * (PKCS #8 or SEC 1). What nobody's tool writes, such as a bare scalar, is not known; tests/theft looks for those.
 */
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/wipe.h"
#include "warden/exposure.h"

enum { OWN_KEY_BYTES = 138, OWN_POINT_AT = OWN_KEY_BYTES - CRYPTO_POINT_BYTES };

/* ECPrivateKey (RFC 5915): version 1, then an octet string of 32 bytes */
static const uint8_t der_mark[] = {0x02, 0x01, 0x01, 0x04, 0x20};

/* The files in which the unit has private keys of its own: one to sign with, one for the connection to its collector. */
struct own {
	struct stat at[2];
	size_t n;
};

static int
holds_private_key(const uint8_t *bytes, size_t n)
{
	static const char begin[] = "-----BEGIN ", end[] = "PRIVATE KEY-----";
	const uint8_t *at = memmem(bytes, n, begin, strlen(begin));

	if (at && memmem(at, n - (size_t)(at - bytes), end, strlen(end)))
		return 1;
	at = memmem(bytes, n, der_mark, sizeof(der_mark));
	return at && n - (size_t)(at - bytes) >= sizeof(der_mark) + CRYPTO_SCALAR_BYTES;
}

static void
look_into(struct exposure_keys *e, const char *path, const struct stat *st, const struct own *own)
{
	static uint8_t bytes[EXPOSURE_FILE_MAX];
	int64_t n;

	for (size_t i = 0; i < own->n; i++)
		if (st->st_dev == own->at[i].st_dev && st->st_ino == own->at[i].st_ino)
			return;
	if (e->files == EXPOSURE_FILES_MAX || st->st_size > EXPOSURE_FILE_MAX) {
		e->passed_over++;
		return;
	}
	n = io_load_at(AT_FDCWD, path, SPACE_OF(bytes));
	if (n < 0) {
		e->passed_over += n != -ENOENT;
		return;
	}
	e->files++;
	if (holds_private_key(bytes, (size_t)n) && e->found++ < EXPOSURE_PATHS_MAX)
		(void)snprintf(e->paths[e->found - 1], sizeof(e->paths[0]), "%s", path);
	wipe(bytes, (size_t)n);
}

/* The public half stands at the end of the file; the private one is not read. */
static void
look_at_own(struct exposure_keys *e, const char *path, const struct policy *policy)
{
	uint8_t point[CRYPTO_POINT_BYTES];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : pread(fd, point, sizeof(point), OWN_POINT_AT);

	e->own_trouble = n == (ssize_t)sizeof(point) ? 0 : n < 0 ? -errno : -EBADMSG;
	if (fd >= 0)
		(void)close(fd);
	if (e->own_trouble == 0)
		e->own_trouble = record_key_id(point, e->own_id);
	if (e->own_trouble < 0 || policy == NULL)
		return;
	for (uint32_t i = 0; i < policy->n_recipients; i++)
		e->own_is_recipient |= memcmp(policy->recipients[i].point, point, sizeof(point)) == 0;
}

/* Records are many, and are signed: who hides a key in one breaks it, and it shows as damaged. */
static int
is_record(const char *name)
{
	size_t n = strlen(name);

	return n > 4 && strncmp(name + n - 4, ".ls", 3) == 0;
}

/* A root inside another one is left to that one. */
static void
drop_nested(char *const *roots, char **kept, size_t room)
{
	size_t n = 0;

	for (size_t i = 0; roots[i]; i++) {
		int inside = 0;

		for (size_t k = 0; roots[k] && !inside; k++) {
			size_t length = strlen(roots[k]);

			inside = k != i && strncmp(roots[i], roots[k], length) == 0 &&
				 (roots[i][length] == '/' || (roots[i][length] == '\0' && k < i));
		}
		if (!inside && n + 1 < room)
			kept[n++] = roots[i];
	}
	kept[n] = NULL;
}

void
exposure_look_keys(struct exposure_keys *e, char *const *roots, const char *own_key,
		   const char *connection_key, const struct policy *policy)
{
	struct own own = {.n = 0};
	char *kept[16];
	FTSENT *f;
	FTS *walk;

	memset(e, 0, sizeof(*e));
	look_at_own(e, own_key, policy);
	own.n += stat(own_key, &own.at[own.n]) == 0;
	own.n += connection_key && stat(connection_key, &own.at[own.n]) == 0;
	drop_nested(roots, kept, ARRAY_SIZE(kept));
	walk = kept[0] ? fts_open(kept, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV, NULL) : NULL;
	while (walk && (f = fts_read(walk)) != NULL) {
		if (f->fts_info == FTS_F && !is_record(f->fts_name))
			look_into(e, f->fts_path, f->fts_statp, &own);
		else if (f->fts_info == FTS_DNR || f->fts_info == FTS_ERR)
			e->passed_over++;
	}
	if (walk)
		(void)fts_close(walk);
}
