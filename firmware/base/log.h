/*
 * base/log.h - one line on stderr: an event name and numbers.
 *
 *     log_event(LOG_NOTE, "passage", "views", 3, "frames", 21);
 *     -> <5>locate: passage views=3 frames=21
 *
 * The leading <n> is the priority journald understands (syslog(3)). There is no
 * way to log text here, so no room can log text derived from an image. Programs
 * that handle no picture may include log_text.h as well.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/base.h"

enum log_level { LOG_ERROR = 3, LOG_WARN = 4, LOG_NOTE = 5, LOG_INFO = 6 };

struct log_number {
	const char *name; /* a literal */
	int64_t value;
};

/*
 * A finished line, newline included, in one write(2), so that lines of several writers do
 * not mix. Never waits where descriptor 2 does not (rooms, a running warden): a line that
 * is not taken is lost and counted, and the count is said before the next one. For one
 * thread. Safe after fork, no heap.
 */
void log_line(const char *line, size_t n);

/* The same, of an event and numbers. */
void log_numbers(enum log_level level, const char *event, const struct log_number *numbers, size_t n);

/* clang-format off: it cannot tell these from statements. */
#define LOG_COUNT_(a1, a2, b1, b2, c1, c2, d1, d2, e1, e2, f1, f2, count, ...) count
#define LOG_COUNT(...) LOG_COUNT_(__VA_ARGS__, 6, 6, 5, 5, 4, 4, 3, 3, 2, 2, 1, 1, 0, 0)
#define LOG_JOIN_(a, b) a##b
#define LOG_JOIN(a, b) LOG_JOIN_(a, b)
#define LOG_1(a, x) {(a), (int64_t)(x)}
#define LOG_2(a, x, ...) LOG_1(a, x), LOG_1(__VA_ARGS__)
#define LOG_3(a, x, ...) LOG_1(a, x), LOG_2(__VA_ARGS__)
#define LOG_4(a, x, ...) LOG_1(a, x), LOG_3(__VA_ARGS__)
#define LOG_5(a, x, ...) LOG_1(a, x), LOG_4(__VA_ARGS__)
#define LOG_6(a, x, ...) LOG_1(a, x), LOG_5(__VA_ARGS__)
/* clang-format on */

/* log_event(level, "event", "name", number, ...): one to six pairs. */
#define log_event(level, event, ...)                                                              \
	log_numbers((level), (event),                                                             \
		    (const struct log_number[]){LOG_JOIN(LOG_, LOG_COUNT(__VA_ARGS__))(__VA_ARGS__)}, \
		    LOG_COUNT(__VA_ARGS__))

#endif
