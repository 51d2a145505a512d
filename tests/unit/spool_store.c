/*
 * What the store does on an ordinary disk: limits, repeats, boots, delivery, gaps, and what it
 * makes of a folder in which somebody or something left a mess.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "spool/segment.h"
#include "spool_kit.h"

static char path[64];
static int folder;
static struct chain chain;
static struct store store;
static struct store_found found;
static struct kit_report report;

static int
begin(void **state)
{
	uint8_t der[KIT_KEY_BYTES];
	int fd;

	(void)state;
	kit_begin();
	kit_key(der);
	fd = kit_file(SPAN_OF(der));
	assert_int_equal(chain_open(&chain, fd, kit_unit), 0);
	(void)close(fd);
	folder = kit_folder(path);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	chain_close(&chain);
	(void)close(folder);
	kit_remove(path);
	hal_crypto_close();
	return 0;
}

static void
open_again(const struct store_wish *wish)
{
	store_close(&store);
	assert_int_equal(store_open(&store, wish, &found), 0);
}

static void
write_file(const char *name, const char *text)
{
	int fd = openat(folder, name, O_CREAT | O_TRUNC | O_WRONLY, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	(void)close(fd);
}

/* Changes bytes of the segment that begins with this number; at < 0: from the end. */
static void
damage(uint64_t first, off_t at, size_t n)
{
	static const char wrong[4096] = "not what was written";
	char name[STORAGE_NAME_BYTES];
	struct stat s;
	int fd;

	segment_name(first, name);
	fd = openat(folder, name, O_WRONLY);
	assert_true(fd >= 0 && n <= sizeof(wrong));
	assert_int_equal(fstat(fd, &s), 0);
	assert_int_equal(pwrite(fd, wrong, n, at < 0 ? s.st_size + at : at), (ssize_t)n);
	(void)close(fd);
}

static void
store_some(uint64_t from, uint64_t to)
{
	for (uint64_t p = from; p <= to; p++)
		assert_int_equal(kit_store(&chain, &store, p, KIT_BODY_BYTES), 0);
}

static uint64_t
due_now(void)
{
	struct store_entry due;
	struct store_lost lost;

	return store_due(&store, &due, &lost) == STORE_DUE ? due.sequence : 0;
}

static void
numbers_begin_at_one_and_go_on_over_boots(void **state)
{
	struct store_wish wish = kit_wish(folder);

	(void)state;
	assert_int_equal(store_open(&store, &wish, &found), 0);
	assert_int_equal(store.head.boot, 1);
	store_some(1, 3);
	wish.first = 1;
	open_again(&wish);
	assert_int_equal(store.head.boot, 2);
	assert_false(store_knows(&store, 1));
	store_some(1, 3);
	store_close(&store);
	kit_read(folder, &report);
	assert_int_equal(report.records, 6);
	assert_int_equal(report.first, 1);
	assert_int_equal(report.last, 6);
	assert_int_equal(report.breaks + report.stated + report.damaged, 0);
	assert_int_equal(kit_count(&report, 2, 3), 1);
}

static void
a_restart_in_the_same_boot_remembers_what_was_stored(void **state)
{
	struct store_wish wish = kit_wish(folder);

	(void)state;
	assert_int_equal(store_open(&store, &wish, &found), 0);
	/* Not in rising order: a passage that met a full disk comes late. */
	store_some(7, 7);
	store_some(5, 5);
	open_again(&wish);
	assert_int_equal(store.head.boot, 1);
	assert_true(store_knows(&store, 5) && store_knows(&store, 7));
	assert_false(store_knows(&store, 6));
	wish.run = 2; /* a start of another run that never got to say it was the first */
	open_again(&wish);
	assert_int_equal(store.head.boot, 2);
	assert_false(store_knows(&store, 5));
	store_close(&store);
}

