/*
 * tools/common/say.h - one sentence for the person who runs a tool, on stderr.
 */
#ifndef TOOLS_COMMON_SAY_H
#define TOOLS_COMMON_SAY_H

/*
 * "lanekeys: agency.pem: ...". Control characters, which a file name may hold,
 * become '?', so that no name can repaint the terminal. Said once, where the fault
 * is found; the callers only hand the errno on.
 */
void say_trouble(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
