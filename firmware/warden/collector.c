#include "warden/collector.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/log_text.h"
#include "warden/things.h"

enum { ANCHOR_MAX_BYTES = 8192 };

static const char *
address(const struct settings *s)
{
	const char *to = settings_text(s, "uplink.to");

	return strncmp(to, "s3:", 3) == 0 ? to + 3 : to;
}

int
collector_wanted(const struct settings *s)
{
	return strncmp(address(s), "https://", 8) == 0;
}

static void
refuse(struct house *h, const char *path, const char *found, const char *allowed)
{
	if (h->check_only)
		settings_complain(&h->settings, path, found, allowed);
	else
		log_text(LOG_ERROR, "%s: found %s, allowed: %s; nothing is delivered, records stay in the spool", path, found,
			 allowed);
}

static int
policy_names(const struct house *h)
{
	const struct policy *p = &h->rules.policy;

	for (uint32_t i = 0; h->rules.read == 0 && i < p->n_collectors; i++)
		if (strcmp(p->collectors[i], address(&h->settings)) == 0)
			return 1;
	return 0;
}

/* A private file that is only handed on. */
static void
open_secret(struct house *h, const char *path, enum thing thing)
{
	static const char allowed[] = "a file that only laneseald may read, mode 0400";
	char file[SETTINGS_TEXT_BYTES], found[SETTINGS_TEXT_BYTES + 64];
	struct stat st;
	int fd, err = settings_path(&h->settings, path, 0, file);

	if (strcmp(settings_text(&h->settings, path), "none") == 0)
		return;
	fd = err < 0 ? err : open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0) {
		(void)snprintf(found, sizeof(found), "\"%s\", which cannot be opened (%s)", file, strerror(err < 0 ? -err : errno));
		settings_complain(&h->settings, path, found, allowed);
		return;
	}
	h->things[thing] = fd;
	if (!S_ISREG(st.st_mode) || (st.st_mode & 077)) {
		(void)snprintf(found, sizeof(found), "\"%s\", mode %04o", file, (unsigned int)st.st_mode & 07777);
		settings_complain(&h->settings, path, found, allowed);
	}
}

/* The certificate that the policy names by its hash, and no other. */
static void
open_anchor(struct house *h)
{
	static const char allowed[] = "the certificate whose SHA-256 the policy names, DER";
	uint8_t der[ANCHOR_MAX_BYTES], hash[CRYPTO_HASH_BYTES];
	char file[SETTINGS_TEXT_BYTES], found[SETTINGS_TEXT_BYTES + 64];
	int64_t n = settings_path(&h->settings, "uplink.anchor", 0, file);
	struct span piece;

	if (n == 0)
		n = io_load_at(AT_FDCWD, file, SPACE_OF(der));
	if (n < 0) {
		(void)snprintf(found, sizeof(found), "\"%s\", which cannot be read (%s)", file, strerror((int)-n));
		settings_complain(&h->settings, "uplink.anchor", found, allowed);
		return;
	}
	piece = SPAN(der, (size_t)n);
	CHECK(hal_crypto_sha256(&piece, 1, hash) == 0);
	if (memcmp(hash, h->rules.policy.collector_anchor, sizeof(hash)) != 0) {
		refuse(h, "uplink.anchor", "another certificate", allowed);
		return;
	}
	h->things[THING_ANCHOR] = things_fixed_memory("anchor", piece.n, piece);
	if (h->things[THING_ANCHOR] < 0)
		log_text(LOG_ERROR, "no memory for the anchor; nothing is delivered");
}

void
collector_open(struct house *h)
{
	const char *to = settings_text(&h->settings, "uplink.to");

	open_secret(h, "uplink.certificate", THING_CERTIFICATE);
	if (strncmp(to, "s3:", 3) == 0)
		open_secret(h, "uplink.s3_keys", THING_S3_KEYS);
	if (policy_names(h))
		open_anchor(h);
	else
		refuse(h, "uplink.to", to, "a collector that the policy names (\"lanekeys show\" lists them)");
}
