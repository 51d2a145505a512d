/*
 * The power goes instead of the first change to the disk, of the second, the third ... until
 * a whole scenario passes: boots, heartbeats, passages, deliveries, deletion, drops with a gap, records that grow too old.
 * After each cut the disk is as tests/lib/storage_sim.c leaves it - only what was synced, all
 * that was written, or any part of it in any order, torn at 512 bytes - and the spool is
 * opened on it. Then: every promised record is there whole or was delivered or dropped with a
 * signed gap, what was not delivered is offered, the chain verifies, numbers never go back.
 * The same with a disk that refuses, says yes to half, or does not give back what it holds.
 *
 *     spool_power SEEDS      how many random disks for each cut
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "spool_kit.h"
#include "storage_sim.h"

enum { PROMISES_MAX = 128, BOOTS = 3, FOLDER = 3, DAY_S = 86400, KEPT_DAYS = 30 };

/* Somebody vouches for the clock, and what a boot finds on the disk is too old. */
static const int64_t now_s = SIM_CHANGED_S + (KEPT_DAYS + 1) * DAY_S;

struct promise {
	uint64_t passage, sequence;
	uint32_t boot;
	int delivered, dropped;
};

/* What the world outside of the disk knows: answers that were given. */
static struct world {
	struct promise promises[PROMISES_MAX];
	size_t n;
	uint64_t sequence, passage; /* the highest */
	uint32_t boot;
} world, world_before;

static struct chain chain;
static struct store store;
static unsigned int seeds;
static uint8_t record[1 << 19];
static size_t tried, expired;

/*
 * The same records are read on many disks, and most of the time would go into their signatures: a good answer is kept. The
 * linker puts this before the port (build.mk).
 */
typedef int verify_call(const uint8_t point[CRYPTO_POINT_BYTES], const uint8_t hash[CRYPTO_HASH_BYTES],
			const uint8_t signature[CRYPTO_SIGNATURE_BYTES]);
verify_call __real_hal_crypto_verify, __wrap_hal_crypto_verify;

int
__wrap_hal_crypto_verify(const uint8_t point[CRYPTO_POINT_BYTES], const uint8_t hash[CRYPTO_HASH_BYTES],
			 const uint8_t signature[CRYPTO_SIGNATURE_BYTES])
{
	static struct {
		uint8_t point[CRYPTO_POINT_BYTES], hash[CRYPTO_HASH_BYTES], signature[CRYPTO_SIGNATURE_BYTES];
	} good[4096], asked;
	size_t place = ((size_t)signature[0] << 8 | signature[1]) % ARRAY_SIZE(good);
	int err;

	memcpy(asked.point, point, sizeof(asked.point));
	memcpy(asked.hash, hash, sizeof(asked.hash));
	memcpy(asked.signature, signature, sizeof(asked.signature));
	if (memcmp(&good[place], &asked, sizeof(asked)) == 0)
		return 0;
	err = __real_hal_crypto_verify(point, hash, signature);
	if (err == 0)
		memcpy(&good[place], &asked, sizeof(asked));
	return err;
}

void
hal_clock_open(void)
{
}

int
hal_clock_read(struct hal_clock_state *state)
{
	*state = (struct hal_clock_state){.utc_us = now_s * 1000000, .quality = CLOCK_SYNCED};
	return 0;
}

/* A full run takes minutes: a line every half minute. */
static void
tell_progress(const char *what, size_t n)
{
	static time_t said;
	time_t now = time(NULL);

	if (said > 0 && now - said < 30)
		return;
	said = now;
	print_message("  %s: %zu so far\n", what, n);
	(void)fflush(stdout);
}

/* ---- the scenario ---- */

static int
open_store(int first)
{
	struct store_wish wish = kit_wish(FOLDER);
	struct store_found found;
	int err;

	wish.first = first;
	wish.max_records = 40; /* two in a segment */
	wish.max_age_s = KEPT_DAYS * DAY_S;
	err = store_open(&store, &wish, &found);
	if (err == 0) {
		assert_true(store.head.boot >= world.boot);
		assert_true(store.head.sequence >= world.sequence);
	}
	return err;
}

