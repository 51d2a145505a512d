#include "uplink/pace.h"

void
pace_init(struct pace *p, int64_t cadence_ms, int64_t now_ms)
{
	*p = (struct pace){.cadence_ms = cadence_ms, .began_ms = now_ms, .wait_ms = PACE_FIRST_MS, .not_before_ms = now_ms};
}

static int64_t
last_ms(enum outcome outcome)
{
	return outcome == TRY_AGAIN || outcome == LOCAL_FAULT ? PACE_LAST_MS : PACE_PERSON_LAST_MS;
}

void
pace_tried(struct pace *p, const struct attempt *a, int64_t now_ms, uint32_t chance)
{
	int64_t wait = 0, most = last_ms(a->outcome);

	if (a->outcome == DELIVERED) {
		p->wait_ms = PACE_FIRST_MS;
	} else {
		/* Between half of the wait and all of it. */
		wait = p->wait_ms / 2 + (int64_t)chance % (p->wait_ms / 2 + 1);
		p->wait_ms = p->wait_ms * 2 < most ? p->wait_ms * 2 : most;
		if (wait < a->not_before_s * 1000)
			wait = a->not_before_s * 1000 + (int64_t)chance % PACE_FIRST_MS;
	}
	p->not_before_ms = now_ms + wait;
	if (p->cadence_ms > 0) {
		int64_t ticks = (p->not_before_ms - p->began_ms) / p->cadence_ms + 1;

		p->not_before_ms = p->began_ms + ticks * p->cadence_ms;
	}
}

int64_t
pace_left_ms(const struct pace *p, int64_t now_ms)
{
	return p->not_before_ms > now_ms ? p->not_before_ms - now_ms : 0;
}
