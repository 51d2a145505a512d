/*
 * The places of the frame memory: each is given once, comes back once, and stale releases change nothing.
 */
#include <errno.h>

#include "capture/slots.h"
#include "cm.h"

static void
places_run_out_and_come_back(void **state)
{
	struct slots s;

	(void)state;
	slots_init(&s);
	for (uint64_t i = 0; i < CONFIG_FRAME_SLOTS; i++) {
		int slot = slots_peek(&s);

		assert_in_range(slot, 0, CONFIG_FRAME_SLOTS - 1);
		slots_give(&s, (uint32_t)slot, 100 + i);
	}
	assert_int_equal(slots_peek(&s), -EAGAIN);
	slots_take_back(&s, 2, 99); /* stale */
	assert_int_equal(slots_peek(&s), -EAGAIN);
	slots_take_back(&s, 2, 102);
	assert_int_equal(slots_peek(&s), 2);
	slots_take_back(&s, 2, 102); /* twice */
	slots_give(&s, 2, 200);
	assert_int_equal(slots_peek(&s), -EAGAIN);
}

static void
the_longest_free_is_used_first(void **state)
{
	struct slots s;

	(void)state;
	slots_init(&s);
	for (uint32_t i = 0; i < CONFIG_FRAME_SLOTS; i++)
		slots_give(&s, i, i);
	slots_take_back(&s, 1, 1);
	slots_take_back(&s, 0, 0);
	assert_int_equal(slots_peek(&s), 1);
	slots_take_back_all(&s);
	assert_int_equal(slots_peek(&s), 1);
	slots_give(&s, 1, 9);
	assert_int_equal(slots_peek(&s), 0);
}

static void
give_twice(void *arg)
{
	slots_give(arg, 0, 1);
	slots_give(arg, 0, 2);
}

static void
giving_a_place_twice_ends_the_room(void **state)
{
	struct slots s;

	(void)state;
	slots_init(&s);
	assert_true(aborts(give_twice, &s));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places_run_out_and_come_back),
		cmocka_unit_test(the_longest_free_is_used_first),
		cmocka_unit_test(giving_a_place_twice_ends_the_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