static void
promise(uint64_t passage)
{
	struct promise *p = &world.promises[world.n++];

	assert_true(world.n < PROMISES_MAX);
	*p = (struct promise){.passage = passage, .sequence = store.head.sequence, .boot = store.head.boot};
	world.sequence = store.head.sequence;
	world.boot = store.head.boot;
	store_written_at(&store, now_s);
}

/* As seal does it: a passage that was refused is offered again, at most so often. */
static void
store_passages(int n)
{
	for (int i = 0; i < n; i++) {
		uint64_t passage = ++world.passage;
		int err = -EAGAIN;

		for (int tries = 0; tries < 3 && err < 0; tries++)
			err = kit_store(&chain, &store, passage, 300 + passage * 97 % 900);
		if (err == 0)
			promise(passage);
	}
}

static void
heartbeat(void)
{
	if (kit_beat(&chain, &store) < 0)
		return;
	world.sequence = store.head.sequence;
	store_written_at(&store, now_s);
}

static void
take_receipt(const struct store_entry *e)
{
	for (size_t i = 0; i < world.n; i++)
		if (world.promises[i].sequence == e->sequence)
			world.promises[i].delivered = 1;
}

/* Returns how many were delivered. */
static size_t
deliver(size_t most)
{
	struct store_entry due;
	struct store_lost lost;
	size_t n = 0;

	while (n < most) {
		int got = store_due(&store, &due, &lost);
		int64_t bytes = got == STORE_DUE ? store_read(&store, &due, SPACE_OF(record)) : -EBADMSG;

		if (got <= 0 || (bytes < 0 && bytes != -EBADMSG))
			break;
		if (got == STORE_DUE && bytes > 0) {
			take_receipt(&due);
			store_delivered(&store, &due);
			n++;
			continue;
		}
		if (got == STORE_DUE)
			lost = (struct store_lost){due.sequence, 1, GAP_DAMAGED};
		if (kit_gap(&chain, &store, &lost) < 0)
			break;
		store_give_up(&store, &lost);
	}
	return n;
}

/* 0, or -errno: nothing was dropped. */
static int
drop_oldest(uint8_t reason)
{
	struct store_lost lost;
	int err = store_drop_what(&store, &lost);

	struct store_lost said;

	if (err < 0)
		return err;
	lost.reason = reason;
	said = lost;
	(void)store_drop_says(&store, &said);
	err = kit_gap(&chain, &store, &said);
	if (err < 0)
		return err;
	/* From here the chain says so, whether the file goes or not. */
	for (size_t i = 0; i < world.n; i++)
		if (world.promises[i].sequence - lost.first < lost.count)
			world.promises[i].dropped = 1;
	return store_drop(&store, &lost);
}

/* As spool does it when the policy lets records go that nobody fetched. */
static void
expire(void)
{
	int err = 0;

	for (; err == 0 && store_aged(&store, now_s); expired++) {
		err = store_delete_delivered(&store);
		if (err == -ENOSPC)
			err = drop_oldest(GAP_AGE);
	}
}

static void
one_boot(int number)
{
	if (open_store(1) < 0)
		return;
	heartbeat();
	store_passages(4);
	heartbeat();
	(void)deliver(3);
	if (number == 1 && store_save_marks(&store) < 0)
		heartbeat();
	store_passages(3);
	(void)deliver(number == 2 ? 2 : 6);
	if (store_delete_delivered(&store) == 0)
		heartbeat();
	if (number > 0 && drop_oldest(GAP_SPACE) < 0)
		heartbeat();
	store_passages(2);
	if (number == 2)
		expire();
	/* The room is killed and comes back in the same boot; then it leaves in order. */
	if (number == 1) {
		store_close(&store);
		if (open_store(0) < 0)
			return;
		heartbeat();
		store_passages(1);
	}
	store_turn_page(&store);
	store_passages(1);
	store_close(&store);
}

static void
scenario(void)
{
	for (int i = 0; i < BOOTS; i++)
		one_boot(i);
}

/* ---- after the cut ---- */

static void
check_promises(const struct kit_report *r)
{
	for (size_t i = 0; i < world.n; i++) {
		const struct promise *p = &world.promises[i];
		size_t there = kit_count(r, p->boot, p->passage);

		assert_true(there <= 1);
		if (there == 0 && !p->delivered && !p->dropped)
			fail_msg("passage %llu of boot %u, record %llu: promised, and gone", (unsigned long long)p->passage,
				 p->boot, (unsigned long long)p->sequence);
	}
}

