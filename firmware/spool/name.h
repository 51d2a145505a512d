/*
 * spool/name.h - what the files of the spool are called.
 *
 * "BOOT-SEQUENCE.lsr", eight and twenty digits, so that a plain listing is in
 * order; with ".bad" behind it once the record was found damaged.
 */
#ifndef SPOOL_NAME_H
#define SPOOL_NAME_H

#include "spool/store.h"

#define NAME_UNFINISHED ".new"
#define NAME_STATE      "state"

enum name_kind { NAME_FOREIGN, NAME_RECORD, NAME_BAD };

void name_of(const struct store_entry *e, char name[STORE_NAME_BYTES]);
void name_of_bad(const struct store_entry *e, char name[STORE_NAME_BYTES]);

/* Sets boot and sequence unless foreign: exactly our form, and numbers this spool could have given. */
enum name_kind name_read(const char *name, struct store_entry *e);

#endif
