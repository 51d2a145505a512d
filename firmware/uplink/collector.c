#include "uplink/collector.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "base/io.h"
#include "base/room.h"
#include "base/wipe.h"
#include "uplink/https.h"

enum { SHA256_BYTES = 32, ANCHOR_MAX_BYTES = 16384, CERTIFICATE_MAX_BYTES = 32768, KEYS_MAX_BYTES = 256 };

static char base[HTTPS_URL_BYTES];
static const char *unit;
static int s3;
static char anchor[2 * ANCHOR_MAX_BYTES];
static uint8_t certificate[CERTIFICATE_MAX_BYTES];

/* Returns the length, 0 when there is no such descriptor, or -errno. */
static int64_t
load(int fd, struct space into)
{
	return fcntl(fd, F_GETFD) < 0 ? 0 : io_load(fd, into);
}

/* The anchor comes as DER, whose hash the policy names; libcurl wants PEM (RFC 7468). Returns its length, or -errno. */
static int
read_anchor(void)
{
	static const char begin[] = "-----BEGIN CERTIFICATE-----\n", end[] = "\n-----END CERTIFICATE-----\n";
	static uint8_t der[ANCHOR_MAX_BYTES];
	int64_t n = load(ROOM_FD_ANCHOR, SPACE_OF(der));
	size_t at = sizeof(begin) - 1;

	if (n <= 0)
		return n < 0 ? (int)n : -ENOENT;
	memcpy(anchor, begin, at);
	at += (size_t)EVP_EncodeBlock((unsigned char *)anchor + at, der, (int)n);
	memcpy(anchor + at, end, sizeof(end));
	return (int)(at + sizeof(end) - 1);
}

/* "ID\nSECRET\n" to "ID:SECRET". */
static int
read_s3_keys(char keys[KEYS_MAX_BYTES + 1])
{
	int64_t n = load(ROOM_FD_S3_KEYS, SPACE((uint8_t *)keys, KEYS_MAX_BYTES));
	char *line;

	if (n <= 0)
		return -ENOENT;
	keys[n] = '\0';
	line = strchr(keys, '\n');
	if (!line || line == keys || memchr(keys, ':', (size_t)(line - keys)))
		return -EBADMSG;
	*line = ':';
	line[1 + strcspn(line + 1, "\r\n")] = '\0';
	return line[1] ? 0 : -EBADMSG;
}

static int
open_https(struct https_wish *wish, const char **why)
{
	char keys[KEYS_MAX_BYTES + 1];
	int err = 0;

	if (s3) {
		err = read_s3_keys(keys);
		wish->s3_region = room_setting_text("s3_region");
		wish->s3_keys = keys;
	}
	if (err == 0)
		err = https_open(wish);
	else
		*why = "uplink.s3_keys must hold two lines: key id, secret";
	wipe(keys, sizeof(keys));
	return err;
}

int
collector_open(const char *to, const char **why)
{
	int64_t n_certificate = load(ROOM_FD_CERTIFICATE, SPACE_OF(certificate));
	struct https_wish wish = {.max_kbit_s = room_setting("max_kbit_s")};
	int n_anchor = read_anchor(), n;

	*why = "libcurl cannot use the certificate, its key or the anchor";
	s3 = strncmp(to, "s3:", 3) == 0;
	unit = room_setting_text("unit");
	n = snprintf(base, sizeof(base), "%s", to + (s3 ? 3 : 0));
	if (n < 0 || (size_t)n >= sizeof(base) || n_anchor <= 0 || n_certificate < 0) {
		*why = "the address, anchor or certificate is missing or too long";
		return -EINVAL;
	}
	while (n > 0 && base[n - 1] == '/')
		base[--n] = '\0';
	wish.anchor = SPAN((const uint8_t *)anchor, (size_t)n_anchor);
	wish.certificate = SPAN(certificate, (size_t)n_certificate);
	return open_https(&wish, why);
}

void
collector_close(void)
{
	https_close();
	wipe(certificate, sizeof(certificate));
}

