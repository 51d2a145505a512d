/*
 * base/log_text.h - a line with text in it, for programs that handle no picture.
 *
 * Not on the include path of locate and seal; capture has it only with the
 * simulated camera, to name a picture file that cannot be read.
 */
#ifndef BASE_LOG_TEXT_H
#define BASE_LOG_TEXT_H

#include "base/log.h"

/* Replaces control characters by '?': what comes from elsewhere must not reach a terminal or the journal as one. */
void log_clean(char *text, size_t n);

/* printf-like; control characters in the result are replaced by '?'. At most 1000 bytes, the rest is cut. */
void log_text(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
