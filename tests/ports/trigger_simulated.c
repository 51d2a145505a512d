/*
 * The simulated trigger: the drawn lane's light barrier stands in for the line; then its own words.
 */
#include <errno.h>

#include "trigger_port.h"
#include "../../hal/camera/barrier.h"

static uint32_t vehicles;

struct hal_trigger_wish
port_line(uint32_t debounce_us)
{
	barrier_clear();
	vehicles = 0;
	return (struct hal_trigger_wish){.name = "simulated:lane", .fd = -1, .debounce_us = debounce_us};
}

void
port_edge(int64_t at_us)
{
	barrier_see(++vehicles, at_us);
}

void
port_rest(int64_t until_us)
{
	(void)until_us;
}

void
port_end(void)
{
}

static int
count(const char *name, uint32_t debounce_us, int64_t us)
{
	const struct hal_trigger_wish wish = {.name = name, .fd = -1, .debounce_us = debounce_us};
	struct hal_trigger_edge edge;
	struct hal_trigger *t;
	int64_t last = 0;
	int n = 0;

	assert_int_equal(hal_trigger_open(&t, &wish), 0);
	for (int64_t now = 7000000; now <= 7000000 + us; now += 40000)
		for (; hal_trigger_next(t, now, &edge) == 1; n++) {
			assert_true(edge.at_us > last && edge.at_us <= now && edge.at_us > now - 40000);
			last = edge.at_us;
		}
	hal_trigger_close(t);
	return n;
}

static void
one_edge_every_so_often(void **state)
{
	(void)state;
	assert_int_equal(count("simulated:every=2000", 0, 20000000), 10);
	assert_int_equal(count("simulated:every=2000,first=0", 0, 20000000), 11);
	assert_int_equal(count("simulated:every=2000,bounce=4", 1000, 20000000), 10);
	assert_int_equal(count("simulated:every=2000,bounce=4", 100, 20000000), 50);
	assert_int_equal(count("simulated:every=3600000,first=3600000", 1000, 3500000000), 0);
}

static void
other_words_are_refused(void **state)
{
	static const char *const names[] = {"",
					    "lane",
					    "simulated:",
					    "simulated:lan",
					    "simulated:every=0",
					    "simulated:every=",
					    "simulated:every=-5",
					    "simulated:every=10,",
					    "simulated:every=10,bounce=x",
					    "simulated:every=10,bounce=50",
					    "simulated:every=99999999999999999999",
					    "gpiochip0:1"};
	struct hal_trigger *t;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const struct hal_trigger_wish wish = {.name = names[i], .fd = -1};

		assert_int_equal(hal_trigger_open(&t, &wish), -EINVAL);
	}
}

int
port_own_tests(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_edge_every_so_often),
	    cmocka_unit_test(other_words_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
