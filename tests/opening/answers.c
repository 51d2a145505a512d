/*
 * opened, altered, missing, cannot tell: each folder here has one right reading, and
 * no picture may come out of a record that is not opened.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cm.h"
#include "folder.h"

enum { N = 5 };

static struct folder f;
static struct record r[N], extra;

static int
set_up(void **state)
{
	(void)state;
	folder_open(&f);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	folder_close(&f);
	return 0;
}

static int
fresh_chain(void **state)
{
	(void)state;
	folder_empty(&f);
	f.rules.from = 1;
	f.rules.n_policies = 1;
	folder_make_chain(&f, r, N);
	return 0;
}

/* Good entries that have no picture. */
static size_t
lights(void)
{
	size_t n = 0;

	for (size_t i = 0; i < f.chain.n; i++)
		n += f.chain.items[i].answer == ANSWER_GOOD && f.chain.items[i].kind != ENTRY_PASSAGE;
	return n;
}

/* One picture a record: as many were written as were opened. */
static void
expect(size_t good, size_t altered, size_t missing, size_t cannot_tell)
{
	folder_look(&f, MAKER_AGENCY);
	for (size_t i = 0; i < f.chain.n; i++)
		if (f.chain.items[i].answer != ANSWER_GOOD)
			print_message("  %llu: %s\n", (unsigned long long)f.chain.items[i].sequence,
				      f.chain.items[i].reason);
	assert_int_equal(f.answers[ANSWER_GOOD], good);
	assert_int_equal(f.answers[ANSWER_ALTERED], altered);
	assert_int_equal(f.answers[ANSWER_MISSING], missing);
	assert_int_equal(f.answers[ANSWER_CANNOT_TELL], cannot_tell);
	assert_int_equal(f.pictures, good - lights());
}

static void
whole_chain_opens_for_agency_and_escrow(void **state)
{
	(void)state;
	expect(N, 0, 0, 0);
	assert_int_equal(folder_item(&f, 1)->link, LINK_FIRST);
	assert_int_equal(folder_item(&f, 2)->link, LINK_FITS);
	folder_look(&f, MAKER_ESCROW);
	assert_int_equal(f.pictures, N);
}

static void
verify_only_writes_nothing(void **state)
{
	(void)state;
	folder_look(&f, MAKER_KEYS);
	assert_int_equal(f.answers[ANSWER_GOOD], N);
	assert_int_equal(f.pictures, 0);
}

static void
wrong_key_cannot_tell(void **state)
{
	(void)state;
	folder_look(&f, MAKER_STRANGER);
	assert_int_equal(f.answers[ANSWER_CANNOT_TELL], N);
	assert_int_equal(f.pictures, 0);
	assert_non_null(strstr(folder_item(&f, 1)->reason, "not one of its recipients"));
}

static void
absent_record_is_missing_and_the_next_still_opens(void **state)
{
	(void)state;
	folder_remove(&f, r[1].name);
	folder_remove(&f, r[2].name);
	expect(N - 2, 0, 2, 0);
	assert_int_equal(folder_item(&f, 2)->last, 3);
	assert_int_equal(folder_item(&f, 4)->link, LINK_CANNOT);
}

static void
absent_first_record_is_missing_unless_not_asked_for(void **state)
{
	(void)state;
	folder_remove(&f, r[0].name);
	expect(N - 1, 0, 1, 0);
	f.rules.from = 2;
	expect(N - 1, 0, 0, 0);
}

static void
removed_body_is_missing_and_the_chain_still_holds(void **state)
{
	(void)state;
	folder_put(&f, r[1].name, SPAN(r[1].bytes, r[1].sign1_n));
	expect(N - 1, 0, 1, 0);
	assert_int_equal(folder_item(&f, 3)->link, LINK_FITS);
}

static void
changed_body_is_altered_and_the_chain_still_holds(void **state)
{
	(void)state;
	r[1].bytes[r[1].sign1_n + 100] ^= 1;
	folder_put_record(&f, &r[1]);
	expect(N - 1, 1, 0, 0);
	assert_int_equal(folder_item(&f, 3)->link, LINK_FITS);
}

static void
bodies_swapped_between_records_are_altered(void **state)
{
	uint8_t mixed[2 * FOLDER_RECORD_MAX];
	size_t body_n = r[2].n - r[2].sign1_n;

	(void)state;
	memcpy(mixed, r[1].bytes, r[1].sign1_n);
	memcpy(mixed + r[1].sign1_n, r[2].bytes + r[2].sign1_n, body_n);
	folder_put(&f, r[1].name, SPAN(mixed, r[1].sign1_n + body_n));
	expect(N - 1, 1, 0, 0);
}

