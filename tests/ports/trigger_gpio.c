/*
 * The GPIO trigger: a pipe stands in for the line, and the test for the kernel, which debounces.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/gpio.h>

#include "trigger_port.h"

static struct {
	int ends[2];
	uint32_t debounce_us, sequence;
	int64_t waiting_us; /* a level that has not been quiet for long enough; 0: none */
} line = {.ends = {-1, -1}};

static void
tell(int64_t at_us)
{
	const struct gpio_v2_line_event event = {
	    .timestamp_ns = (uint64_t)at_us * 1000,
	    .id = GPIO_V2_LINE_EVENT_RISING_EDGE,
	    .offset = 12,
	    .seqno = line.sequence + 1,
	    .line_seqno = line.sequence + 1,
	};

	line.sequence++;
	assert_int_equal(write(line.ends[1], &event, sizeof(event)), sizeof(event));
}

struct hal_trigger_wish
port_line(uint32_t debounce_us)
{
	assert_int_equal(pipe2(line.ends, O_NONBLOCK | O_CLOEXEC), 0);
	line.debounce_us = debounce_us;
	line.sequence = 0;
	line.waiting_us = 0;
	return (struct hal_trigger_wish){
	    .name = "gpiochip0:12", .fd = line.ends[0], .debounce_us = debounce_us};
}

void
port_rest(int64_t until_us)
{
	if (line.waiting_us != 0 && until_us >= line.waiting_us + line.debounce_us) {
		tell(line.waiting_us + line.debounce_us);
		line.waiting_us = 0;
	}
}

/* As the kernel: a debounced edge is told when the level was quiet, with that time. */
void
port_edge(int64_t at_us)
{
	port_rest(at_us);
	if (line.debounce_us == 0)
		tell(at_us);
	else
		line.waiting_us = at_us;
}

void
port_end(void)
{
	(void)close(line.ends[0]);
	(void)close(line.ends[1]);
}

static void
what_the_kernel_dropped_is_counted(void **state)
{
	struct hal_trigger_wish wish = port_line(0);
	struct hal_trigger_edge edge;
	struct hal_trigger *t;

	(void)state;
	line.sequence = 6; /* a capture that was killed had taken six */
	assert_int_equal(hal_trigger_open(&t, &wish), 0);
	port_edge(100);
	line.sequence += 3;
	port_edge(200);
	assert_int_equal(hal_trigger_next(t, 1000, &edge), 1);
	assert_int_equal(edge.lost, 0);
	assert_int_equal(hal_trigger_next(t, 1000, &edge), 1);
	assert_int_equal(edge.lost, 3);
	hal_trigger_close(t);
	port_end();
}

static void
a_line_that_is_gone_or_speaks_nonsense_is_an_error(void **state)
{
	struct hal_trigger_wish wish = port_line(0);
	struct hal_trigger_edge edge;
	struct hal_trigger *t;

	(void)state;
	assert_int_equal(hal_trigger_open(&t, &wish), 0);
	assert_int_equal(write(line.ends[1], "short", 5), 5);
	assert_int_equal(hal_trigger_next(t, 1000, &edge), -EIO);
	port_edge(100);
	line.sequence--;
	port_edge(200);
	assert_int_equal(hal_trigger_next(t, 1000, &edge), 1);
	assert_int_equal(hal_trigger_next(t, 1000, &edge), -EIO); /* the same edge twice */
	(void)close(line.ends[1]);
	assert_int_equal(hal_trigger_next(t, 1000, &edge), -EIO);
	hal_trigger_close(t);
	port_end();
}

static void
time_never_goes_back_and_there_must_be_a_line(void **state)
{
	struct hal_trigger_wish wish = port_line(0);
	struct hal_trigger_edge edge;
	struct hal_trigger *t;

	(void)state;
	assert_int_equal(hal_trigger_open(&t, &wish), 0);
	port_edge(500);
	port_edge(400);
	assert_int_equal(hal_trigger_next(t, 1000, &edge), 1);
	assert_int_equal(hal_trigger_next(t, 1000, &edge), 1);
	assert_true(edge.at_us == 500);
	hal_trigger_close(t);
	port_end();
	wish.fd = -1;
	assert_int_equal(hal_trigger_open(&t, &wish), -EINVAL);
}

int
port_own_tests(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_the_kernel_dropped_is_counted),
	    cmocka_unit_test(a_line_that_is_gone_or_speaks_nonsense_is_an_error),
	    cmocka_unit_test(time_never_goes_back_and_there_must_be_a_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
