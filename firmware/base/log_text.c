/*
 * base/log_text.c - a line of text for programs that handle no picture.
 *
 * Text may come from file names and servers.
 */
#include <stdarg.h>
#include <stdio.h>

#include "base/log_text.h"

enum { TEXT_BYTES = 1000 };

/* C1 controls: one byte in Latin-1, 0xc2 and that byte in UTF-8. Inside longer UTF-8 it is harmless. */
static int
is_control(unsigned char before, unsigned char c)
{
	return c < 0x20 || c == 0x7f || (c >= 0x80 && c < 0xa0 && (before < 0x80 || before == 0xc2));
}

void
log_clean(char *text, size_t n)
{
	unsigned char before = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)text[i];

		if (is_control(before, c)) {
			text[i] = '?';
			if (before == 0xc2)
				text[i - 1] = '?';
		}
		before = c;
	}
}

void
log_text(enum log_level level, const char *format, ...)
{
	char line[sizeof("<0>" PROGRAM_NAME ": ") + TEXT_BYTES + 1];
	va_list args;
	size_t start, n;
	int got;

	start = (size_t)snprintf(line, sizeof(line), "<%d>" PROGRAM_NAME ": ", (int)level % 10);
	va_start(args, format);
	got = vsnprintf(line + start, TEXT_BYTES + 1, format, args);
	va_end(args);
	if (got < 0)
		return;
	n = got > TEXT_BYTES ? TEXT_BYTES : (size_t)got;
	log_clean(line + start, n);
	line[start + n] = '\n';
	log_line(line, start + n + 1);
}
