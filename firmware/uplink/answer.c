/*
 * What a collector's answer means. Whatever is not known is "try again": a
 * record is given up by nobody but the spool's own rules.
 */
#include "uplink/answer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

struct meaning {
	long from, to;
	enum outcome outcome;
	const char *why;
};

static const struct meaning meanings[] = {
	{300, 399, WRONG_PLACE, "it answers from somewhere else; only the address that the policy names is used"},
	{401, 401, NOT_ALLOWED, "it does not know this unit: look at its certificate or keys, and at the clock"},
	{403, 403, NOT_ALLOWED, "it forbids this unit to write there: look at its certificate or keys, its rights, and at the clock"},
	{404, 404, WRONG_PLACE, "there is no such folder or bucket"},
	{405, 405, WRONG_PLACE, "nothing can be put there"},
	{408, 408, TRY_AGAIN, "it waited too long for the record"},
	{409, 409, TRY_AGAIN, "somebody else writes that name just now"},
	{410, 410, WRONG_PLACE, "the place is gone for good"},
	{412, 412, TRY_AGAIN, "it holds that name, and does not show it"},
	{413, 413, REFUSED, "the record is larger than it takes: raise its limit"},
	{425, 425, TRY_AGAIN, "too early"},
	{429, 429, TRY_AGAIN, "too many requests"},
	{400, 499, REFUSED, "it does not accept the request"},
	{503, 503, TRY_AGAIN, "it is not available"},
	{507, 507, TRY_AGAIN, "its storage is full"},
	{500, 599, TRY_AGAIN, "it failed"},
};

static const char *
after_name(const char *line, size_t n, const char *name, size_t *left)
{
	size_t length = strlen(name);

	if (n <= length || line[length] != ':' || strncasecmp(line, name, length) != 0)
		return NULL;
	line += length + 1;
	n -= length + 1;
	while (n > 0 && (*line == ' ' || *line == '\t')) {
		line++;
		n--;
	}
	while (n > 0 && (line[n - 1] == '\r' || line[n - 1] == '\n' || line[n - 1] == ' ' || line[n - 1] == '\t'))
		n--;
	*left = n;
	return line;
}

/* Seconds, or a time of day (RFC 9110, 10.2.3). What is neither is not obeyed. */
static int64_t
read_retry_after(const char *value, size_t n, int64_t now_s)
{
	char text[40];
	struct tm at = {.tm_sec = 0};
	int64_t wait;

	if (n == 0 || n >= sizeof(text))
		return 0;
	memcpy(text, value, n);
	text[n] = '\0';
	if (strspn(text, "0123456789") == n) {
		wait = n > 9 ? ANSWER_WAIT_MAX_S : strtoll(text, NULL, 10);
	} else {
		const char *end = strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &at);

		wait = end && *end == '\0' ? (int64_t)timegm(&at) - now_s : 0;
	}
	return wait < 0 ? 0 : wait > ANSWER_WAIT_MAX_S ? ANSWER_WAIT_MAX_S : wait;
}

int
answer_header(struct answer *a, const char *line, size_t n, int64_t now_s)
{
	const char *value;
	size_t left;

	a->header_bytes += n;
	if (a->header_bytes > ANSWER_HEADERS_MAX_BYTES)
		return -EMSGSIZE;
	value = after_name(line, n, "retry-after", &left);
	if (value)
		a->retry_after_s = read_retry_after(value, left, now_s);
	value = after_name(line, n, "x-amz-checksum-sha256", &left);
	if (value) {
		/* One of another length is a wrong one, not none. */
		a->has_checksum = 1;
		memset(a->checksum, 0, sizeof(a->checksum));
		if (left == ANSWER_CHECKSUM_BYTES)
			memcpy(a->checksum, value, left);
	}
	return 0;
}

enum stored
answer_stored(const struct answer *a)
{
	if (a->status == 200 || a->status == 201 || a->status == 204)
		return STORED_SAYS_SO;
	return a->status == 409 || a->status == 412 ? STORED_BEFORE : STORED_NOT;
}

void
answer_outcome(const struct answer *a, struct attempt *into)
{
	static const struct meaning other = {0, 0, TRY_AGAIN, "that is no answer to this request"};
	const struct meaning *m = &other;

	for (size_t i = 0; i < ARRAY_SIZE(meanings); i++)
		if (a->status >= meanings[i].from && a->status <= meanings[i].to) {
			m = &meanings[i];
			break;
		}
	into->outcome = m->outcome;
	into->not_before_s = a->retry_after_s;
	(void)snprintf(into->why, sizeof(into->why), "answer %ld: %s", a->status, m->why);
}
