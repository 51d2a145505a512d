/*
 * tools/laneopen/contact.h - contact.html: a page to look at, which needs no other file and no network.
 *
 * open -> item ... item -> close. The numbers at the top are known last, so the
 * cards wait in a file without a name inside the same folder.
 */
#ifndef LANEOPEN_CONTACT_H
#define LANEOPEN_CONTACT_H

#include <stdio.h>

#include "index.h"

enum { CONTACT_RECORDS_MAX = 2000 }; /* more than a browser shows well; the rest is in index.json */

struct contact {
	FILE *cards;
	int folder;
	uint64_t shown, left_out;
};

int contact_open(struct contact *p, int folder) MUST_CHECK;
void contact_item(struct contact *p, const struct item *it, const struct unpacked *u, const struct totals *t);
int contact_close(struct contact *p, const struct chain *c, const struct totals *t,
		  const struct chain_rules *rules) MUST_CHECK;

/* The parts of the page that never change (page.c). */
extern const char page_head[], page_foot[];

#endif
