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

/* chain_sign and store_append, as spool does it. */
int kit_store(struct chain *c, struct store *st, uint64_t passage, size_t body_bytes);

struct kit_report {
	size_t records, bad, other;
	uint64_t first, last; /* sequence */
	uint32_t boot;        /* of the last */
	size_t breaks;        /* places where numbers skip or links do not fit */
	uint64_t passages[4096];
	uint32_t boots[4096];
};
/* Fails the test when a record is altered or numbers fall. */
void kit_read(int folder_fd, struct kit_report *r);
size_t kit_count(const struct kit_report *r, uint32_t boot, uint64_t passage);

#endif