/* What waited is offered; what was delivered may be offered again. */
static void
check_offers(void)
{
	struct store_entry due;
	struct store_lost lost;
	static uint64_t offered[PROMISES_MAX * 4];
	size_t n = 0;

	while (store_due(&store, &due, &lost) == STORE_DUE) {
		assert_true(n < ARRAY_SIZE(offered));
		assert_int_equal(store_read(&store, &due, SPACE_OF(record)), due.bytes);
		offered[n++] = due.sequence;
		store_delivered(&store, &due);
	}
	assert_int_equal(store_due(&store, &due, &lost), STORE_NONE);
	for (size_t i = 0; i < world.n; i++) {
		int found = world.promises[i].delivered || world.promises[i].dropped;

		for (size_t k = 0; k < n && !found; k++)
			found = offered[k] == world.promises[i].sequence;
		assert_true(found);
	}
}

static void
recover_and_check(void)
{
	static struct kit_report r;
	uint64_t sequence;

	assert_int_equal(open_store(1), 0);
	assert_true(store.head.boot > world.boot);
	sequence = store.head.sequence;
	assert_int_equal(kit_beat(&chain, &store), 0);
	assert_true(store.head.sequence > sequence);
	store_passages(1);
	kit_read(FOLDER, &r);
	assert_int_equal(r.breaks, 0);
	check_promises(&r);
	check_offers();
	store_close(&store);
	tell_progress("recoveries", ++tried);
}

/* Runs until the power goes instead of operation `at`. 0: it did not. */
static int
run_until(size_t at, void (*what)(void))
{
	sim.operations = 0;
	sim.cut_at = at;
	if (setjmp(sim.cut) == 0) {
		what();
		sim.cut_at = 0;
		return 0;
	}
	return 1;
}

static void
fresh_world(void)
{
	sim_clear();
	memset(&world, 0, sizeof(world));
}

/* Opens on what a cut left, and goes on a little: here the power may go once more. */
static void
second_start(void)
{
	if (open_store(1) < 0)
		return;
	heartbeat();
	store_passages(1);
	store_close(&store);
}

static void
on_every_disk(void (*then)(void))
{
	sim_keep();
	world_before = world;
	for (unsigned int seed = 0; seed < seeds + 2; seed++) {
		sim_bring_back();
		world = world_before;
		sim_power_on(seed == 0 ? SIM_SYNCED : seed == 1 ? SIM_ALL : SIM_RANDOM, seed);
		then();
	}
}

static void
nothing_promised_is_lost_wherever_the_power_goes(void **state)
{
	size_t at = 1;

	(void)state;
	tried = 0;
	for (;; at++) {
		fresh_world();
		if (!run_until(at, scenario))
			break;
		on_every_disk(recover_and_check);
	}
	assert_true(at > 200 && expired > 0);
	print_message("%zu cut points, %u disks each, %zu recoveries, 0 promised records lost\n", at - 1, seeds + 2, tried);
}

static void
nor_when_it_goes_again_during_recovery(void **state)
{
	size_t cuts = 0;

	(void)state;
	tried = 0;
	for (size_t first = 1;; first += seeds > 4 ? 3 : 61) {
		fresh_world();
		if (!run_until(first, scenario))
			break;
		for (size_t second = 1;; second++) {
			static struct world then;

			fresh_world();
			(void)run_until(first, scenario);
			sim_power_on(second % 3 == 0 ? SIM_SYNCED : SIM_RANDOM, (unsigned int)(first * 31 + second));
			then = world;
			if (!run_until(second, second_start))
				break;
			/* What the second start was told counts as well. */
			assert_true(world.n >= then.n);
			sim_power_on(second % 2 ? SIM_RANDOM : SIM_ALL, (unsigned int)second);
			recover_and_check();
			cuts++;
		}
	}
	print_message("%zu second cuts\n", cuts);
}

/* ---- a disk that refuses ---- */

