/*
 * warden/rules.c - reads the policy, remembers the newest version, and is loud when there is none in force.
 *
 * Seal reads the same bytes and judges for itself; the warden needs the crop
 * rules for locate, and the words. The newest version seen lies in the state
 * folder and only ever rises, so that an old policy cannot be brought back.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/io.h"
#include "base/log_text.h"
#include "warden/rules.h"

enum { SPKI_BYTES = 91, SPKI_PREFIX_BYTES = SPKI_BYTES - CRYPTO_POINT_BYTES };

static const char newest_file[] = "newest-policy";
static const int64_t loud_every_us = 3600LL * 1000000;

/* SubjectPublicKeyInfo of a P-256 key: all that stands before the point is always the same. */
static const uint8_t spki_prefix[SPKI_PREFIX_BYTES] = {
	0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
	0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
};

static const char key_allowed[] =
	"the public half of a P-256 key as DER SubjectPublicKeyInfo, 91 bytes, as \"lanekeys policy-key\" writes it";

static int
is_point(const uint8_t point[CRYPTO_POINT_BYTES])
{
	struct hal_crypto_peer *peer = NULL;
	int err = hal_crypto_peer_open(&peer, point);

	hal_crypto_peer_close(peer);
	return err == 0;
}

static void
read_key(struct rules *r, struct settings *s, const char *path)
{
	uint8_t der[SPKI_BYTES + 1];
	char file[SETTINGS_TEXT_BYTES], found[128];
	int64_t n = settings_path(s, path, 0, file);

	if (n == 0)
		n = io_load_at(AT_FDCWD, file, SPACE_OF(der));
	if (n < 0 && n != -EFBIG) {
		(void)snprintf(found, sizeof(found), "a file that cannot be read (%s)", strerror((int)-n));
	} else if (n != SPKI_BYTES) {
		(void)snprintf(found, sizeof(found), "a file %s 91 bytes", n == -EFBIG || n > SPKI_BYTES ? "longer than" :
			       "shorter than");
	} else if (memcmp(der, spki_prefix, sizeof(spki_prefix)) != 0 || !is_point(der + sizeof(spki_prefix))) {
		(void)snprintf(found, sizeof(found), "91 bytes that are no such key");
	} else {
		memcpy(r->keys[r->n_keys++], der + sizeof(spki_prefix), CRYPTO_POINT_BYTES);
		return;
	}
	settings_complain(s, path, found, key_allowed);
}

/* 0 and the number; a file that is there and does not hold one is a fault: it must not count as "none seen". */
static int
read_newest(struct rules *r)
{
	char text[24];
	int64_t n;

	r->newest = 0;
	if (r->state_folder < 0)
		return 0;
	n = io_load_at(r->state_folder, newest_file, SPACE(((uint8_t *)text), sizeof(text) - 1));
	if (n == -ENOENT)
		return 0;
	if (n < 0)
		return (int)n;
	text[n] = '\0';
	if (n < 2 || text[n - 1] != '\n' || strspn(text, "0123456789") != (size_t)n - 1)
		return -EBADMSG;
	errno = 0;
	r->newest = strtoull(text, NULL, 10);
	return -errno;
}

static int
keep_newest(struct rules *r)
{
	char text[24];
	int n;

	if (r->policy.version <= r->newest)
		return 0;
	r->newest = r->policy.version;
	if (r->state_folder < 0)
		return 0;
	n = snprintf(text, sizeof(text), "%" PRIu64 "\n", r->newest);
	return io_replace_at(r->state_folder, newest_file, SPAN((const uint8_t *)text, (size_t)n), 0600);
}

static void
read_policy(struct rules *r, const struct settings *s)
{
	char file[SETTINGS_TEXT_BYTES];
	int64_t n = settings_path(s, "policy.file", 0, file);

	if (n == 0)
		n = io_load_at(AT_FDCWD, file, SPACE_OF(r->bytes));
	if (n < 0) {
		r->read = (int)n;
		return;
	}
	r->n_bytes = (size_t)n;
	r->read = policy_read(&r->policy, SPAN(r->bytes, r->n_bytes), (const uint8_t (*)[CRYPTO_POINT_BYTES])r->keys,
			      r->n_keys);
}

static void
say(struct rules *r, const struct settings *s, int64_t now_us)
{
	/* What policy_read() answers has words of its own; the rest is about the file. */
	int about_file = r->read < 0 && r->n_bytes == 0;

	if (r->trouble == 0) {
		log_text(LOG_NOTE, "policy: version %" PRIu64 " is in force, %" PRIu32 " recipients", r->policy.version,
			 r->policy.n_recipients);
		return;
	}
	log_text(LOG_ERROR, "NO VALID POLICY: vehicles are only counted, nothing is stored. policy.file \"%s\": %s",
		 settings_text(s, "policy.file"), about_file ? strerror(-r->trouble) : policy_trouble(r->trouble));
	r->said_us = now_us;
}

void
rules_watch(struct rules *r, const struct settings *s, int64_t now_us)
{
	int before = r->trouble;

	r->trouble = r->read < 0 ? r->read : policy_usable(&r->policy, (int64_t)time(NULL), r->newest);
	if (r->trouble == 0 && keep_newest(r) < 0)
		log_text(LOG_ERROR, "policy: the state folder does not keep version %" PRIu64, r->policy.version);
	if (r->trouble != before || (r->trouble < 0 && now_us - r->said_us >= loud_every_us))
		say(r, s, now_us);
}

int
rules_open(struct rules *r, struct settings *s, int state_folder)
{
	int err;

	memset(r, 0, sizeof(*r));
	r->state_folder = state_folder;
	read_key(r, s, "policy.key");
	if (strcmp(settings_text(s, "policy.key_next"), "none") != 0)
		read_key(r, s, "policy.key_next");
	if (s->errors)
		return 0;
	err = read_newest(r);
	if (err < 0) {
		log_text(LOG_ERROR, "state.folder \"%s\": the file %s cannot be used: %s", settings_text(s, "state.folder"),
			 newest_file, err == -EBADMSG ? "it holds no number" : strerror(-err));
		return err;
	}
	read_policy(r, s);
	r->trouble = 1; /* neither: the first look always says how things stand */
	return 0;
}
