/*
 * Fills a spool as a unit does in weeks: seal's and spool's own code, real keys, a real policy, no rooms
 * and no waiting for the disk. Beside the spool it writes what only the judge of the test may know.
 *
 *     theft_make KEYS OUT RECORDS SEED [A_DAY]
 *
 * KEYS holds unit.der, policy.cose and policy-key.der, as lanekeys makes them. OUT gets spool/ and truth.csv.
 * With A_DAY that many vehicles pass each day, and there is a heartbeat every minute.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "hal/clock.h"
#include "lane.h"
#include "record/body.h"
#include "record/plain.h"
#include "spool/chain.h"
#include "spool/store.h"

enum {
	PAINTED = 10000, /* different passages; beyond that they come again */
	SPKI_BYTES = 91,
	HEARTBEAT_S = 60,
	LANE_A_DAY = 3033, /* vehicles a day of lane_gap_s() */
};
static const char unit[] = "theft";
static const int64_t began_s = 1790000100;

struct factory {
	struct policy policy;
	struct body_sealer *sealer;
	struct chain chain;
	struct store store;
	struct passing *painted;
	size_t n_painted;
	FILE *truth;
};

static uint8_t scratch[SEALED_MESSAGE_MAX], header_bytes[SEALED_HEADER_MAX], body_bytes[SEALED_BODY_MAX];

/* Nobody pulls the plug here: of all that storing a record costs, only the waiting for the disk is left out. */
int fsync(int fd);
int fdatasync(int fd);
int
fsync(int fd)
{
	return fcntl(fd, F_GETFD) < 0 ? -1 : 0;
}
int
fdatasync(int fd)
{
	return fsync(fd);
}

/* What time it is in the lane; the unit's clock says so. */
static int64_t lane_us;

int
hal_clock_read(struct hal_clock_state *state)
{
	*state = (struct hal_clock_state){.utc_us = lane_us, .quality = CLOCK_FREE};
	return 0;
}

static void
give_up(const char *what, int err)
{
	(void)fprintf(stderr, "theft_make: %s: %s\n", what, strerror(err));
	exit(1);
}

static int
open_in(const char *folder, const char *name, int flags)
{
	char path[4096];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	if ((flags & O_DIRECTORY) && mkdir(path, 0700) < 0 && errno != EEXIST)
		give_up(path, errno);
	fd = open(path, flags | O_CLOEXEC, 0600);
	if (fd < 0)
		give_up(path, errno);
	return fd;
}

static void
open_policy(struct factory *f, const char *keys)
{
	static _Alignas(16) uint8_t work[16384];
	static uint8_t bytes[POLICY_BYTES_MAX];
	uint8_t spki[SPKI_BYTES], point[1][CRYPTO_POINT_BYTES];
	int64_t n = io_load(open_in(keys, "policy.cose", O_RDONLY), SPACE_OF(bytes));
	int err = n < 0 ? (int)n : 0;

	if (io_load(open_in(keys, "policy-key.der", O_RDONLY), SPACE_OF(spki)) != SPKI_BYTES)
		give_up("policy-key.der", EBADMSG);
	memcpy(point[0], spki + SPKI_BYTES - CRYPTO_POINT_BYTES, CRYPTO_POINT_BYTES);
	if (err == 0)
		err = policy_read(&f->policy, SPAN(bytes, (size_t)n),
				  (const uint8_t(*)[CRYPTO_POINT_BYTES])point, 1);
	if (err < 0)
		give_up("policy.cose", -err);
	CHECK(body_sealer_bytes() <= sizeof(work) &&
	      body_sealer_open(&f->sealer, SPACE_OF(work), &f->policy) == 0);
}

static void
open_spool(struct factory *f, const char *keys, const char *out, uint64_t records)
{
	struct store_wish wish = {.folder_fd = open_in(out, "spool", O_RDONLY | O_DIRECTORY),
				  .unit = unit,
				  .key_id = f->chain.key_id,
				  .point = f->chain.point,
				  .max_bytes = UINT64_C(1) << 40,
				  .max_records = records,
				  .run = 1,
				  .first = 1,
				  .scratch = SPACE_OF(scratch)};
	struct store_found found;
	int err = chain_open(&f->chain, open_in(keys, "unit.der", O_RDONLY), unit);

	if (err == 0)
		err = store_open(&f->store, &wish, &found);
	if (err < 0)
		give_up("unit.der or the spool", -err);
	if (found.records)
		give_up("the spool is not empty", EEXIST);
}

