/*
 * What a collector's answer means, and when the next try is due.
 */
#include <errno.h>
#include <string.h>

#include "uplink/answer.h"
#include "uplink/pace.h"
#include "cm.h"

enum { NOW_S = 1700000000 };

static struct answer
with_header(const char *line)
{
	struct answer a = {.status = 503};

	assert_int_equal(answer_header(&a, line, strlen(line), NOW_S), 0);
	return a;
}

static void
every_status_has_a_meaning(void **state)
{
	(void)state;
	for (long status = 0; status < 1000; status++) {
		struct answer a = {.status = status};
		struct attempt t = {.outcome = DELIVERED};

		answer_outcome(&a, &t);
		assert_int_not_equal(t.outcome, DELIVERED);
		assert_true(t.why[0] != '\0');
		/* Only these three say that the record was taken; no other 2xx is an answer to a PUT. */
		assert_int_equal(answer_stored(&a) == STORED_SAYS_SO, status == 200 || status == 201 || status == 204);
	}
}

static void
what_a_person_has_to_mend_is_told_apart(void **state)
{
	static const struct {
		long status;
		enum outcome outcome;
	} cases[] = {{301, WRONG_PLACE}, {401, NOT_ALLOWED}, {403, NOT_ALLOWED}, {404, WRONG_PLACE}, {413, REFUSED},
		     {418, REFUSED},     {429, TRY_AGAIN},   {500, TRY_AGAIN},   {503, TRY_AGAIN},   {599, TRY_AGAIN}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct answer a = {.status = cases[i].status};
		struct attempt t;

		answer_outcome(&a, &t);
		assert_int_equal(t.outcome, cases[i].outcome);
	}
}

static void
retry_after_is_seconds_or_a_time_and_has_an_end(void **state)
{
	static const struct {
		const char *line;
		int64_t wait_s;
	} cases[] = {
		{"Retry-After: 120\r\n", 120},
		{"retry-after:7", 7},
		{"RETRY-AFTER: \t 9 \r\n", 9},
		{"Retry-After: 99999999999999999999\r\n", ANSWER_WAIT_MAX_S},
		{"Retry-After: 86400\r\n", ANSWER_WAIT_MAX_S},
		{"Retry-After: -5\r\n", 0},
		{"Retry-After: soon\r\n", 0},
		{"Retry-After:\r\n", 0},
		{"Retry-After: Tue, 14 Nov 2023 22:14:20 GMT\r\n", 60}, /* NOW_S is 22:13:20 */
		{"Retry-After: Tue, 14 Nov 2023 22:00:00 GMT\r\n", 0},
		{"Retry-After: Tue, 14 Nov 2023 22:14:20 GMT and more\r\n", 0},
		{"Retry-Aftermath: 5\r\n", 0},
		{"X-Retry-After: 5\r\n", 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(with_header(cases[i].line).retry_after_s, cases[i].wait_s);
}

static void
a_checksum_of_another_length_is_a_wrong_one(void **state)
{
	static const char good[] = "x-amz-checksum-sha256: 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\r\n";
	struct answer a = with_header(good);

	(void)state;
	assert_true(a.has_checksum);
	assert_string_equal(a.checksum, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
	a = with_header("x-amz-checksum-sha256: 47DEQ\r\n");
	assert_true(a.has_checksum);
	assert_string_equal(a.checksum, "");
}

static void
headers_have_an_end(void **state)
{
	static const char line[] = "X-More: 0123456789\r\n";
	struct answer a = {.status = 0};
	size_t taken = 0;

	(void)state;
	while (answer_header(&a, line, sizeof(line) - 1, NOW_S) == 0)
		assert_true((taken += sizeof(line) - 1) <= ANSWER_HEADERS_MAX_BYTES);
	assert_true(taken > ANSWER_HEADERS_MAX_BYTES - sizeof(line));
	assert_int_equal(answer_header(&a, line, sizeof(line) - 1, NOW_S), -EMSGSIZE);
}

static void
pauses_double_up_to_a_limit_and_are_never_the_same_for_all(void **state)
{
	const struct attempt later = {.outcome = TRY_AGAIN}, person = {.outcome = NOT_ALLOWED}, good = {.outcome = DELIVERED};
	struct pace p, q;
	int64_t before = 0;

	(void)state;
	pace_init(&p, 0, 1000);
	assert_int_equal(pace_left_ms(&p, 1000), 0);
	for (int i = 0; i < 12; i++) {
		pace_tried(&p, &later, 1000, 0);
		assert_true(pace_left_ms(&p, 1000) >= before);
		before = pace_left_ms(&p, 1000);
	}
	assert_int_equal(before, PACE_LAST_MS / 2);
	q = p;
	pace_tried(&p, &later, 1000, 0);
	pace_tried(&q, &later, 1000, UINT32_MAX / 2);
	assert_int_not_equal(pace_left_ms(&p, 1000), pace_left_ms(&q, 1000));
	assert_in_range(pace_left_ms(&q, 1000), PACE_LAST_MS / 2, PACE_LAST_MS);
	for (int i = 0; i < 12; i++)
		pace_tried(&p, &person, 1000, UINT32_MAX);
	assert_in_range(pace_left_ms(&p, 1000), PACE_PERSON_LAST_MS / 2, PACE_PERSON_LAST_MS);
	pace_tried(&p, &good, 1000, 7);
	assert_int_equal(pace_left_ms(&p, 1000), 0);
	pace_tried(&p, &later, 1000, 0);
	assert_int_equal(pace_left_ms(&p, 1000), PACE_FIRST_MS / 2);
}

static void
the_collector_may_ask_for_more_patience_not_for_less(void **state)
{
	const struct attempt wait = {.outcome = TRY_AGAIN, .not_before_s = 100};
	struct pace p;

	(void)state;
	pace_init(&p, 0, 0);
	pace_tried(&p, &wait, 0, 5);
	assert_in_range(pace_left_ms(&p, 0), 100000, 100000 + PACE_FIRST_MS);
}

static void
a_cadence_has_fixed_ticks_whatever_happens(void **state)
{
	const struct attempt outcomes[] = {{.outcome = DELIVERED}, {.outcome = TRY_AGAIN}, {.outcome = NOT_TRUSTED}};
	struct pace p;
	int64_t now = 12345;

	(void)state;
	pace_init(&p, 30000, 12345);
	for (uint32_t i = 0; i < 300; i++) {
		pace_tried(&p, &outcomes[i % ARRAY_SIZE(outcomes)], now, i * 2654435761U);
		assert_true(pace_left_ms(&p, now) > 0);
		now += pace_left_ms(&p, now);
		assert_int_equal((now - 12345) % 30000, 0);
		now += 17 * i % 29000; /* the try itself takes its time */
	}
}

int
main(void)
{
	const struct CMUnitTest all[] = {
		cmocka_unit_test(every_status_has_a_meaning),
		cmocka_unit_test(what_a_person_has_to_mend_is_told_apart),
		cmocka_unit_test(retry_after_is_seconds_or_a_time_and_has_an_end),
		cmocka_unit_test(a_checksum_of_another_length_is_a_wrong_one),
		cmocka_unit_test(headers_have_an_end),
		cmocka_unit_test(pauses_double_up_to_a_limit_and_are_never_the_same_for_all),
		cmocka_unit_test(the_collector_may_ask_for_more_patience_not_for_less),
		cmocka_unit_test(a_cadence_has_fixed_ticks_whatever_happens),
	};

	return cmocka_run_group_tests(all, NULL, NULL);
}
