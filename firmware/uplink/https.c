/*
 * One libcurl handle, kept so that the connection is kept. Everything that comes
 * from the other side is bounded: header bytes, body bytes, time without progress.
 */
#include "uplink/https.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/room.h"

struct transfer {
	const struct https_request *request;
	struct https_reply *reply;
	size_t taken;      /* bytes of the answer's body */
	int differs;
	int too_much;      /* the answer has no end */
	int alert;         /* one side said, in a TLS alert, that it will not */
};

static CURL *curl;
static int64_t least_bytes_s; /* a whole request that is slower than this is given up */
static struct transfer now;
static char curl_words[CURL_ERROR_SIZE];

/*
 * Landlock lets this room read the files that were there when it started. DHCP, and many an editor,
 * put a new file in an old one's place: that one is shut.
 */
static const char *const name_files[] = {"/etc/resolv.conf", "/etc/hosts"};
static int shut_at_start[ARRAY_SIZE(name_files)];

static int
is_shut(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return errno == EACCES;
	(void)close(fd);
	return 0;
}

static int
names_were_replaced(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(name_files); i++)
		if (!shut_at_start[i] && is_shut(name_files[i]))
			return 1;
	return 0;
}

static size_t
take_header(char *line, size_t size, size_t n, void *unused)
{
	(void)unused;
	if (answer_header(&now.reply->answer, line, size * n, (int64_t)time(NULL)) == 0)
		return size * n;
	now.too_much = 1;
	return 0;
}

static size_t
take_body(char *p, size_t size, size_t n, void *unused)
{
	const struct span want = now.request->body;
	int compared = strcmp(now.request->method, "GET") == 0;

	(void)unused;
	n *= size;
	if (compared && (now.taken + n > want.n || memcmp(want.p + now.taken, p, n) != 0))
		now.differs = 1;
	now.taken += n;
	/* What differs already, and an answer to a PUT, need not be read to the end. */
	if (now.taken > (compared ? want.n : 0) + HTTPS_ANSWER_MAX_BYTES)
		now.too_much = 1;
	return now.too_much ? 0 : n;
}

static int
on_progress(void *unused, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	(void)unused, (void)a, (void)b, (void)c, (void)d;
	return room_finishing();
}

static void
on_tls(const SSL *unused, int where, int value)
{
	(void)unused;
	if ((where & SSL_CB_ALERT) && (value & 0xff) != SSL_AD_CLOSE_NOTIFY)
		now.alert = 1;
}

static CURLcode
watch_alerts(CURL *unused, void *context, void *nothing)
{
	(void)unused, (void)nothing;
	SSL_CTX_set_info_callback(context, on_tls);
	return CURLE_OK;
}

static struct curl_blob
blob(struct span bytes)
{
	return (struct curl_blob){.data = (void *)(uintptr_t)bytes.p, .len = bytes.n, .flags = CURL_BLOB_NOCOPY};
}

#define SET(option, value) (curl_easy_setopt(curl, (option), (value)) == CURLE_OK)

static int
set_trust(const struct https_wish *w)
{
	struct curl_blob anchor = blob(w->anchor), own = blob(w->certificate);
	int good = SET(CURLOPT_PROTOCOLS_STR, "https") && SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_3) &&
		   SET(CURLOPT_SSL_VERIFYPEER, 1L) && SET(CURLOPT_SSL_VERIFYHOST, 2L) && SET(CURLOPT_CAINFO, NULL) &&
		   SET(CURLOPT_CAPATH, NULL) && SET(CURLOPT_CAINFO_BLOB, &anchor) &&
		   SET(CURLOPT_SSL_CTX_FUNCTION, watch_alerts);

	if (good && w->certificate.n > 0)
		good = SET(CURLOPT_SSLCERTTYPE, "PEM") && SET(CURLOPT_SSLKEYTYPE, "PEM") &&
		       SET(CURLOPT_SSLCERT_BLOB, &own) && SET(CURLOPT_SSLKEY_BLOB, &own);
	return good ? 0 : -EINVAL;
}

