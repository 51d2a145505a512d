/*
 * A folder of records as a unit would have left it, in memory of the test and on disk.
 */
#ifndef TESTS_OPENING_FOLDER_H
#define TESTS_OPENING_FOLDER_H

#include "../../tools/laneopen/chain.h"
#include "../../tools/laneopen/unpack.h"
#include "../ports/maker.h"

enum { FOLDER_RECORD_MAX = 16384, FOLDER_NAME_BYTES = 48 };

/* How the next record is made; folder_rules() gives the ordinary way. */
struct recipe {
	enum maker_key key;
	const char *unit;
	uint8_t kind;
	uint32_t boot;
	uint64_t sequence;
	uint64_t gap_first, gap_count;
	uint8_t gap_reason;
	int64_t time_s; /* of a heartbeat or gap */
	uint8_t previous[CRYPTO_HASH_BYTES];
	uint8_t policy[CRYPTO_HASH_BYTES];
	uint64_t passage;
};

struct record {
	char name[FOLDER_NAME_BYTES];
	uint8_t bytes[FOLDER_RECORD_MAX];
	size_t n, sign1_n;
	uint8_t link[CRYPTO_HASH_BYTES];
};

struct folder {
	struct maker maker;
	struct chain_rules rules;
	char path[64], out[64];
	int fd, out_fd;
	/* what the last look found */
	struct chain chain;
	struct unpacked unpacked;
	size_t answers[ANSWER_COUNT], pictures;
};

void folder_open(struct folder *f);
void folder_close(struct folder *f);
struct recipe folder_recipe(const struct folder *f, uint64_t sequence, const struct record *before);
void folder_make(struct folder *f, const struct recipe *how, struct record *r);
/* Records 1 to n of one chain. */
void folder_make_chain(struct folder *f, struct record *r, size_t n);
void folder_put(struct folder *f, const char *name, struct span bytes);
void folder_put_record(struct folder *f, const struct record *r);
void folder_remove(struct folder *f, const char *name);
/* Removes every file. */
void folder_empty(struct folder *f);
/* Both passes of laneopen, into an empty out folder. key MAKER_KEYS: --verify-only. */
void folder_look(struct folder *f, enum maker_key key);
/* The entry with this sequence, or NULL; the first of them. */
const struct item *folder_item(const struct folder *f, uint64_t sequence);

#endif
