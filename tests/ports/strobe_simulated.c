/*
 * The simulated strobe: there is nothing to look at but the time it took.
 */
#include "strobe_port.h"

int
port_line(void)
{
	return -1;
}

int
port_looks(int *lit, int64_t *lit_us, int64_t *length_us)
{
	*lit = 0;
	*lit_us = *length_us = 0;
	return 0;
}

int
port_own_tests(void)
{
	return 0;
}
