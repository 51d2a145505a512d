/*
 * Takes the flash record apart and checks it, line by line. Anybody may have written it.
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <openssl/err.h>

#include "flashlog.h"

static const char line_begin[] = FLASHLOG_BEGIN, line_middle[] = FLASHLOG_MIDDLE, line_end[] = FLASHLOG_END;

int
flashlog_line_read(struct flashlog_line *out, struct span line)
{
	const size_t n_begin = sizeof(line_begin) - 1, n_middle = sizeof(line_middle) - 1,
		     n_end = sizeof(line_end) - 1;
	const uint8_t *middle = NULL;
	uint8_t bytes[FLASHLOG_SIGNATURE_MAX + 3];
	size_t n, pad;
	int got;

	if (line.n > FLASHLOG_LINE_MAX || line.n < n_begin + n_middle + n_end ||
	    memcmp(line.p, line_begin, n_begin) != 0 || memcmp(line.p + line.n - n_end, line_end, n_end) != 0)
		return -EBADMSG;
	/* Base64 has no quote in it, so the last one of these is ours. */
	for (size_t i = n_begin; i + n_middle + n_end <= line.n; i++)
		if (memcmp(line.p + i, line_middle, n_middle) == 0)
			middle = line.p + i;
	if (!middle)
		return -EBADMSG;
	out->record = SPAN(line.p + n_begin, (size_t)(middle - line.p) - n_begin);
	n = (size_t)(line.p + line.n - n_end - (middle + n_middle));
	if (n == 0 || n % 4 || n / 4 * 3 > sizeof(bytes))
		return -EBADMSG;
	pad = (size_t)(middle[n_middle + n - 1] == '=') + (size_t)(middle[n_middle + n - 2] == '=');
	got = EVP_DecodeBlock(bytes, middle + n_middle, (int)n);
	if (got <= (int)pad || (size_t)got - pad > sizeof(out->signature))
		return -EBADMSG;
	out->n_signature = (size_t)got - pad;
	memcpy(out->signature, bytes, out->n_signature);
	return 0;
}

static int
signature_fits(EVP_PKEY *key, const struct flashlog_line *line)
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	int good;

	CHECK(c);
	good = EVP_DigestVerifyInit(c, NULL, EVP_sha256(), NULL, key) == 1 &&
	       EVP_DigestVerify(c, line->signature, line->n_signature, line->record.p, line->record.n) == 1;
	EVP_MD_CTX_free(c);
	ERR_clear_error();
	return good;
}

static int
chain_fits(const struct flashlog_state *s, const json_t *record)
{
	const char *previous = json_string_value(json_object_get(record, "previous"));
	json_int_t number = json_integer_value(json_object_get(record, "number"));

	return previous && strcmp(previous, s->previous) == 0 && number > 0 &&
	       (uint64_t)number == s->lines + 1;
}

int
flashlog_next(struct flashlog_state *s, struct span *at, EVP_PKEY *key, enum flashlog_answer *answer,
	      struct json_t **record)
{
	const uint8_t *eol = at->n ? memchr(at->p, '\n', at->n) : NULL;
	size_t n = eol ? (size_t)(eol - at->p) : at->n;
	uint8_t hash[CRYPTO_HASH_BYTES];
	struct flashlog_line line;

	*record = NULL;
	if (at->n == 0)
		return -ENODATA;
	if (s->lines == 0)
		memset(s->previous, '0', 64);
	if (flashlog_line_read(&line, SPAN(at->p, n)) == 0 && eol)
		*record =
		    json_loadb((const char *)line.record.p, line.record.n, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(*record))
		*answer = LOG_DAMAGED;
	else if (!signature_fits(key, &line))
		*answer = LOG_FORGED;
	else
		*answer = chain_fits(s, *record) ? LOG_GOOD : LOG_BROKEN;
	CHECK(EVP_Digest(at->p, n, hash, NULL, EVP_sha256(), NULL) == 1);
	for (size_t i = 0; i < sizeof(hash); i++)
		(void)snprintf(s->previous + 2 * i, 3, "%02x", hash[i]);
	s->lines++;
	n += eol != NULL;
	*at = SPAN(at->p + n, at->n - n);
	return 0;
}
