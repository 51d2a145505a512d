/*
 * What the tests of the spool share: a unit with a key, passages to store, a
 * folder to store them in, and a verifier that reads the folder as a stranger would.
 */
#ifndef TESTS_SPOOL_KIT_H
#define TESTS_SPOOL_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "doors/sealed/sealed.h"
#include "spool/chain.h"
#include "spool/store.h"

enum { KIT_KEY_BYTES = 138, KIT_BODY_BYTES = 300 };

extern const char kit_unit[];
extern uint8_t kit_point[CRYPTO_POINT_BYTES];

/* Opens crypto, makes the key. Once in a program. */
void kit_begin(void);
/* The key as the file has it. */
void kit_key(uint8_t der[KIT_KEY_BYTES]);
/* A descriptor of a file that holds these bytes. */
int kit_file(struct span bytes);

/* A new empty folder; kit_remove() takes it away. */
int kit_folder(char path[64]);
void kit_remove(const char *path);

/* Good until the next call. The body is the passage's own. */
struct sealed kit_sealed(uint64_t passage, size_t body_bytes);

/* 1 GiB, 1000 records, no floor, run 1. */
struct store_wish kit_wish(int folder_fd);
extern uint8_t kit_key_id[RECORD_KEY_ID_BYTES];

/* Room, signature and append, as spool does it; what recovery owes is stated first. */
int kit_store(struct chain *c, struct store *st, uint64_t passage, size_t body_bytes);
int kit_beat(struct chain *c, struct store *st);
int kit_gap(struct chain *c, struct store *st, const struct store_lost *lost);
/* Delivers what is due, at most `most`; what is lost is stated. Returns how many, or -errno. */
int kit_deliver(struct chain *c, struct store *st, size_t most);

struct kit_report {
	size_t records;       /* passages */
	size_t heartbeats, gaps;
	size_t damaged;       /* places in segments that are no record */
	size_t copies;        /* records that are there twice */
	uint64_t first, last; /* sequence */
	uint32_t boot;        /* of the last */
	uint64_t stated;      /* numbers that are not there, and a signed gap says so */
	size_t breaks;        /* places where numbers skip and no gap says why, or links do not fit */
	uint64_t passages[4096];
	uint32_t boots[4096];
};
/*
 * Reads all segments (spool) or record files (what uplink delivered). Fails the test when a
 * signature does not fit or a number is there with two meanings.
 */
void kit_read(int folder_fd, struct kit_report *r);
size_t kit_count(const struct kit_report *r, uint32_t boot, uint64_t passage);

#endif
