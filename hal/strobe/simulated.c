/*
 * A strobe that lights nothing: it only takes its time.
 */
#include "line.h"

int
strobe_line_wanted(void)
{
	return 0;
}

int
strobe_line_set(int fd, int lit)
{
	(void)fd;
	(void)lit;
	return 0;
}