static void
names_swapped_change_nothing(void **state)
{
	(void)state;
	folder_put(&f, r[1].name, SPAN(r[2].bytes, r[2].n));
	folder_put(&f, r[2].name, SPAN(r[1].bytes, r[1].n));
	folder_put(&f, "holiday.jpg", SPAN(r[0].bytes, r[0].n));
	folder_remove(&f, r[0].name);
	expect(N, 0, 0, 0);
}

static void
record_replayed_under_other_names_counts_once(void **state)
{
	(void)state;
	folder_put(&f, "00000001-00000000000000000077.lsr", SPAN(r[1].bytes, r[1].n));
	folder_put(&f, "copy", SPAN(r[1].bytes, r[1].n));
	expect(N, 0, 0, 0);
	assert_int_equal(f.chain.n_others, 2);
}

static void
record_of_another_unit_cannot_tell(void **state)
{
	struct recipe how = folder_recipe(&f, 6, &r[4]);

	(void)state;
	how.key = MAKER_STRANGER;
	how.unit = "lane-9";
	folder_make(&f, &how, &extra);
	folder_put_record(&f, &extra);
	expect(N, 0, 0, 1);
}

static void
record_of_another_unit_does_not_hide_a_missing_one(void **state)
{
	struct recipe how = folder_recipe(&f, 2, &r[0]);

	(void)state;
	how.key = MAKER_STRANGER;
	how.unit = "lane-9";
	folder_make(&f, &how, &extra);
	folder_put_record(&f, &extra);
	expect(N - 1, 0, 1, 1);
}

static void
record_signed_with_a_forged_claim_is_altered(void **state)
{
	struct recipe how = folder_recipe(&f, 6, &r[4]);
	uint8_t *at;

	(void)state;
	how.key = MAKER_STRANGER;
	folder_make(&f, &how, &extra);
	at = memmem(extra.bytes, 40, "\x04\x50", 2); /* the key id in the protected header */
	assert_non_null(at);
	memcpy(at + 2, f.rules.key_id, RECORD_KEY_ID_BYTES);
	folder_put_record(&f, &extra);
	expect(N, 1, 0, 0);
}

static void
record_that_names_another_unit_cannot_tell(void **state)
{
	struct recipe how = folder_recipe(&f, 6, &r[4]);

	(void)state;
	how.unit = "lane-9";
	folder_make(&f, &how, &extra);
	folder_put_record(&f, &extra);
	expect(N, 0, 0, 1);
}

static void
unknown_policy_cannot_tell(void **state)
{
	struct recipe how = folder_recipe(&f, 6, &r[4]);

	(void)state;
	how.policy[0] ^= 1;
	folder_make(&f, &how, &extra);
	folder_put_record(&f, &extra);
	expect(N, 0, 0, 1);
	f.rules.n_policies = 0;
	expect(0, 0, 0, N + 1);
}

static void
broken_link_is_altered(void **state)
{
	struct recipe how = folder_recipe(&f, 6, &r[3]);

	(void)state;
	folder_make(&f, &how, &extra);
	folder_put_record(&f, &extra);
	expect(N, 1, 0, 0);
	assert_int_equal(folder_item(&f, 6)->link, LINK_BROKEN);
}

static void
rival_for_a_place_loses_when_the_chain_goes_on(void **state)
{
	struct recipe how = folder_recipe(&f, 3, &r[1]);

	(void)state;
	how.boot = 2;
	folder_make(&f, &how, &extra);
	folder_put_record(&f, &extra);
	expect(N, 1, 0, 0);
}

static void
rivals_at_the_end_cannot_tell(void **state)
{
	struct recipe how = folder_recipe(&f, N, &r[N - 2]);

	(void)state;
	how.boot = 2;
	folder_make(&f, &how, &extra);
	folder_put_record(&f, &extra);
	expect(N - 1, 0, 0, 2);
}

static void
heartbeat_and_gap_need_no_body(void **state)
{
	struct recipe how = folder_recipe(&f, 6, &r[4]);
	struct record gap;

	(void)state;
	how.kind = ENTRY_HEARTBEAT;
	folder_make(&f, &how, &extra);
	folder_put_record(&f, &extra);
	how = folder_recipe(&f, 7, &extra);
	how.kind = ENTRY_GAP;
	how.gap_first = 2;
	how.gap_count = 2;
	how.gap_reason = GAP_SPACE;
	folder_make(&f, &how, &gap);
	folder_put_record(&f, &gap);
	folder_remove(&f, r[1].name);
	folder_remove(&f, r[2].name);
	folder_look(&f, MAKER_AGENCY);
	assert_int_equal(f.answers[ANSWER_GOOD], N);
	assert_int_equal(f.answers[ANSWER_MISSING], 2);
	assert_int_equal(f.pictures, N - 2);
	assert_non_null(strstr(folder_item(&f, 2)->reason, "it dropped them because there was no space"));
}

