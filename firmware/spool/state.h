/*
 * spool/state.h - the two small files beside the records, docs/SPOOL.md, "state".
 *
 * Both are replaced whole and carry their own hash: a file that does not fit is
 * as good as none, and store_open() then falls back on the records.
 */
#ifndef SPOOL_STATE_H
#define SPOOL_STATE_H

#include "spool/store.h"

/* Load: 0; -ENOENT, and the value is all zero; -EBADMSG damaged, likewise. Save: 0 or -errno, the old file stays. */
int state_load_head(int folder, struct store_head *head) MUST_CHECK;
int state_save_head(int folder, const struct store_head *head) MUST_CHECK;
int state_load_delivered(int folder, uint64_t *delivered) MUST_CHECK;
int state_save_delivered(int folder, uint64_t delivered) MUST_CHECK;

#endif
