/*
 * warden/logs.h - the lines that rooms write, as lines of the warden's own log.
 *
 * A room has no log but a pipe to the warden. What comes out of it is bounded in
 * length and number, says whose it is, and holds no control character.
 */
#ifndef WARDEN_LOGS_H
#define WARDEN_LOGS_H

#include "base/base.h"

enum {
	LOG_LINE_BYTES = 1024, /* the rest of a longer line is left out */
	LOGS_AT_ONCE = 200,    /* lines of one room that are taken without a pause */
	LOGS_A_SECOND = 10,    /* and how many more with each second */
};

struct log_door {
	int fd;
	char line[LOG_LINE_BYTES]; /* what has come of one that is not whole yet */
	size_t n;
	int cut;        /* the rest of this line is passed over */
	int lines_left; /* that may be taken now; below 0 after many short ones at once */
	int64_t counted_us; /* when lines_left last grew, monotonic */
	int held_back;  /* it was said that lines wait */
};

void logs_init(struct log_door *l, int fd);

/* The descriptor to wait for, or -1 while this room has said more than its share; what it says then waits in its pipe. */
int logs_fd(struct log_door *l, int64_t now_us);

/* Takes what has come. Never waits. */
void logs_listen(struct log_door *l, const char *room);

/* The room has ended: takes its last lines, at most LOGS_AT_ONCE, and throws the others away. */
void logs_end(struct log_door *l, const char *room);

/* From now on the warden's own lines do not wait either: those that a terminal, a pipe or the journal does not take are lost and counted. */
void logs_never_wait(void);

#endif