static void
repeats_are_known_over_segments_and_after_deletion(void **state)
{
	struct store_wish wish = kit_wish(folder);

	(void)state;
	wish.max_records = 4; /* two in a segment, as always at least */
	assert_int_equal(store_open(&store, &wish, &found), 0);
	for (uint64_t p = 1; p <= 5; p++) {
		store_some(p, p);
		assert_int_equal(kit_deliver(&chain, &store, 9), 1);
	}
	assert_int_equal(store_count(&store), 3);
	open_again(&wish);
	for (uint64_t p = 1; p <= 5; p++)
		assert_true(store_knows(&store, p));
	assert_int_equal(store_count(&store), 3);
	assert_int_equal(due_now(), 0);
	store_close(&store);
}

/* A spool for ever so many records turns its segments over, and .head with them. */
static void
many_records_in_many_segments(void **state)
{
	struct store_wish wish = kit_wish(folder);

	(void)state;
	wish.max_bytes = 4 << 20; /* segments of 256 KiB */
	wish.max_records = 4000;
	assert_int_equal(store_open(&store, &wish, &found), 0);
	for (uint64_t p = 1; p <= 900; p++)
		assert_int_equal(kit_store(&chain, &store, p, 1500), 0);
	assert_in_range(store.n, 5, 9);
	for (int i = 0; i < 3; i++) {
		wish.first = i == 2;
		open_again(&wish);
		assert_int_equal(store.head.sequence, 900);
		assert_int_equal(store_count(&store), 900);
		assert_true(i == 2 || (store_knows(&store, 900) && store_knows(&store, 645)));
	}
	assert_int_equal(kit_deliver(&chain, &store, 700), 700);
	assert_int_equal(due_now(), 701);
	open_again(&wish);
	assert_int_equal(due_now(), 701);
	assert_int_equal(kit_deliver(&chain, &store, 999), 200);
	store_close(&store);
	kit_read(folder, &report);
	assert_int_equal(report.records, 900);
	assert_int_equal(report.breaks + report.damaged + report.stated, 0);
}

static void
the_delivered_go_first_and_nothing_else(void **state)
{
	struct store_wish wish = kit_wish(folder);

	(void)state;
	wish.max_records = 4;
	assert_int_equal(store_open(&store, &wish, &found), 0);
	store_some(1, 4);
	assert_int_equal(kit_store(&chain, &store, 5, KIT_BODY_BYTES), -ENOSPC);
	assert_int_equal(due_now(), 1);
	assert_int_equal(kit_deliver(&chain, &store, 1), 1);
	assert_int_equal(kit_store(&chain, &store, 5, KIT_BODY_BYTES), -ENOSPC); /* half of a segment */
	assert_int_equal(kit_deliver(&chain, &store, 1), 1);
	store_some(5, 6);
	assert_int_equal(kit_store(&chain, &store, 7, KIT_BODY_BYTES), -ENOSPC);
	kit_read(folder, &report);
	assert_int_equal(report.records, 4);
	assert_int_equal(report.first, 3);
	/* The mark outlives the room. */
	open_again(&wish);
	assert_int_equal(due_now(), 3);
	store_close(&store);
}

static void
bytes_and_free_space_are_limits_too(void **state)
{
	struct store_wish wish = kit_wish(folder);

	(void)state;
	wish.max_bytes = 10000;
	assert_int_equal(store_open(&store, &wish, &found), 0);
	assert_int_equal(kit_store(&chain, &store, 1, 5000), 0);
	assert_int_equal(kit_store(&chain, &store, 2, 5000), -ENOSPC);
	/* A sign of life still fits: without it nobody could tell a full spool from one that was cut. */
	assert_int_equal(kit_beat(&chain, &store), 0);
	assert_int_equal(kit_deliver(&chain, &store, 2), 2);
	/* One that can never fit must not cost a record that does. */
	assert_int_equal(kit_store(&chain, &store, 2, 20000), -EFBIG);
	assert_int_equal(store_count(&store), 2);
	assert_int_equal(kit_store(&chain, &store, 2, 5000), 0);
	assert_int_equal(store_count(&store), 1);
	wish.free_floor = UINT64_C(1) << 60;
	open_again(&wish);
	assert_int_equal(kit_store(&chain, &store, 3, 100), -ENOSPC);
	store_close(&store);
}