/* What seal does with a passage and then spool. Returns the length of the body. */
static size_t
seal_and_store(struct factory *f, const struct crop *c)
{
	struct record_header h = {.coarse_time_s = c->first_utc_us / 1000000 / RECORD_COARSE_TIME_S *
						   RECORD_COARSE_TIME_S};
	struct sealed s = {.passage = c->passage};
	struct chain_link made;
	size_t header_n, body_n;

	memcpy(h.unit, unit, sizeof(unit));
	memcpy(h.policy, f->policy.hash, sizeof(h.policy));
	CHECK(body_seal(f->sealer, c, &h, SPACE_OF(header_bytes), &header_n, SPACE_OF(body_bytes), &body_n) ==
	      0);
	s.header = SPAN(header_bytes, header_n);
	s.body = SPAN(body_bytes, body_n);
	CHECK(chain_accepts(&f->chain, &s) && store_room(&f->store, RECORD_SIGN1_MAX + body_n, 0) == 0);
	CHECK(chain_sign(&f->chain, &f->store.head, &s, &made) == 0);
	CHECK(store_append(&f->store, &c->passage, made.link, SPAN(made.sign1, made.bytes), s.body) == 0);
	return body_n;
}

static void
make_record(struct factory *f, uint64_t seed, uint64_t number, int64_t at_us)
{
	struct passing *p =
	    &f->painted[number <= f->n_painted ? number - 1 : lane_pick(f->n_painted, seed, number)];
	size_t body_n;

	p->crop.passage = number;
	p->crop.first_utc_us = at_us;
	p->crop.last_utc_us = at_us + p->crop.frames_seen * 33333;
	for (uint32_t i = 0; i < p->crop.n_views; i++)
		p->crop.views[i].utc_us = p->crop.last_utc_us - i * 33333;
	body_n = seal_and_store(f, &p->crop);
	(void)fprintf(f->truth, "%" PRIu64 ",%" PRId64 ",%u,%u,%u,%u,%zu,%zu\n", number, at_us, p->letters,
		      p->plate_px, p->crop.n_views, p->picture_bytes, plain_bytes(&p->crop), body_n);
}

/* What spool adds each minute. */
static void
beat(struct factory *f)
{
	const struct record_entry e = {.kind = ENTRY_HEARTBEAT, .interval_s = HEARTBEAT_S};
	struct chain_link made;

	CHECK(store_room(&f->store, RECORD_SIGN1_MAX, 1) == 0);
	CHECK(chain_sign_light(&f->chain, &f->store.head, &e, &made) == 0);
	CHECK(store_append(&f->store, NULL, made.link, SPAN(made.sign1, made.bytes), SPAN(NULL, 0)) == 0);
}

/* a_day 0: as many as lane_gap_s() wants, and no heartbeats. */
static void
make_all(struct factory *f, uint64_t records, uint64_t seed, uint64_t a_day)
{
	int64_t at_us = began_s * 1000000, beat_us = a_day ? at_us : INT64_MAX;
	double gap = a_day ? (double)LANE_A_DAY / (double)a_day : 1;

	(void)fprintf(f->truth,
		      "sequence,arrival_us,letters,plate_px,views,picture_bytes,plain_bytes,body_bytes\n");
	for (uint64_t i = 1; i <= records; i++) {
		at_us += (int64_t)(lane_gap_s(seed, i, at_us / 1000000) * gap * 1e6);
		for (; beat_us <= at_us; beat_us += HEARTBEAT_S * 1000000) {
			lane_us = beat_us;
			beat(f);
		}
		lane_us = at_us;
		make_record(f, seed, i, at_us);
		if (i % 10000 == 0 || i == records)
			(void)fprintf(stderr, "theft_make: %" PRIu64 " of %" PRIu64 " records\n", i, records);
	}
}

int
main(int argc, char **argv)
{
	static struct factory f;
	int good = argc == 5 || argc == 6;
	uint64_t records = good ? strtoull(argv[3], NULL, 10) : 0, seed = good ? strtoull(argv[4], NULL, 10) : 0,
		 a_day = argc == 6 ? strtoull(argv[5], NULL, 10) : 0;

	if (records == 0 || records > 100000000) {
		(void)fprintf(stderr, "usage: theft_make KEYS OUT RECORDS SEED [A_DAY]\n");
		return 1;
	}
	CHECK(hal_crypto_open() == 0);
	open_policy(&f, argv[1]);
	open_spool(&f, argv[1], argv[2], a_day ? 2 * records : records);
	f.truth = fdopen(open_in(argv[2], "truth.csv", O_WRONLY | O_CREAT | O_EXCL), "w");
	f.n_painted = (size_t)(records < PAINTED ? records : PAINTED);
	f.painted = calloc(f.n_painted, sizeof(*f.painted));
	CHECK(f.truth && f.painted);
	for (size_t i = 0; i < f.n_painted; i++)
		lane_paint(&f.painted[i], &f.policy, seed, i);
	make_all(&f, records, seed, a_day);
	if (fclose(f.truth) != 0)
		give_up("truth.csv", errno);
	body_sealer_close(f.sealer);
	store_close(&f.store);
	chain_close(&f.chain);
	hal_crypto_close();
	return 0;
}