static void
add_header(struct https_request *r, const char *name, const char *value)
{
	int n = snprintf(r->headers[r->n_headers], HTTPS_HEADER_BYTES, "%s: %s", name, value);

	CHECK(r->n_headers < HTTPS_HEADERS_MAX && n > 0 && n < HTTPS_HEADER_BYTES);
	r->n_headers++;
}

struct checksum {
	char hex[2 * SHA256_BYTES + 1];
	char base64[ANSWER_CHECKSUM_BYTES + 1];
};

/* Of a public thing (the sealed record), so libcurl's own libcrypto will do whatever the crypto port is. */
static void
checksum_of(struct checksum *c, struct span bytes)
{
	uint8_t hash[SHA256_BYTES];

	CHECK(EVP_Digest(bytes.p, bytes.n, hash, NULL, EVP_sha256(), NULL) == 1);
	for (size_t i = 0; i < sizeof(hash); i++)
		(void)snprintf(c->hex + 2 * i, 3, "%02x", hash[i]);
	CHECK(EVP_EncodeBlock((unsigned char *)c->base64, hash, SHA256_BYTES) == ANSWER_CHECKSUM_BYTES);
}

static void
begin(struct https_request *r, const char *method, const char *url, struct span body)
{
	static const uint8_t nothing[1];
	struct checksum c;
	int put = strcmp(method, "PUT") == 0;

	*r = (struct https_request){.method = method, .url = url, .body = body};
	checksum_of(&c, put ? body : SPAN(nothing, 0));
	if (s3)
		add_header(r, "x-amz-content-sha256", c.hex);
	if (put) {
		add_header(r, "Content-Type", "application/octet-stream");
		add_header(r, "If-None-Match", "*");
	}
	if (put && s3)
		add_header(r, "x-amz-checksum-sha256", c.base64);
}

static void
fail(struct attempt *a, enum outcome outcome, const char *why)
{
	a->outcome = outcome;
	(void)snprintf(a->why, sizeof(a->why), "%s", why);
}

/* What is there under that name now, after that answer to the PUT? */
static void
read_back(const char *url, struct span record, struct attempt *a, const struct answer *to_put)
{
	static struct https_request get;
	static struct https_reply reply;
	int was_there = answer_stored(to_put) == STORED_BEFORE;

	begin(&get, "GET", url, record);
	https_do(&get, &reply);
	if (reply.answer.status == 0)
		*a = reply.failed;
	else if (reply.answer.status == 404 && was_there)
		answer_outcome(to_put, a);
	else if (reply.answer.status == 404)
		fail(a, NOT_THE_SAME, "it was accepted, and nothing is there");
	else if (reply.answer.status != 200)
		answer_outcome(&reply.answer, a);
	else if (reply.same)
		a->outcome = DELIVERED;
	else if (was_there)
		fail(a, TAKEN, "a different record of that name is there; it was not touched");
	else
		fail(a, NOT_THE_SAME, "it was accepted, and what is there now is not what was sent");
}

static void
put(const char *url, struct span record, struct attempt *a)
{
	static struct https_request request;
	static struct https_reply reply;
	struct checksum c;
	enum stored stored;

	begin(&request, "PUT", url, record);
	https_do(&request, &reply);
	if (reply.answer.status == 0) {
		*a = reply.failed;
		return;
	}
	stored = answer_stored(&reply.answer);
	checksum_of(&c, record);
	if (stored == STORED_NOT)
		answer_outcome(&reply.answer, a);
	else if (stored == STORED_SAYS_SO && reply.answer.has_checksum && strcmp(reply.answer.checksum, c.base64) == 0)
		a->outcome = DELIVERED;
	else if (stored == STORED_SAYS_SO && reply.answer.has_checksum)
		fail(a, NOT_THE_SAME, "it names another checksum than that of what was sent");
	else
		read_back(url, record, a, &reply.answer);
}

static void
deliver(const struct parcel *p, struct attempt *a)
{
	char name[RECORD_NAME_BYTES], url[HTTPS_URL_BYTES + 80];
	int n;

	record_name(name, p);
	n = snprintf(url, sizeof(url), "%s/%s/%s", base, unit, name);
	CHECK(n > 0 && (size_t)n < sizeof(url));
	put(url, p->record, a);
}

const struct destination collector_destination = {.deliver = deliver, .over_network = 1};
