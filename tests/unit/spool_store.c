/*
 * What the store does on an ordinary disk: limits, repeats, boots, delivery, and
 * what it makes of a folder in which somebody or something left a mess.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "spool/name.h"
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

static void
name_at(uint32_t boot, uint64_t sequence, char name[STORE_NAME_BYTES])
{
	struct store_entry e = {.boot = boot, .sequence = sequence};

	name_of(&e, name);
}

static void
damage(uint32_t boot, uint64_t sequence)
{
	char name[STORE_NAME_BYTES];

	name_at(boot, sequence, name);
	assert_int_equal(unlinkat(folder, name, 0), 0);
	write_file(name, "half a rec");
}

static void
numbers_begin_at_one_and_go_on_over_boots(void **state)
{
	struct store_wish wish = kit_wish(folder);

	(void)state;
	assert_int_equal(store_open(&store, &wish, &found), 0);
	assert_int_equal(store.head.boot, 1);
	for (uint64_t p = 1; p <= 3; p++)
		assert_int_equal(kit_store(&chain, &store, p, KIT_BODY_BYTES), 0);
	wish.first = 1;
	open_again(&wish);
	assert_int_equal(store.head.boot, 2);
	assert_false(store_knows(&store, 1));
	for (uint64_t p = 1; p <= 3; p++)
		assert_int_equal(kit_store(&chain, &store, p, KIT_BODY_BYTES), 0);
	store_close(&store);
	kit_read(folder, &report);
	assert_int_equal(report.records, 6);
	assert_int_equal(report.first, 1);
	assert_int_equal(report.last, 6);
	assert_int_equal(report.breaks, 0);
	assert_int_equal(kit_count(&report, 2, 3), 1);
}

static void
a_restart_in_the_same_boot_remembers_what_was_stored(void **state)
{
	struct store_wish wish = kit_wish(folder);

	(void)state;
	assert_int_equal(store_open(&store, &wish, &found), 0);
	/* Not in rising order: a passage that met a full disk comes late. */
	assert_int_equal(kit_store(&chain, &store, 7, KIT_BODY_BYTES), 0);
	assert_int_equal(kit_store(&chain, &store, 5, KIT_BODY_BYTES), 0);
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
repeats_are_known_without_the_head_and_after_deletion(void **state)
{
	struct store_wish wish = kit_wish(folder);

	(void)state;
	wish.max_records = 2;
	assert_int_equal(store_open(&store, &wish, &found), 0);
	for (uint64_t p = 1; p <= 5; p++) {
		assert_int_equal(kit_store(&chain, &store, p, KIT_BODY_BYTES), 0);
		assert_int_equal(store_delivered(&store, p), 0);
	}
	open_again(&wish);
	for (uint64_t p = 1; p <= 5; p++)
		assert_true(store_knows(&store, p));
	assert_int_equal(store.count, 2);
	store_close(&store);
}

static void
the_delivered_go_first_and_nothing_else(void **state)
{
	struct store_wish wish = kit_wish(folder);
	struct store_entry due;

	(void)state;
	wish.max_records = 3;
	assert_int_equal(store_open(&store, &wish, &found), 0);
	for (uint64_t p = 1; p <= 3; p++)
		assert_int_equal(kit_store(&chain, &store, p, KIT_BODY_BYTES), 0);
	assert_int_equal(kit_store(&chain, &store, 4, KIT_BODY_BYTES), -ENOSPC);
	assert_int_equal(store_due(&store, &due), 1);
	assert_int_equal(due.sequence, 1);
	assert_int_equal(store_delivered(&store, 1), 0);
	assert_int_equal(kit_store(&chain, &store, 4, KIT_BODY_BYTES), 0);
	assert_int_equal(kit_store(&chain, &store, 5, KIT_BODY_BYTES), -ENOSPC);
	kit_read(folder, &report);
	assert_int_equal(report.records, 3);
	assert_int_equal(report.first, 2);
	/* The mark outlives the room. */
	open_again(&wish);
	assert_int_equal(store_due(&store, &due), 1);
	assert_int_equal(due.sequence, 2);
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
	assert_int_equal(store_delivered(&store, 1), 0);
	/* One that can never fit must not cost a record that does. */
	assert_int_equal(kit_store(&chain, &store, 2, 20000), -ENOSPC);
	assert_int_equal(store.count, 1);
	assert_int_equal(kit_store(&chain, &store, 2, 5000), 0);
	wish.free_floor = UINT64_C(1) << 60;
	open_again(&wish);
	assert_int_equal(kit_store(&chain, &store, 3, 100), -ENOSPC);
	store_close(&store);
}

