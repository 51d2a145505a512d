/*
 * doors/parcel/parcel.h - spool hands uplink one whole record to deliver, and gets a receipt.
 *
 * docs/DOORS.md, "parcel".
 */
#ifndef DOORS_PARCEL_H
#define DOORS_PARCEL_H

#include "base/base.h"

enum {
	/* a sealed body and header, and what the chain entry and signature add */
	PARCEL_RECORD_MAX = CONFIG_PASSAGE_MAX_KIB * (1024 + 128) + 8192,
	PARCEL_MESSAGE_MAX = PARCEL_RECORD_MAX + 64,
	PARCEL_TYPE = 1,
	PARCEL_RECEIPT_TYPE = 2,
	PARCEL_HELLO_TYPE = 3, /* empty, from an uplink that has just started */
	PARCEL_RECEIPT_BYTES = 13,
};

struct parcel {
	uint32_t boot;
	uint64_t sequence;
	struct span record; /* the record's bytes */
};

enum { PARCEL_DELIVERED = 1, PARCEL_FAILED = 2 /* offer it again later */ };

struct parcel_receipt {
	uint32_t boot;
	uint64_t sequence;
	uint8_t answer;
};

int64_t parcel_encode(const struct parcel *p, struct space into) MUST_CHECK;
int parcel_decode(struct parcel *p, struct span bytes) MUST_CHECK;
int parcel_receipt_encode(const struct parcel_receipt *r, struct space into) MUST_CHECK;
int parcel_receipt_decode(struct parcel_receipt *r, struct span bytes) MUST_CHECK;

#endif