static void
what_the_policy_lets_go_is_dropped_with_a_gap(void **state)
{
	struct store_wish wish = kit_wish(folder);
	struct store_lost lost;

	(void)state;
	wish.max_records = 4;
	assert_int_equal(store_open(&store, &wish, &found), 0);
	store_some(1, 4);
	assert_int_equal(kit_store(&chain, &store, 5, KIT_BODY_BYTES), -ENOSPC);
	assert_int_equal(store_drop_what(&store, &lost), 0);
	assert_int_equal(lost.first, 1);
	assert_int_equal(lost.count, 2);
	lost.reason = GAP_SPACE;
	assert_int_equal(kit_gap(&chain, &store, &lost), 0);
	assert_int_equal(store_drop(&store, &lost), 0);
	assert_int_equal(due_now(), 5); /* the gap goes first */
	assert_int_equal(kit_deliver(&chain, &store, 1), 1);
	assert_int_equal(due_now(), 3);
	assert_int_equal(kit_deliver(&chain, &store, 9), 2);
	kit_read(folder, &report);
	assert_int_equal(report.first, 3);
	assert_int_equal(report.gaps, 1);
	assert_int_equal(report.breaks, 0);
	/* The only segment may go as well: what is said of it lies in another. */
	wish.max_records = 1000;
	open_again(&wish);
	assert_int_equal(kit_deliver(&chain, &store, 9), 0);
	while (store.n > 1)
		assert_int_equal(store_delete_delivered(&store), 0);
	store_some(6, 7);
	assert_int_equal(store_drop_what(&store, &lost), 0);
	lost.reason = GAP_AGE;
	assert_int_equal(kit_gap(&chain, &store, &lost), 0);
	assert_int_equal(store_drop(&store, &lost), 0);
	assert_int_equal(store_count(&store), 1);
	assert_int_equal(kit_deliver(&chain, &store, 9), 1);
	store_close(&store);
}

static int
drop_oldest(void)
{
	struct store_lost lost, said;
	int err = store_drop_what(&store, &lost);

	if (err < 0)
		return err;
	lost.reason = GAP_SPACE;
	said = lost;
	assert_int_equal(store_drop_says(&store, &said), 0);
	err = kit_gap(&chain, &store, &said);
	return err < 0 ? err : store_drop(&store, &lost);
}

/* The link is down for ever, and the spool is small: gaps are dropped with the rest, and what they said is not. */
static void
a_gap_that_is_dropped_is_said_again(void **state)
{
	static uint8_t bytes[RECORD_SIGN1_MAX], said[1000];
	struct store_wish wish = kit_wish(folder);
	struct record_parts parts;
	struct store_entry due;
	struct store_lost lost;

	(void)state;
	memset(said, 0, sizeof(said));
	wish.max_records = 6;
	assert_int_equal(store_open(&store, &wish, &found), 0);
	for (uint64_t p = 1; p <= 60; p++) {
		for (int tries = 0; kit_store(&chain, &store, p, KIT_BODY_BYTES) < 0; tries++) {
			assert_true(tries < 6);
			assert_int_equal(drop_oldest(), 0);
		}
	}
	assert_true(store.head.sequence < ARRAY_SIZE(said));
	while (store_due(&store, &due, &lost) == STORE_DUE && due.kind == ENTRY_GAP) {
		assert_int_equal(store_read(&store, &due, SPACE_OF(bytes)), due.bytes);
		assert_int_equal(record_split(&parts, SPAN(bytes, due.bytes)), 0);
		memset(said + parts.entry.gap_first, 1, parts.entry.gap_count);
		store_delivered(&store, &due);
	}
	for (uint64_t s = 1; s < store.segments[0].first; s++)
		assert_int_equal(said[s], 1);
	/* With the last passage there is nothing more to gain, and it ends. */
	for (int drops = 0; drop_oldest() == 0; drops++)
		assert_true(drops < 6);
	assert_int_equal(drop_oldest(), -ENOENT);
	store_close(&store);
}

