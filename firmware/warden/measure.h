/*
 * warden/measure.h - the programs that run, as descriptors and as one hash.
 */
#ifndef WARDEN_MEASURE_H
#define WARDEN_MEASURE_H

#include "hal/crypto.h"
#include "warden/wiring.h"

/*
 * Opens the rooms' programs (../libexec/ROOM, from where laneseald itself lies)
 * and measures them: SHA-256 over the SHA-256 of laneseald, capture, locate, seal,
 * spool and uplink, in this order. The rooms are started from these descriptors,
 * so what was measured is what runs, also after a restart.
 * Returns 0 or -errno, having said which file is the trouble.
 */
int measure_open(int programs[ROOM_COUNT], uint8_t firmware[CRYPTO_HASH_BYTES]) MUST_CHECK;

#endif