/* As a unit's disk has it, carried away: one file with all records, and what a cut write left. */
static size_t
put_segment(const char *name, size_t from, size_t to, size_t cut_off)
{
	static uint8_t bytes[N * FOLDER_RECORD_MAX];
	size_t n = 0;

	for (size_t i = from; i <= to; i++) {
		memcpy(bytes + n, r[i].bytes, r[i].n);
		n += r[i].n;
	}
	n -= cut_off;
	folder_put(&f, name, SPAN(bytes, n));
	return n;
}

static void
segments_are_read_as_they_lie_on_the_disk(void **state)
{
	(void)state;
	folder_empty(&f);
	put_segment("00000000000000000001.lss", 0, 2, 0);
	put_segment("00000000000000000004.lss", 3, 4, 0);
	expect(N, 0, 0, 0);
	/* Number 3 stands in both: what lies behind its successor's name is a rest. */
	put_segment("00000000000000000003.lss", 2, 4, 0);
	folder_remove(&f, "00000000000000000004.lss");
	expect(N, 0, 0, 0);
	assert_int_equal(f.chain.n_others, 1);
	put_segment("00000000000000000001.lss", 0, 2, 100);
	expect(N, 0, 0, 0);
	/* The last one is cut, and nothing says whether it was ever whole. */
	put_segment("00000000000000000003.lss", 2, 4, 100);
	expect(N - 1, 0, 0, 1);
	folder_remove(&f, "00000000000000000003.lss");
	expect(2, 0, 0, 1);
}

static void
changed_bytes_in_a_segment_are_altered(void **state)
{
	static uint8_t bytes[N * FOLDER_RECORD_MAX];
	size_t n = 0;

	(void)state;
	folder_empty(&f);
	for (size_t i = 0; i < N; i++) {
		memcpy(bytes + n, r[i].bytes, r[i].n);
		n += r[i].n;
	}
	/* The body of 2, and the beginning of 4. */
	bytes[r[0].n + r[1].n - 30] ^= 1;
	memset(bytes + r[0].n + r[1].n + r[2].n, 'x', 9);
	folder_put(&f, "00000000000000000001.lss", SPAN(bytes, n));
	expect(N - 2, 2, 0, 0);
	assert_int_equal(folder_item(&f, 4)->answer, ANSWER_ALTERED);
	assert_int_equal(folder_item(&f, 3)->link, LINK_FITS);
}

/* What the unit says of itself: too old, no space, damaged are missing and explained; an unfinished number is nothing. */
static void
gaps_explain_just_what_they_name(void **state)
{
	static struct record gaps[2];
	struct recipe how = folder_recipe(&f, 6, &r[4]);

	(void)state;
	how.kind = ENTRY_GAP;
	how.gap_first = 2;
	how.gap_count = 1;
	how.gap_reason = GAP_AGE;
	folder_make(&f, &how, &gaps[0]);
	folder_put_record(&f, &gaps[0]);
	how = folder_recipe(&f, 7, &gaps[0]);
	how.kind = ENTRY_GAP;
	how.gap_first = 4;
	how.gap_count = 1;
	how.gap_reason = GAP_UNFINISHED;
	folder_make(&f, &how, &gaps[1]);
	folder_put_record(&f, &gaps[1]);
	for (int i = 1; i < 4; i++)
		folder_remove(&f, r[i].name);
	folder_look(&f, MAKER_AGENCY);
	assert_int_equal(f.answers[ANSWER_MISSING], 2);
	assert_int_equal(folder_item(&f, 2)->explained, GAP_AGE);
	assert_int_equal(folder_item(&f, 3)->explained, 0);
	assert_null(folder_item(&f, 4));
	assert_int_equal(f.chain.unused, 1);
}

static void
a_cut_end_shows_within_one_heartbeat(void **state)
{
	const int64_t began = 1790000000;
	struct recipe how = folder_recipe(&f, 6, &r[4]);

	(void)state;
	how.kind = ENTRY_HEARTBEAT;
	how.time_s = began;
	folder_make(&f, &how, &extra);
	folder_put_record(&f, &extra);
	expect(N + 1, 0, 0, 0);
	f.rules.as_of_s = began + 60;
	expect(N + 1, 0, 0, 0);
	f.rules.as_of_s = began + 60 + TAIL_SLACK_S + 1;
	expect(N + 1, 0, 0, 1);
	/* Without any sign of life nothing can be said of the end. */
	folder_remove(&f, extra.name);
	expect(N, 0, 0, 1);
	f.rules.as_of_s = 0;
}

static void
damaged_name_cannot_make_a_great_gap(void **state)
{
	(void)state;
	folder_put(&f, "00000001-00000000000999999999.lsr", SPAN(r[0].bytes, 20));
	folder_put(&f, "99999999-99999999999999999999.lsr", SPAN(r[0].bytes, 20));
	expect(N, 1, 0, 0);
	assert_int_equal(f.chain.n_others, 1);
}

