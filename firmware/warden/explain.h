/*
 * warden/explain.h - what each room is, holds and may do: `laneseald --explain`.
 *
 * Told from the same tables that close the rooms in: wiring.c, walls.c and each
 * room's syscalls.def. Starts nothing and reads no settings. One thread.
 */
#ifndef WARDEN_EXPLAIN_H
#define WARDEN_EXPLAIN_H

#include "warden/walls.h"

enum { EXPLAIN_CONDITIONS_MAX = 3, EXPLAIN_NOTES_MAX = 16, EXPLAIN_TEXT_BYTES = 256 };

/* ---- the lines of syscalls.def: explain_lines.c ---- */

enum explain_kind { LINE_CALL, LINE_REFUSE, LINE_FOLDER, LINE_PATH, LINE_PORT, LINE_PORT_OF, LINE_LIMIT };

/* One line; base/lock.h says what they mean. */
struct explain_line {
	enum explain_kind kind;
	const char *name;    /* of the call, path, word or resource; the errno's of LINE_REFUSE is in `answer` */
	const char *answer;  /* LINE_REFUSE only */
	const char *why;
	int64_t number;      /* of the call (below 0: this architecture has none), descriptor, port; the limit */
	uint64_t rights;     /* enum landlock_right */
	const char *conditions[EXPLAIN_CONDITIONS_MAX]; /* all of these hold */
};

/* The lines of a room, in the order of its file; those that mean nothing on this machine are left to the caller. */
const struct explain_line *explain_lines(enum room room, size_t *n);

/* System calls that the room may make, each counted once, however many lines it has. */
int explain_count(enum room room);

/* The name of a right, by its bit; NULL behind the last one. */
const char *explain_right(unsigned int bit);

/* ---- all of it: explain.c and explain_say.c ---- */

struct explain {
	struct walls walls;
	int landlock_abi; /* -errno: the kernel has none */
	int runs;         /* 0: a lock that the board wants cannot close here */
	size_t n_notes;
	char notes[EXPLAIN_NOTES_MAX][EXPLAIN_TEXT_BYTES]; /* what is weaker than it could be, and why */
};

/* Looks, prints to standard output, returns the exit status of laneseald. */
int explain_tell(int as_json) MUST_CHECK;

void explain_say_text(const struct explain *e);
/* -ENOMEM: nothing was printed. */
int explain_say_json(const struct explain *e) MUST_CHECK;

/* What the descriptor of a room is, or NULL when the room has none of that number. */
const char *explain_descriptor(enum room room, int fd, char text[EXPLAIN_TEXT_BYTES]);

/* In words: the room's network, and the other namespaces that are its own. */
const char *explain_network(const struct explain *e, enum room room);
const char *explain_spaces(const struct explain *e);

#endif
