/*
 * Makes and reads file names. The reader takes only what the writer makes:
 * anything else in the folder is somebody else's and is left alone.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "spool/name.h"

enum { BOOT_DIGITS = 8, SEQUENCE_DIGITS = 20 };

static void
print(const struct store_entry *e, const char *ending, char name[STORE_NAME_BYTES])
{
	int n =
	    snprintf(name, STORE_NAME_BYTES, "%08" PRIu32 "-%020" PRIu64 "%s", e->boot, e->sequence, ending);

	CHECK(n > 0 && n < STORE_NAME_BYTES);
}

void
name_of(const struct store_entry *e, char name[STORE_NAME_BYTES])
{
	print(e, ".lsr", name);
}

void
name_of_bad(const struct store_entry *e, char name[STORE_NAME_BYTES])
{
	print(e, ".lsr.bad", name);
}

/* Exactly `digits` digits, at most `most`. Returns what follows, or NULL. */
static const char *
number(const char *p, int digits, uint64_t most, uint64_t *value)
{
	uint64_t v = 0;

	for (int i = 0; i < digits; i++, p++) {
		if (*p < '0' || *p > '9')
			return NULL;
		if (v > most / 10)
			return NULL;
		v = v * 10 + (uint64_t)(*p - '0');
	}
	if (v > most)
		return NULL;
	*value = v;
	return p;
}

enum name_kind
name_read(const char *name, struct store_entry *e)
{
	uint64_t boot, sequence;
	const char *p = number(name, BOOT_DIGITS, STORE_BOOT_MAX, &boot);

	if (p == NULL || *p != '-')
		return NAME_FOREIGN;
	p = number(p + 1, SEQUENCE_DIGITS, STORE_SEQUENCE_MAX - 1, &sequence);
	if (p == NULL || boot == 0 || sequence == 0)
		return NAME_FOREIGN;
	*e = (struct store_entry){.boot = (uint32_t)boot, .sequence = sequence};
	if (strcmp(p, ".lsr") == 0)
		return NAME_RECORD;
	return strcmp(p, ".lsr.bad") == 0 ? NAME_BAD : NAME_FOREIGN;
}
