/*
 * lanectl/flashlog.h - the flash record: what was written to which medium for which unit, signed.
 *
 * One JSON object a line: {"record":{...},"signature":"BASE64"}. The signature
 * (ECDSA P-256 over SHA-256, DER, by the technician's key) is over the bytes of the
 * record as they stand in the line, braces included. Each record has its number and
 * the SHA-256 of the line before, so a line that was taken out or changed shows;
 * lines cut off at the end do not. Bytes: docs/LANECTL.md, "The flash record".
 */
#ifndef LANECTL_FLASHLOG_H
#define LANECTL_FLASHLOG_H

#include <openssl/evp.h>

#include "writer.h"

#include "../common/key.h"

/* What stands around the record and the signature in a line, to the byte. */
#define FLASHLOG_BEGIN  "{\"record\":"
#define FLASHLOG_MIDDLE ",\"signature\":\""
#define FLASHLOG_END    "\"}"

enum { FLASHLOG_LINE_MAX = 8192, FLASHLOG_SIGNATURE_MAX = 80 };

struct flashlog {
	const char *path;
	int fd;
	EVP_PKEY *key;
};

/*
 * Before anything is written to a medium: loads the key and opens the log for
 * appending, made when it is not there. Says what is wrong; -errno.
 */
int flashlog_open(struct flashlog *l, const char *path, const char *key_path,
		  const struct key_passphrase *from) MUST_CHECK;
void flashlog_close(struct flashlog *l);

/* One line, on the disk when this returns 0. unit NULL: not told. Waits while another lanectl appends. */
int flashlog_append(struct flashlog *l, const struct writer *w, const char *unit, int64_t seconds) MUST_CHECK;

/* ---- reading ---- */

struct flashlog_line {
	struct span record; /* the signed bytes, in the line */
	uint8_t signature[FLASHLOG_SIGNATURE_MAX];
	size_t n_signature;
};

/* Takes a line without its newline apart; -EBADMSG when it is none. The record is not looked into. */
int flashlog_line_read(struct flashlog_line *out, struct span line) MUST_CHECK;

enum flashlog_answer {
	LOG_GOOD,
	LOG_DAMAGED,
	LOG_FORGED /* signed by no or another key */,
	LOG_BROKEN /* chain */
};

/*
 * Checks the next line of a log: *at moves behind it. `state` begins as {0}.
 * *record is the parsed record, to be given to json_decref(); NULL when damaged.
 * Returns 0 when there was a line, -ENODATA at the end.
 */
struct flashlog_state {
	uint64_t lines;
	char previous[65];
};
struct json_t;
int flashlog_next(struct flashlog_state *state, struct span *at, EVP_PKEY *key, enum flashlog_answer *answer,
		  struct json_t **record) MUST_CHECK;

#endif
