/*
 * warden/tally.h - listens to what rooms tell, and adds it up over their restarts.
 */
#ifndef WARDEN_TALLY_H
#define WARDEN_TALLY_H

#include "warden/house.h"

/*
 * Takes what a room has told, at most what its pipe holds: what was told before it ended, whole,
 * and of one that tells without end a turn's worth. Returns 0, or -EBADMSG: the room talks nonsense and must end.
 */
int tally_listen(struct resident *r) MUST_CHECK;

/* An instance ended: its totals are added to those before, what is "now" is forgotten. */
void tally_close(struct resident *r);

/* A room's total of one vital, over all its instances. */
int64_t tally_total(const struct resident *r, enum vital vital);

/* What it is, in words; and whether it is a state that comes and goes (1) or a total that only grows (0). */
const char *tally_meaning(enum vital vital);
int tally_is_now(enum vital vital);

#endif
