/*
 * Sentences of the tools. Rooms log events and numbers (base/log.h); a tool talks
 * to a person, and so names files and says what to do next.
 */
#include <stdarg.h>
#include <stdio.h>

#include "say.h"

void
say_trouble(const char *format, ...)
{
	char line[1200];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	for (char *c = line; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	(void)fprintf(stderr, PROGRAM_NAME ": %s\n", line);
}