static int
set_manners(const struct https_wish *w)
{
	int good = SET(CURLOPT_NOSIGNAL, 1L) && SET(CURLOPT_PROXY, "") && SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) &&
		   SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) && SET(CURLOPT_FOLLOWLOCATION, 0L) &&
		   SET(CURLOPT_CONNECTTIMEOUT, (long)HTTPS_CONNECT_S) && SET(CURLOPT_TCP_KEEPALIVE, 1L) &&
		   SET(CURLOPT_LOW_SPEED_LIMIT, (long)HTTPS_SLOWEST_BYTES) &&
		   SET(CURLOPT_LOW_SPEED_TIME, (long)HTTPS_SILENCE_S) &&
		   SET(CURLOPT_MAX_SEND_SPEED_LARGE, (curl_off_t)w->max_kbit_s * 1000 / 8) &&
		   SET(CURLOPT_MAX_RECV_SPEED_LARGE, (curl_off_t)w->max_kbit_s * 1000 / 8) &&
		   SET(CURLOPT_USERAGENT, "laneseal");
	int64_t half_of_cap = w->max_kbit_s * 1000 / 8 / 2;

	least_bytes_s = half_of_cap > 0 && half_of_cap < HTTPS_WHOLE_BYTES_S ? half_of_cap : HTTPS_WHOLE_BYTES_S;
	return good ? 0 : -EINVAL;
}

static int
set_callbacks(void)
{
	int good = SET(CURLOPT_ERRORBUFFER, curl_words) && SET(CURLOPT_HEADERFUNCTION, take_header) &&
		   SET(CURLOPT_WRITEFUNCTION, take_body) && SET(CURLOPT_NOPROGRESS, 0L) &&
		   SET(CURLOPT_XFERINFOFUNCTION, on_progress);

	return good ? 0 : -EINVAL;
}

static int
set_signing(const struct https_wish *w)
{
	char scheme[80];
	int n = snprintf(scheme, sizeof(scheme), "aws:amz:%s:s3", w->s3_region);

	if (n < 0 || (size_t)n >= sizeof(scheme))
		return -EINVAL;
	return SET(CURLOPT_AWS_SIGV4, scheme) && SET(CURLOPT_USERPWD, w->s3_keys) ? 0 : -EINVAL;
}

int
https_open(const struct https_wish *wish)
{
	int err;

	/* Names over TCP: this room has no datagrams. */
	if (setenv("RES_OPTIONS", "use-vc", 1) < 0)
		return -errno;
	for (size_t i = 0; i < ARRAY_SIZE(name_files); i++)
		shut_at_start[i] = is_shut(name_files[i]);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return -ENOMEM;
	curl = curl_easy_init();
	if (!curl)
		return -ENOMEM;
	err = set_trust(wish);
	if (err == 0)
		err = set_manners(wish);
	if (err == 0)
		err = set_callbacks();
	if (err == 0 && wish->s3_region)
		err = set_signing(wish);
	return err;
}

/* Why a certificate was not believed, in words that tell a person where to look. */
static const char *
distrust(void)
{
	static const struct {
		long code;
		const char *why;
	} reasons[] = {
		{X509_V_ERR_CERT_HAS_EXPIRED, "its certificate has expired, or this unit's clock is ahead"},
		{X509_V_ERR_CERT_NOT_YET_VALID, "its certificate is not valid yet, or this unit's clock is behind"},
		{X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, "its certificate is self-signed, not under the policy's anchor"},
		{X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, "its certificate is from another authority than the policy's anchor"},
		{X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, "its certificate is from another authority than the policy's anchor"},
		{X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, "its certificate is from another authority than the policy's anchor"},
		{X509_V_ERR_CERT_REVOKED, "its certificate was revoked"},
	};
	long code = X509_V_OK;

	(void)curl_easy_getinfo(curl, CURLINFO_SSL_VERIFYRESULT, &code);
	for (size_t i = 0; i < ARRAY_SIZE(reasons); i++)
		if (reasons[i].code == code)
			return reasons[i].why;
	return "its certificate is not for this name, or cannot be believed";
}

