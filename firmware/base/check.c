/*
 * base/check.c - how a program ends when it finds itself wrong.
 *
 * Prints the place and aborts, so that the warden sees a signal and not an exit
 * status. Needs neither heap nor stdio: it may be called from within malloc.
 */
#include <stdlib.h>

#include "base/base.h"
#include "base/log.h"

void
check_failed(const char *file, int line)
{
	const struct log_number where = {file, line};

	log_numbers(LOG_ERROR, "check_failed", &where, 1);
	abort();
}
