/*
 * uplink/answer.h - what an HTTP answer means for a record (RFC 9110, RFC 6585).
 *
 * No network here: status and headers in, a meaning out.
 */
#ifndef UPLINK_ANSWER_H
#define UPLINK_ANSWER_H

#include "uplink/destination.h"

enum {
	ANSWER_CHECKSUM_BYTES = 44,        /* base64 of a SHA-256 */
	ANSWER_HEADERS_MAX_BYTES = 32768,  /* more than that is nobody's answer */
	ANSWER_WAIT_MAX_S = 3600,          /* a Retry-After beyond that is not obeyed */
};

struct answer {
	long status;            /* 0: none came */
	int64_t retry_after_s;  /* 0: not said */
	int has_checksum;
	char checksum[ANSWER_CHECKSUM_BYTES + 1]; /* x-amz-checksum-sha256 */
	size_t header_bytes;
};

/* What the answer to a PUT says. */
enum stored {
	STORED_NOT,      /* see answer_outcome() */
	STORED_SAYS_SO,  /* taken, as it says */
	STORED_BEFORE,   /* something of that name is there: look whether it is this */
};

/* Takes one header line. 0, or -EMSGSIZE when there is no end to them. `now_s` is for a Retry-After that names a time. */
int answer_header(struct answer *a, const char *line, size_t n, int64_t now_s) MUST_CHECK;
enum stored answer_stored(const struct answer *a) MUST_CHECK;
/* What a status that is no success means, and in words what a person can do. Sets outcome, not_before_s and why. */
void answer_outcome(const struct answer *a, struct attempt *into);

#endif