static void
numbers_go_on_when_every_record_is_gone(void **state)
{
	struct store_wish wish = kit_wish(folder);
	uint8_t link[CRYPTO_HASH_BYTES];
	char name[STORE_NAME_BYTES];

	(void)state;
	wish.max_records = 1;
	assert_int_equal(store_open(&store, &wish, &found), 0);
	for (uint64_t p = 1; p <= 4; p++) {
		assert_int_equal(kit_store(&chain, &store, p, KIT_BODY_BYTES), 0);
		assert_int_equal(store_delivered(&store, p), 0);
	}
	memcpy(link, store.head.link, sizeof(link));
	name_at(1, 4, name);
	assert_int_equal(unlinkat(folder, name, 0), 0);
	wish.first = 1;
	open_again(&wish);
	assert_int_equal(store.head.boot, 2);
	assert_int_equal(store.head.sequence, 4);
	assert_memory_equal(store.head.link, link, sizeof(link));
	store_close(&store);
}

static void
a_damaged_newest_record_leaves_a_gap_that_shows(void **state)
{
	struct store_wish wish = kit_wish(folder);

	(void)state;
	for (int without_head = 0; without_head < 2; without_head++) {
		assert_int_equal(store_open(&store, &wish, &found), 0);
		for (uint64_t p = 1; p <= 3; p++)
			assert_int_equal(
			    kit_store(&chain, &store, p + 10 * (uint64_t)without_head, KIT_BODY_BYTES), 0);
		damage(store.head.boot, store.head.sequence);
		if (without_head)
			write_file("state/head", "rotten");
		wish.first = 1;
		open_again(&wish);
		assert_int_equal(found.damaged, 1);
		assert_int_equal(store.head.boot, 2 + without_head);
		assert_int_equal(store.head.sequence, without_head ? 7 : 3);
		assert_int_equal(kit_store(&chain, &store, 99, KIT_BODY_BYTES), 0);
		store_close(&store);
		kit_read(folder, &report);
		assert_int_equal(report.bad, without_head + 1);
		assert_int_equal(report.breaks, without_head + 1);
		wish.first = 0;
		wish.run = 1;
	}
}

static void
leftovers_are_swept_and_strangers_left_alone(void **state)
{
	struct store_wish wish = kit_wish(folder);
	struct stat s;

	(void)state;
	assert_int_equal(store_open(&store, &wish, &found), 0);
	assert_int_equal(kit_store(&chain, &store, 1, KIT_BODY_BYTES), 0);
	write_file(".new", "half");
	write_file("state/.head.new", "half");
	write_file("00000001-0000000000000000002.lsr", "a digit short");
	write_file("00000001-99999999999999999999.lsr", "beyond all numbers");
	write_file("00000000-00000000000000000002.lsr", "boot nought");
	write_file("00000001-00000000000000000002.lsr.txt", "another ending");
	assert_int_equal(mkdirat(folder, "00000001-00000000000000000009.lsr", 0700), 0);
	assert_int_equal(symlinkat("/etc/passwd", folder, "00000001-00000000000000000008.lsr"), 0);
	open_again(&wish);
	assert_int_equal(found.leftovers, 2);
	assert_int_equal(found.foreign, 6);
	assert_int_equal(found.damaged, 0);
	assert_int_equal(store.count, 1);
	assert_int_equal(store.head.sequence, 9); /* a number somebody used is not given again */
	assert_int_equal(fstatat(folder, "00000001-00000000000000000009.lsr", &s, 0), 0);
	store_close(&store);
}

