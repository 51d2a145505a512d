/*
 * uplink/https.h - one request at a time to one collector, with libcurl.
 *
 * TLS 1.3 only. The collector must show a certificate under the one trust anchor
 * that the policy names; the system's own list is never read. No redirect is
 * followed, no proxy used, no other protocol spoken.
 *
 * https_open() before room_ready(); then https_do() as often as needed. One thread
 * calls; libcurl may start another for the name service.
 */
#ifndef UPLINK_HTTPS_H
#define UPLINK_HTTPS_H

#include "uplink/answer.h"

enum {
	HTTPS_URL_BYTES = 512,
	HTTPS_HEADERS_MAX = 8,
	HTTPS_HEADER_BYTES = 160,
	HTTPS_SILENCE_S = 30,       /* less than HTTPS_SLOWEST_BYTES a second for so long: given up */
	HTTPS_SLOWEST_BYTES = 50,
	HTTPS_WHOLE_BYTES_S = 1000, /* the same of a whole request, or half of a cap that is lower */
	HTTPS_CONNECT_S = 20,
	HTTPS_ANSWER_MAX_BYTES = 65536, /* of a body that nobody reads */
};

struct https_wish {
	struct span anchor;       /* PEM; kept by the caller as long as the program runs */
	struct span certificate;  /* PEM of this unit's certificate chain and key; n 0: none. Kept like the anchor */
	const char *s3_region;    /* NULL: no SigV4 */
	const char *s3_keys;      /* "ID:SECRET" */
	int64_t max_kbit_s;       /* each way; 0: no limit */
};

struct https_request {
	const char *method;       /* "PUT" or "GET" */
	const char *url;
	struct span body;         /* PUT: sent. GET: what the answer's body is compared with */
	char headers[HTTPS_HEADERS_MAX][HTTPS_HEADER_BYTES]; /* "Name: value" */
	size_t n_headers;
};

struct https_reply {
	struct answer answer;
	int same;                 /* GET: the body was exactly request.body */
	struct attempt failed;    /* when answer.status is 0: why none came */
};

int https_open(const struct https_wish *wish) MUST_CHECK;
/* Ends early, without an answer, when the room is asked to finish. */
void https_do(const struct https_request *r, struct https_reply *reply);
void https_close(void);

#endif
