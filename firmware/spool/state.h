/*
 * spool/state.h - the two small files beside the segments, docs/SPOOL.md, "The two small files".
 *
 * Both are replaced whole and carry their own hash: a file that does not fit is
 * as good as none, and store_open() then falls back on the records.
 */
#ifndef SPOOL_STATE_H
#define SPOOL_STATE_H

#include "spool/store.h"

#define STATE_HEAD      ".head"
#define STATE_DELIVERED ".delivered"
#define STATE_NEW       ".new" /* whatever is being written */

/* Load: 0; -ENOENT, and the value is all zero; -EBADMSG damaged, likewise. Save: 0 or -errno, the old file stays. */
int state_load_head(int folder, struct store_head *head) MUST_CHECK;
int state_save_head(int folder, const struct store_head *head) MUST_CHECK;
int state_load_marks(int folder, struct store_marks *marks) MUST_CHECK;
int state_save_marks(int folder, const struct store_marks *marks) MUST_CHECK;

#endif
