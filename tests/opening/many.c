/*
 * The cost of following a chain must grow with its length, not with its square: a
 * hundred thousand entries are judged here without their files.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cm.h"
#include "folder.h"

/* n signed entries in the worst order; every third is gone, and beside each third lies a damaged file. */
static void
fill(struct chain *c, size_t n, const char *unit)
{
	for (size_t i = n; i > 0; i--) {
		struct item *it;

		if (i % 3 == 0 && i != n && i % 2)
			continue;
		it = chain_add(c, "file");
		it->place = i % 3 == 0 && i != n ? PLACE_NAME : PLACE_SIGNED;
		it->answer = it->place == PLACE_NAME ? ANSWER_ALTERED : ANSWER_GOOD;
		it->kind = ENTRY_PASSAGE;
		it->sequence = it->last = i;
		memcpy(it->hash, &i, sizeof(i));
		memcpy(it->previous, &(size_t){i - 1}, sizeof(i));
		(void)snprintf(it->unit, sizeof(it->unit), "%s", unit);
	}
}

static double
judge(size_t n, size_t *missing)
{
	struct chain_rules rules = {.unit = "lane-1", .from = 1};
	struct chain c = {0};
	int64_t began_us, took_us;

	fill(&c, n, rules.unit);
	began_us = clock_us(CLOCK_PROCESS_CPUTIME_ID);
	chain_judge(&c, &rules);
	took_us = clock_us(CLOCK_PROCESS_CPUTIME_ID) - began_us;
	*missing = 0;
	for (size_t i = 0; i < c.n; i++)
		*missing += c.items[i].answer == ANSWER_MISSING;
	chain_free(&c);
	return (double)took_us / 1e6;
}

static void
ten_times_the_records_cost_about_ten_times_as_much(void **state)
{
	size_t few_missing, many_missing;
	double few, many;

	(void)state;
	(void)judge(10000, &few_missing);
	few = judge(10000, &few_missing);
	many = judge(100000, &many_missing);
	print_message("10000 entries: %.3f s, 100000: %.3f s\n", few, many);
	assert_in_range(many_missing, 9 * few_missing, 11 * few_missing);
	assert_true(many < 40 * few + 0.1);
}

int
main(void)
{
	const struct CMUnitTest cases[] = {
	    cmocka_unit_test(ten_times_the_records_cost_about_ten_times_as_much)};

	return cmocka_run_group_tests(cases, NULL, NULL);
}
