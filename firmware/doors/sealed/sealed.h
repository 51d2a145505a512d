/*
 * doors/sealed/sealed.h - seal hands spool a body that only the recipients can open.
 *
 * seal -> spool: struct sealed. spool -> seal: struct sealed_ack, after the record
 * was synced to disk. docs/DOORS.md, "sealed".
 */
#ifndef DOORS_SEALED_H
#define DOORS_SEALED_H

#include "base/base.h"

enum {
	SEALED_HEADER_MAX = 512,
	/* Padding adds at most 1/8 (Padme), recipients and framing at most 4 KiB. */
	SEALED_BODY_MAX = CONFIG_PASSAGE_MAX_KIB * 1024 + CONFIG_PASSAGE_MAX_KIB * 128 + 4096,
	SEALED_MESSAGE_MAX = SEALED_BODY_MAX + SEALED_HEADER_MAX + 64,
	SEALED_TYPE = 1,
	SEALED_ACK_TYPE = 2,
	SEALED_HELLO_TYPE = 3, /* empty, from a spool that has just started */
	SEALED_COUNTED_TYPE = 4, /* empty: a passage was not sealed, since no policy is valid */
	SEALED_ACK_BYTES = 9,
};

struct sealed {
	uint64_t passage;   /* for telling a repeated offer; also inside the header */
	struct span header; /* the sealed header, CBOR, external_aad of the body */
	struct span body;   /* COSE_Encrypt */
};

enum { SEALED_STORED = 1, SEALED_FULL = 2 /* offer it again later */ };

struct sealed_ack {
	uint64_t passage;
	uint8_t answer;
};

int64_t sealed_encode(const struct sealed *s, struct space into) MUST_CHECK;
int sealed_decode(struct sealed *s, struct span bytes) MUST_CHECK;
int sealed_ack_encode(const struct sealed_ack *a, struct space into) MUST_CHECK;
int sealed_ack_decode(struct sealed_ack *a, struct span bytes) MUST_CHECK;

#endif