/* Returns 0 when the scenario made fewer operations. */
static int
in_trouble(enum sim_trouble trouble, int error, size_t from, size_t to)
{
	size_t made;

	fresh_world();
	sim.trouble = trouble;
	sim.trouble_errno = error;
	sim.trouble_from = from;
	sim.trouble_to = to;
	(void)run_until(0, scenario);
	made = sim.operations;
	/* The machine is switched off, and the disk is well again. */
	sim_power_on(from % 2 ? SIM_SYNCED : SIM_RANDOM, (unsigned int)from);
	recover_and_check();
	return made >= from;
}

static void
a_disk_that_refuses_loses_nothing_that_it_took(void **state)
{
	static const int errors[] = {EIO, ENOSPC, EROFS};
	static const size_t lasting[] = {0, 3, 100000};

	(void)state;
	tried = 0;
	for (size_t e = 0; e < ARRAY_SIZE(errors); e++)
		for (size_t l = 0; l < ARRAY_SIZE(lasting); l++)
			for (size_t from = 1; in_trouble(SIM_FAIL, errors[e], from, from + lasting[l]);
			     from += seeds > 4 ? 1 : 13)
				;
	print_message("%zu troubles\n", tried);
}

/* A file whose sync failed is never trusted again, though its bytes can still be read. */
static void
a_sync_that_failed_is_not_believed_later(void **state)
{
	static const size_t lasting[] = {0, 9, 100000};

	(void)state;
	tried = 0;
	for (size_t l = 0; l < ARRAY_SIZE(lasting); l++)
		for (size_t from = 1; in_trouble(SIM_FAIL_SYNC, EIO, from, from + lasting[l]); from += seeds > 4 ? 1 : 7)
			;
	print_message("%zu troubles\n", tried);
}

static void
short_reads_and_writes_are_gone_on_with(void **state)
{
	static struct kit_report r;

	(void)state;
	fresh_world();
	sim.trouble = SIM_SHORT;
	scenario();
	assert_true(world.n == (size_t)world.passage && world.n > 20);
	kit_read(FOLDER, &r);
	assert_int_equal(r.breaks + r.damaged, 0);
	sim_power_on(SIM_SYNCED, 0);
	recover_and_check();
}

/* ---- blocks that cannot be read ---- */

static void
rotten_blocks_are_set_aside_and_the_chain_says_so(void **state)
{
	static struct kit_report r;
	size_t given = 0;

	(void)state;
	for (uint64_t at = 512; at < 512 * 12; at += 512) {
		struct store_wish wish = kit_wish(FOLDER);
		struct store_found found;
		size_t lost = 0;

		fresh_world();
		assert_int_equal(store_open(&store, &wish, &found), 0);
		store_passages(8);
		store_turn_page(&store);
		heartbeat();
		sim.rot_at = at;
		/* The heartbeat is in another segment. What the bad block shares a page of 4 KiB with goes as well. */
		assert_true(deliver(100) >= 2);
		for (size_t i = 0; i < world.n; i++)
			lost += !world.promises[i].delivered;
		given += world.n - lost;
		assert_true(lost <= 7);
		sim.rot_at = 0;
		kit_read(FOLDER, &r);
		assert_int_equal(r.breaks, 0);
		assert_true((r.gaps > 0) == (lost > 0));
		store_close(&store);
	}
	assert_true(given > 0 && given < 12 * 8);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_promised_is_lost_wherever_the_power_goes),
	    cmocka_unit_test(nor_when_it_goes_again_during_recovery),
	    cmocka_unit_test(a_disk_that_refuses_loses_nothing_that_it_took),
	    cmocka_unit_test(a_sync_that_failed_is_not_believed_later),
	    cmocka_unit_test(short_reads_and_writes_are_gone_on_with),
	    cmocka_unit_test(rotten_blocks_are_set_aside_and_the_chain_says_so),
	};
	uint8_t der[KIT_KEY_BYTES];
	int fd, failed;

	seeds = argc > 1 ? (unsigned int)strtoul(argv[1], NULL, 10) : 1;
	kit_begin();
	kit_key(der);
	fd = kit_file(SPAN_OF(der));
	assert_int_equal(chain_open(&chain, fd, kit_unit), 0);
	(void)close(fd);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	chain_close(&chain);
	hal_crypto_close();
	return failed;
}
