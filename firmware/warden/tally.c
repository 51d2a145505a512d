/*
 * warden/tally.c - listens to what rooms tell, and adds it up over their restarts.
 *
 * A room counts from zero each time it starts. Most vitals are totals and are
 * added up; those whose meaning ends in ", now" are a state and are replaced.
 */
#include <errno.h>
#include <string.h>

#include "warden/tally.h"

static const char *const meanings[VITAL_COUNT] = {
#define X(name, meaning) [VITAL_##name] = meaning,
	VITALS(X)
#undef X
};

const char *
tally_meaning(enum vital vital)
{
	return meanings[vital];
}

int
tally_is_now(enum vital vital)
{
	const char *meaning = meanings[vital];
	size_t n = strlen(meaning);

	return vital == VITAL_ready || (n > 5 && strcmp(meaning + n - 5, ", now") == 0);
}

int
tally_listen(struct resident *r)
{
	struct vital_message m;
	struct span message;
	uint8_t type;
	int got;

	for (int n = 0; n < PIPE_TURN_PACKETS; n++) {
		got = pipe_receive(&r->vitals_in, &type, &message);
		if (got <= 0)
			return got;
		if (type != VITALS_TYPE || vitals_decode(&m, message) < 0)
			return -EBADMSG;
		r->vitals[m.vital] = m.value;
	}
	return 0;
}

void
tally_close(struct resident *r)
{
	for (int v = 0; v < VITAL_COUNT; v++) {
		if (!tally_is_now((enum vital)v))
			r->vitals_before[v] += r->vitals[v];
		r->vitals[v] = 0;
	}
}

int64_t
tally_total(const struct resident *r, enum vital vital)
{
	return r->vitals[vital] + r->vitals_before[vital];
}
