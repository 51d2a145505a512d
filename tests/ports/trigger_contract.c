/*
 * hal/trigger.h, kept by every trigger: edges in order, none before its time, none twice, bounces as one.
 */
#include "trigger_port.h"

enum { S = 1000000, HOUR_S = 3600 };
#define START (1000 * (int64_t)S)

static struct hal_trigger *trigger;
static struct hal_trigger_edge edge;

static void
begin(uint32_t debounce_us)
{
	struct hal_trigger_wish wish = port_line(debounce_us);

	assert_int_equal(hal_trigger_open(&trigger, &wish), 0);
	assert_int_equal(hal_trigger_next(trigger, START, &edge), 0);
}

static void
end(void)
{
	hal_trigger_close(trigger);
	port_end();
}

static void
edges_come_in_order_and_each_once(void **state)
{
	(void)state;
	begin(0);
	for (int i = 1; i <= 40; i++)
		port_edge(START + i * S);
	for (int i = 1; i <= 40; i++) {
		assert_int_equal(hal_trigger_next(trigger, START + 100 * (int64_t)S, &edge), 1);
		assert_true(edge.at_us == START + i * S);
		assert_int_equal(edge.lost, 0);
	}
	assert_int_equal(hal_trigger_next(trigger, START + 100 * (int64_t)S, &edge), 0);
	end();
}

static void
an_edge_waits_for_its_time(void **state)
{
	(void)state;
	begin(0);
	port_edge(START + 5);
	port_edge(START + 9);
	assert_int_equal(hal_trigger_next(trigger, START + 4, &edge), 0);
	assert_int_equal(hal_trigger_next(trigger, START + 4, &edge), 0);
	assert_int_equal(hal_trigger_next(trigger, START + 5, &edge), 1);
	assert_true(edge.at_us == START + 5);
	assert_int_equal(hal_trigger_next(trigger, START + 8, &edge), 0);
	assert_int_equal(hal_trigger_next(trigger, START + S, &edge), 1);
	assert_true(edge.at_us == START + 9);
	end();
}

static void
an_hour_without_a_vehicle_is_no_fault(void **state)
{
	(void)state;
	begin(1000);
	for (int s = 0; s < HOUR_S; s++)
		assert_int_equal(hal_trigger_next(trigger, START + s * (int64_t)S, &edge), 0);
	port_edge(START + HOUR_S * (int64_t)S);
	port_rest(START + (HOUR_S + 1) * (int64_t)S);
	assert_int_equal(hal_trigger_next(trigger, START + (HOUR_S + 1) * (int64_t)S, &edge), 1);
	assert_true(edge.at_us == START + HOUR_S * (int64_t)S);
	end();
}

/* Contacts that bounce for 2 ms, a debounce of 1 ms: the last bounce is 400 us after the one before. */
static void
bounces_are_one_edge(void **state)
{
	(void)state;
	begin(1000);
	for (int i = 1; i <= 10; i++)
		for (int bounce = 0; bounce <= 5; bounce++)
			port_edge(START + i * S + bounce * 400);
	port_rest(START + 100 * (int64_t)S);
	for (int i = 1; i <= 10; i++) {
		assert_int_equal(hal_trigger_next(trigger, START + 100 * (int64_t)S, &edge), 1);
		assert_in_range(edge.at_us, START + i * S, START + i * S + 2000);
	}
	assert_int_equal(hal_trigger_next(trigger, START + 100 * (int64_t)S, &edge), 0);
	end();
}

static void
a_second_open_follows_a_close(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		begin(0);
		port_edge(START + S);
		assert_int_equal(hal_trigger_next(trigger, START + S, &edge), 1);
		end();
	}
	hal_trigger_close(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(edges_come_in_order_and_each_once),
	    cmocka_unit_test(an_edge_waits_for_its_time),
	    cmocka_unit_test(an_hour_without_a_vehicle_is_no_fault),
	    cmocka_unit_test(bounces_are_one_edge),
	    cmocka_unit_test(a_second_open_follows_a_close),
	};
	int bad = cmocka_run_group_tests(tests, NULL, NULL);

	return bad + port_own_tests();
}
