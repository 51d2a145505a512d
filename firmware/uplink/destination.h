/*
 * uplink/destination.h - what a place that records are delivered to has to offer.
 *
 * Several kinds live in one uplink and the settings choose, so this is a table.
 */
#ifndef UPLINK_DESTINATION_H
#define UPLINK_DESTINATION_H

#include "doors/parcel/parcel.h"

/* What became of a try. The number goes to the warden as vital uplink_trouble: 0 is none. */
enum outcome {
	DELIVERED = 0,     /* it is there, whole: seen, not believed */
	TRY_AGAIN = 1,     /* nobody answered, or the answer was "not now" */
	NOT_TRUSTED = 2,   /* whoever answered could not show that it is the collector, or the clock is wrong */
	NOT_ALLOWED = 3,   /* the collector does not accept this unit: 401, 403 */
	WRONG_PLACE = 4,   /* the address is wrong: moved, not found, no such method */
	REFUSED = 5,       /* it will not take this record: too large, malformed */
	TAKEN = 6,         /* another record has its place there; it was not touched */
	NOT_THE_SAME = 7,  /* it was taken, and nothing is there now, or not what was sent */
	LOCAL_FAULT = 8,   /* this unit's own folder, disk or memory */
};

struct attempt {
	enum outcome outcome;
	int start_again;       /* 1: this room is locked out of what it needs, and only a new start of it helps */
	int64_t not_before_s;  /* the collector asked not to be tried again for so long; 0: it did not say */
	char why[160];         /* for the log; empty when delivered */
};

struct destination {
	/* Delivers one record. The same record may come again, and is delivered again without harm. */
	void (*deliver)(const struct parcel *p, struct attempt *a);
	int over_network;      /* 1: a try may take long, and is tried again here until it is delivered */
};

/* BOOT-SEQUENCE.lsr: the unit's name, this, and no more is what a collector can read in a name. */
enum { RECORD_NAME_BYTES = 40 };
void record_name(char name[RECORD_NAME_BYTES], const struct parcel *p);

#endif