/* Passages wait for the network; what says that the unit lives goes ahead of them. */
static void
heartbeats_go_ahead_of_passages(void **state)
{
	struct store_wish wish = kit_wish(folder);
	struct store_entry due;
	struct store_lost lost;

	(void)state;
	assert_int_equal(store_open(&store, &wish, &found), 0);
	store_some(1, 3);
	assert_int_equal(kit_beat(&chain, &store), 0);
	store_some(4, 4);
	assert_int_equal(kit_beat(&chain, &store), 0);
	for (int i = 0; i < 6; i++) {
		static const uint64_t order[] = {4, 6, 1, 2, 3, 5};

		assert_int_equal(store_due(&store, &due, &lost), STORE_DUE);
		assert_int_equal(due.sequence, order[i]);
		store_delivered(&store, &due);
		store_delivered(&store, &due); /* an answer that comes twice */
		if (i == 2)
			open_again(&wish);
	}
	assert_int_equal(store_due(&store, &due, &lost), STORE_NONE);
	assert_int_equal(store_delete_delivered(&store), 0);
	assert_int_equal(store_count(&store), 0);
	store_close(&store);
}

static void
age_is_told_only_by_a_clock_that_was_set(void **state)
{
	struct store_wish wish = kit_wish(folder);
	const int64_t now = 1800000000;
	struct store_entry e;

	(void)state;
	wish.max_age_s = 86400;
	assert_int_equal(store_open(&store, &wish, &found), 0);
	store_some(1, 2);
	assert_int_equal(segment_look(&store, 0, 0, &e, NULL), 0);
	assert_int_equal(store_aged(&store, now), 0); /* written by this process, and nobody said when */
	store_written_at(&store, now);
	assert_int_equal(store_aged(&store, now + 86400), 0);
	assert_int_equal(store_aged(&store, now - 400 * 86400), 0);
	assert_int_equal(store_aged(&store, now + 86401), e.clock >= CLOCK_SYNCED);
	store_close(&store);
}

static void
numbers_go_on_when_every_record_is_gone(void **state)
{
	struct store_wish wish = kit_wish(folder);
	uint8_t link[CRYPTO_HASH_BYTES];
	char name[STORAGE_NAME_BYTES];

	(void)state;
	wish.max_records = 1;
	assert_int_equal(store_open(&store, &wish, &found), 0);
	for (uint64_t p = 1; p <= 4; p++) {
		store_some(p, p);
		assert_int_equal(kit_deliver(&chain, &store, 1), 1);
	}
	open_again(&wish);
	memcpy(link, store.head.link, sizeof(link));
	segment_name(4, name);
	assert_int_equal(unlinkat(folder, name, 0), 0);
	wish.first = 1;
	open_again(&wish);
	assert_int_equal(store.head.boot, 2);
	assert_int_equal(store.head.sequence, 4);
	assert_memory_equal(store.head.link, link, sizeof(link));
	assert_int_equal(store.owed.count, 0);
	store_close(&store);
}