static void
foreign_files_are_told_and_nothing_more(void **state)
{
	(void)state;
	folder_put(&f, "notes.txt", SPAN((const uint8_t *)"call the booth", 14));
	folder_put(&f, "empty", SPAN(NULL, 0));
	folder_put(&f, ".00000001-00000000000000000006.lsr.new", SPAN(r[0].bytes, 100));
	expect(N, 0, 0, 0);
	assert_int_equal(f.chain.n_others, 2);
}

static void
unreadable_file_cannot_tell(void **state)
{
	(void)state;
	folder_remove(&f, r[1].name);
	assert_int_equal(symlinkat("/nowhere/at/all", f.fd, r[1].name), 0);
	expect(N - 1, 0, 0, 1);
}

/* A wrong record is put in the second place; the four others must keep opening. */
static void
every_truncation_is_altered_or_a_missing_body(void **state)
{
	(void)state;
	folder_empty(&f);
	folder_put_record(&f, &r[0]);
	for (size_t n = 0; n < r[1].n; n++) {
		folder_put(&f, r[1].name, SPAN(r[1].bytes, n));
		folder_look(&f, MAKER_AGENCY);
		assert_int_equal(f.pictures, 1);
		assert_int_equal(f.answers[ANSWER_GOOD], 1);
		assert_int_equal(f.answers[ANSWER_MISSING], n == r[1].sign1_n);
		assert_int_equal(f.answers[ANSWER_ALTERED], n != r[1].sign1_n);
		assert_int_equal(f.chain.n, 2);
	}
}

static void
every_flipped_byte_is_altered_or_another_unit(void **state)
{
	size_t cannot_tell = 0;

	(void)state;
	folder_empty(&f);
	folder_put_record(&f, &r[0]);
	for (size_t at = 0; at < r[1].n; at++) {
		uint8_t flip = (uint8_t)(1U << (at % 8));

		r[1].bytes[at] ^= at % 3 ? flip : 0xff;
		folder_put_record(&f, &r[1]);
		r[1].bytes[at] ^= at % 3 ? flip : 0xff;
		folder_look(&f, MAKER_AGENCY);
		assert_int_equal(f.pictures, 1);
		assert_int_equal(f.answers[ANSWER_GOOD], 1);
		assert_int_equal(f.answers[ANSWER_MISSING], 0);
		assert_int_equal(f.answers[ANSWER_ALTERED] + f.answers[ANSWER_CANNOT_TELL], 1);
		cannot_tell += f.answers[ANSWER_CANNOT_TELL];
	}
	/* Only the claim of a key can make it somebody else's. */
	assert_int_equal(cannot_tell, RECORD_KEY_ID_BYTES);
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup(name, fresh_chain)
	const struct CMUnitTest cases[] = {
	    CASE(whole_chain_opens_for_agency_and_escrow),
	    CASE(verify_only_writes_nothing),
	    CASE(wrong_key_cannot_tell),
	    CASE(absent_record_is_missing_and_the_next_still_opens),
	    CASE(absent_first_record_is_missing_unless_not_asked_for),
	    CASE(removed_body_is_missing_and_the_chain_still_holds),
	    CASE(changed_body_is_altered_and_the_chain_still_holds),
	    CASE(bodies_swapped_between_records_are_altered),
	    CASE(names_swapped_change_nothing),
	    CASE(record_replayed_under_other_names_counts_once),
	    CASE(record_of_another_unit_cannot_tell),
	    CASE(record_of_another_unit_does_not_hide_a_missing_one),
	    CASE(record_signed_with_a_forged_claim_is_altered),
	    CASE(record_that_names_another_unit_cannot_tell),
	    CASE(unknown_policy_cannot_tell),
	    CASE(broken_link_is_altered),
	    CASE(rival_for_a_place_loses_when_the_chain_goes_on),
	    CASE(rivals_at_the_end_cannot_tell),
	    CASE(heartbeat_and_gap_need_no_body),
	    CASE(segments_are_read_as_they_lie_on_the_disk),
	    CASE(changed_bytes_in_a_segment_are_altered),
	    CASE(gaps_explain_just_what_they_name),
	    CASE(a_cut_end_shows_within_one_heartbeat),
	    CASE(damaged_name_cannot_make_a_great_gap),
	    CASE(foreign_files_are_told_and_nothing_more),
	    CASE(unreadable_file_cannot_tell),
	    CASE(every_truncation_is_altered_or_a_missing_body),
	    CASE(every_flipped_byte_is_altered_or_another_unit),
	};

	return cmocka_run_group_tests(cases, set_up, tear_down);
}