static void
an_unreadable_record_is_set_aside_and_passed_over(void **state)
{
	struct store_wish wish = kit_wish(folder);
	struct store_entry due;

	(void)state;
	wish.max_records = 5;
	assert_int_equal(store_open(&store, &wish, &found), 0);
	for (uint64_t p = 1; p <= 4; p++)
		assert_int_equal(kit_store(&chain, &store, p, KIT_BODY_BYTES), 0);
	assert_int_equal(store_delivered(&store, 1), 0);
	assert_int_equal(store_delivered(&store, 2), 0);
	store_set_aside(&store, 3);
	assert_int_equal(store_due(&store, &due), 1);
	assert_int_equal(due.sequence, 4);
	assert_int_equal(store.count, 3);
	kit_read(folder, &report);
	assert_int_equal(report.bad, 1);
	/* Deleting and appending over the ring's seam still takes the oldest. */
	for (uint64_t p = 5; p <= 8; p++)
		assert_int_equal(kit_store(&chain, &store, p, KIT_BODY_BYTES), 0);
	assert_int_equal(kit_store(&chain, &store, 9, KIT_BODY_BYTES), -ENOSPC);
	assert_int_equal(store_delivered(&store, 4), 0);
	assert_int_equal(kit_store(&chain, &store, 9, KIT_BODY_BYTES), 0);
	assert_int_equal(store_due(&store, &due), 1);
	assert_int_equal(due.sequence, 5);
	store_close(&store);
}

static void
a_folder_that_cannot_be_used_is_refused_with_words(void **state)
{
	struct store_wish wish = kit_wish(folder);
	struct store second;
	int other;

	(void)state;
	write_file("state", "a file where a folder should be");
	assert_int_equal(store_open(&store, &wish, &found), -ENOTDIR);
	assert_int_equal(store_is_mistake(-ENOTDIR), 1);
	assert_int_equal(unlinkat(folder, "state", 0), 0);
	assert_int_equal(store_open(&store, &wish, &found), 0);
	other = open(path, O_RDONLY | O_DIRECTORY);
	wish.folder_fd = other;
	assert_int_equal(store_open(&second, &wish, &found), -EWOULDBLOCK);
	assert_non_null(strstr(store_trouble(-EWOULDBLOCK), "another laneseald"));
	(void)close(other);
	wish.folder_fd = folder;
	assert_int_equal(kit_store(&chain, &store, 1, KIT_BODY_BYTES), 0);
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
	struct store_entry e = {.boot = 12, .sequence = 345}, back;
	char name[STORE_NAME_BYTES], changed[STORE_NAME_BYTES + 1];

	(void)state;
	name_of(&e, name);
	assert_string_equal(name, "00000012-00000000000000000345.lsr");
	assert_int_equal(name_read(name, &back), NAME_RECORD);
	assert_int_equal(back.boot, 12);
	assert_int_equal(back.sequence, 345);
	name_of_bad(&e, changed);
	assert_int_equal(name_read(changed, &back), NAME_BAD);
	for (size_t n = 0; n < strlen(name); n++) {
		memcpy(changed, name, n);
		changed[n] = '\0';
		assert_int_equal(name_read(changed, &back), NAME_FOREIGN);
		memcpy(changed, name, sizeof(name));
		changed[n] ^= 0x10;
		assert_int_equal(name_read(changed, &back), NAME_FOREIGN);
	}
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(numbers_begin_at_one_and_go_on_over_boots),
	    CASE(a_restart_in_the_same_boot_remembers_what_was_stored),
	    CASE(repeats_are_known_without_the_head_and_after_deletion),
	    CASE(the_delivered_go_first_and_nothing_else),
	    CASE(bytes_and_free_space_are_limits_too),
	    CASE(numbers_go_on_when_every_record_is_gone),
	    CASE(a_damaged_newest_record_leaves_a_gap_that_shows),
	    CASE(leftovers_are_swept_and_strangers_left_alone),
	    CASE(an_unreadable_record_is_set_aside_and_passed_over),
	    CASE(a_folder_that_cannot_be_used_is_refused_with_words),
	    CASE(a_header_of_another_unit_or_passage_is_not_accepted),
	    CASE(names_are_read_only_in_the_form_they_are_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