static void
a_damaged_newest_record_leaves_a_gap_that_is_said(void **state)
{
	struct store_wish wish = kit_wish(folder);

	(void)state;
	for (int without_head = 0; without_head < 2; without_head++) {
		assert_int_equal(store_open(&store, &wish, &found), 0);
		store_some(1 + 10 * (uint64_t)without_head, 3 + 10 * (uint64_t)without_head);
		/* The end of the newest body. */
		damage(1, -20, 20);
		if (without_head)
			write_file(".head", "rotten");
		wish.first = 1;
		open_again(&wish);
		assert_int_equal(found.damaged, 1);
		assert_int_equal(store.head.boot, 2 + without_head);
		assert_int_equal(store.head.sequence, without_head ? 8 : 3);
		assert_int_equal(store.owed.reason, GAP_UNFINISHED);
		store_some(99, 99);
		store_close(&store);
		kit_read(folder, &report);
		assert_int_equal(report.breaks, 0);
		assert_int_equal(report.stated, 1U + (unsigned int)without_head);
		wish.first = 0;
	}
}

/* A block in the middle of a segment goes bad: what it held is said to be gone, all else is delivered. */
static void
damaged_blocks_cost_the_records_in_them_and_no_other(void **state)
{
	struct store_wish wish = kit_wish(folder);
	struct store_entry e;

	(void)state;
	assert_int_equal(store_open(&store, &wish, &found), 0);
	store_some(1, 12);
	assert_int_equal(segment_look(&store, 0, 0, &e, NULL), 0);
	/* Number 3 in its body, 6 and 7 in their signed parts, and the first bytes of 10. */
	damage(1, (off_t)(2 * e.bytes + e.bytes - 50), 50);
	damage(1, (off_t)(5 * e.bytes + 10), e.bytes);
	damage(1, (off_t)(9 * e.bytes), 3);
	assert_int_equal(kit_deliver(&chain, &store, 99), 8 + 3);
	assert_int_equal(due_now(), 0);
	open_again(&wish);
	assert_int_equal(due_now(), 0);
	store_close(&store);
	kit_read(folder, &report);
	assert_int_equal(report.gaps, 3);
	assert_int_equal(report.breaks, 0);
	assert_int_equal(report.records, 8);
	assert_int_equal(report.stated, 4);
}

static void
a_segment_that_is_gone_or_cut_is_said_to_be(void **state)
{
	struct store_wish wish = kit_wish(folder);
	char name[STORAGE_NAME_BYTES];
	int fd;

	(void)state;
	wish.max_records = 64; /* four in a segment */
	assert_int_equal(store_open(&store, &wish, &found), 0);
	store_some(1, 14);
	segment_name(5, name);
	assert_int_equal(unlinkat(folder, name, 0), 0);
	segment_name(9, name);
	fd = openat(folder, name, O_WRONLY);
	assert_int_equal(ftruncate(fd, 1500), 0);
	(void)close(fd);
	assert_int_equal(kit_deliver(&chain, &store, 99), 4 + 1 + 2 + 1 + 2);
	store_close(&store);
	kit_read(folder, &report);
	assert_int_equal(report.records, 8);
	assert_int_equal(report.stated, 6);
	assert_int_equal(report.breaks, 0);
}

static void
leftovers_are_swept_and_strangers_left_alone(void **state)
{
	struct store_wish wish = kit_wish(folder);
	struct stat s;

	(void)state;
	assert_int_equal(store_open(&store, &wish, &found), 0);
	store_some(1, 1);
	store_close(&store);
	write_file(".new", "half");
	write_file("0000000000000000002.lss", "a digit short");
	write_file("99999999999999999999.lss", "beyond all numbers");
	write_file("00000000000000000000.lss", "nought");
	write_file("00000000000000000002.lss.txt", "another ending");
	assert_int_equal(mkdirat(folder, "00000000000000000009.lss", 0700), 0);
	assert_int_equal(symlinkat("/etc/passwd", folder, "00000000000000000008.lss"), 0);
	assert_int_equal(store_open(&store, &wish, &found), 0);
	assert_int_equal(found.leftovers, 1);
	assert_int_equal(found.foreign, 6);
	assert_int_equal(found.damaged, 0);
	assert_int_equal(store_count(&store), 1);
	assert_int_equal(store.head.sequence, 1);
	assert_int_equal(fstatat(folder, "00000000000000000009.lss", &s, 0), 0);
	/* Bytes under a name of ours are never overwritten, and their number is not given again. */
	write_file("00000000000000000005.lss", "who knows what this was");
	open_again(&wish);
	assert_int_equal(store.head.sequence, 5);
	assert_int_equal(store.owed.first, 2);
	assert_int_equal(store.owed.count, 4);
	assert_int_equal(fstatat(folder, "00000000000000000005.lss.bad", &s, 0), 0);
	store_close(&store);
}

