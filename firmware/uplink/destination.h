/*
 * uplink/destination.h - what a place that records are delivered to has to offer.
 *
 * Several kinds live in one uplink and the settings choose, so this is a table.
 */
#ifndef UPLINK_DESTINATION_H
#define UPLINK_DESTINATION_H

#include "doors/parcel/parcel.h"

struct destination {
	/*
	 * Delivers one record. The same record may come again, and is delivered again without harm.
	 *   0        it is there, whole, and stays there when the power goes
	 *   -EEXIST  another record has its place: a person has to look
	 *   -errno   not now
	 */
	int (*deliver)(const struct parcel *p);
};

#endif