static void
explain(CURLcode code, struct attempt *a)
{
	const char *why = "no whole answer came";

	a->outcome = TRY_AGAIN;
	switch (code) {
	case CURLE_COULDNT_RESOLVE_HOST:
		a->start_again = names_were_replaced();
		why = a->start_again ? "the files of the name service were replaced, and this room has to start anew to read them"
				     : "its name is not known: no name service, or a wrong name";
		break;
	case CURLE_COULDNT_CONNECT:
		why = "nobody answers at its address";
		break;
	case CURLE_OPERATION_TIMEDOUT:
		why = "it was silent or too slow for too long";
		break;
	case CURLE_PEER_FAILED_VERIFICATION:
		a->outcome = NOT_TRUSTED;
		why = distrust();
		break;
	case CURLE_SSL_CONNECT_ERROR:
		/* A line that breaks off here mends itself; a refusal is for a person. libcurl has one code for both. */
		a->outcome = now.alert ? NOT_TRUSTED : TRY_AGAIN;
		why = now.alert ? "no TLS 1.3 with it: an older protocol, or it wants another certificate from this unit"
				: "the line broke off before TLS was agreed on";
		break;
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CACERT_BADFILE:
		a->outcome = LOCAL_FAULT;
		why = "this unit's certificate, key or trust anchor cannot be used";
		break;
	case CURLE_ABORTED_BY_CALLBACK:
		why = "the unit is closing";
		break;
	case CURLE_OUT_OF_MEMORY:
		a->outcome = LOCAL_FAULT;
		why = "out of memory";
		break;
	default:
		break;
	}
	(void)snprintf(a->why, sizeof(a->why), "%s (%s)", now.too_much ? "its answer has no end" : why,
		       curl_words[0] ? curl_words : curl_easy_strerror(code));
}

static struct curl_slist *
headers_of(const struct https_request *r)
{
	struct curl_slist *list = NULL;

	for (size_t i = 0; i < r->n_headers; i++) {
		struct curl_slist *longer = curl_slist_append(list, r->headers[i]);

		if (!longer) {
			curl_slist_free_all(list);
			return NULL;
		}
		list = longer;
	}
	return list;
}

/* A whole request may take as long as its body takes at the least speed, and the silence twice. */
static long
limit_s(const struct https_request *r)
{
	return (long)((int64_t)r->body.n / least_bytes_s) + 2 * HTTPS_SILENCE_S + HTTPS_CONNECT_S;
}

static CURLcode
perform(const struct https_request *r)
{
	struct curl_slist *headers = headers_of(r);
	int put = strcmp(r->method, "PUT") == 0;
	CURLcode code;

	if (!headers && r->n_headers > 0)
		return CURLE_OUT_OF_MEMORY;
	CHECK(SET(CURLOPT_HTTPGET, 1L));
	if (put)
		CHECK(SET(CURLOPT_POST, 1L) && SET(CURLOPT_POSTFIELDS, (const char *)r->body.p) &&
		      SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body.n));
	CHECK(SET(CURLOPT_CUSTOMREQUEST, r->method) && SET(CURLOPT_HTTPHEADER, headers) &&
	      SET(CURLOPT_TIMEOUT, limit_s(r)));
	code = curl_easy_setopt(curl, CURLOPT_URL, r->url);
	if (code == CURLE_OK)
		code = curl_easy_perform(curl);
	CHECK(SET(CURLOPT_HTTPHEADER, NULL));
	curl_slist_free_all(headers);
	return code;
}

void
https_do(const struct https_request *r, struct https_reply *reply)
{
	CURLcode code;

	memset(reply, 0, sizeof(*reply));
	now = (struct transfer){.request = r, .reply = reply};
	curl_words[0] = '\0';
	code = perform(r);
	if (code == CURLE_OK) {
		(void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &reply->answer.status);
		reply->same = !now.differs && now.taken == r->body.n;
		return;
	}
	reply->answer.status = 0;
	explain(code, &reply->failed);
}

void
https_close(void)
{
	curl_easy_cleanup(curl);
	curl = NULL;
	curl_global_cleanup();
}