static void
a_folder_that_cannot_be_used_is_refused_with_words(void **state)
{
	struct store_wish wish = kit_wish(folder);
	struct store second;
	int other;

	(void)state;
	assert_int_equal(store_is_mistake(-ENOTDIR), 1);
	assert_int_equal(store_open(&store, &wish, &found), 0);
	other = open(path, O_RDONLY | O_DIRECTORY);
	wish.folder_fd = other;
	assert_int_equal(store_open(&second, &wish, &found), -EWOULDBLOCK);
	assert_non_null(strstr(store_trouble(-EWOULDBLOCK), "another laneseald"));
	(void)close(other);
	wish.folder_fd = folder;
	store_some(1, 1);
	store_close(&store);
	wish.unit = "booth-8";
	assert_int_equal(store_open(&store, &wish, &found), -EXDEV);
	kit_read(folder, &report);
	assert_int_equal(report.records, 1);
}

static void
a_header_of_another_unit_or_passage_is_not_accepted(void **state)
{
	struct sealed s = kit_sealed(4, KIT_BODY_BYTES);
	struct chain other = chain;

	(void)state;
	assert_true(chain_accepts(&chain, &s));
	s.passage = 5;
	assert_false(chain_accepts(&chain, &s));
	s.passage = 4;
	memcpy(other.unit, "booth-8", 8);
	assert_false(chain_accepts(&other, &s));
	s.header.n--;
	assert_false(chain_accepts(&chain, &s));
}

static void
names_are_read_only_in_the_form_they_are_written(void **state)
{
	char name[STORAGE_NAME_BYTES], changed[STORAGE_NAME_BYTES];

	(void)state;
	segment_name(345, name);
	assert_string_equal(name, "00000000000000000345.lss");
	assert_int_equal(segment_of_name(name), 345);
	for (size_t n = 0; n < strlen(name); n++) {
		memcpy(changed, name, n);
		changed[n] = '\0';
		assert_int_equal(segment_of_name(changed), 0);
		memcpy(changed, name, sizeof(name));
		changed[n] ^= 0x10;
		assert_int_equal(segment_of_name(changed), 0);
	}
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(numbers_begin_at_one_and_go_on_over_boots),
	    CASE(a_restart_in_the_same_boot_remembers_what_was_stored),
	    CASE(repeats_are_known_over_segments_and_after_deletion),
	    CASE(many_records_in_many_segments),
	    CASE(the_delivered_go_first_and_nothing_else),
	    CASE(bytes_and_free_space_are_limits_too),
	    CASE(what_the_policy_lets_go_is_dropped_with_a_gap),
	    CASE(a_gap_that_is_dropped_is_said_again),
	    CASE(heartbeats_go_ahead_of_passages),
	    CASE(age_is_told_only_by_a_clock_that_was_set),
	    CASE(numbers_go_on_when_every_record_is_gone),
	    CASE(a_damaged_newest_record_leaves_a_gap_that_is_said),
	    CASE(damaged_blocks_cost_the_records_in_them_and_no_other),
	    CASE(a_segment_that_is_gone_or_cut_is_said_to_be),
	    CASE(leftovers_are_swept_and_strangers_left_alone),
	    CASE(a_folder_that_cannot_be_used_is_refused_with_words),
	    CASE(a_header_of_another_unit_or_passage_is_not_accepted),
	    CASE(names_are_read_only_in_the_form_they_are_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
