/*
 * uplink/collector.h - delivers to a collector over HTTPS: any S3-compatible object
 * store, or a gateway that takes plain PUT (RFC 9110) from units it knows by
 * their certificate.
 *
 * A record is BASE/UNIT/BOOT-SEQUENCE.lsr. It is put there only where nothing is
 * ("If-None-Match: *"). It counts as delivered when the collector has confirmed the
 * SHA-256 of what it holds, or, where it cannot, when the record was read back
 * and is the same.
 */
#ifndef UPLINK_COLLECTOR_H
#define UPLINK_COLLECTOR_H

#include "uplink/destination.h"

/*
 * `to` is "https://..." or "s3:https://...". Takes certificate, anchor and keys from the
 * room's descriptors. On failure `why` says what cannot be used, in words.
 */
int collector_open(const char *to, const char **why) MUST_CHECK;
void collector_close(void);

extern const struct destination collector_destination;

#endif
