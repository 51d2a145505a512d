/*
 * warden/collector.h - whether the policy lets this unit deliver where the settings say, and what uplink needs for it.
 *
 * The agency decides where records go: a collector counts only when the policy names
 * its address, and the hash of the certificate that vouches for it. Otherwise nothing
 * is delivered, loudly; records stay in the spool.
 */
#ifndef WARDEN_COLLECTOR_H
#define WARDEN_COLLECTOR_H

#include "warden/house.h"

/* 1 when uplink.to is the address of a collector (and not "none" or "file:"). */
int collector_wanted(const struct settings *s) MUST_CHECK;
/*
 * Opens anchor, certificate and keys as things. Files that cannot be used are
 * complained about as settings; what the policy does not allow is said, and the
 * anchor is then left unopened. With --check that counts as a mistake too.
 */
void collector_open(struct house *h);

#endif
