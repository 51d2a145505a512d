/*
 * doors/vitals/vitals.c - one number from a closed list, from any room to the warden.
 */
#include <poll.h>

#include "base/log.h"
#include "base/pipe.h"
#include "base/room.h"
#include "base/wire.h"
#include "doors/vitals/vitals.h"

static const char *const names[] = {
#define X(name, meaning) #name,
    VITALS(X)
#undef X
};

int
vitals_encode(const struct vital_message *m, struct space into)
{
	struct wire_writer w;

	CHECK(m->vital < VITAL_COUNT);
	wire_write(&w, into);
	wire_put_u16(&w, m->vital);
	wire_put_i64(&w, m->value);
	return (int)wire_done(&w);
}

int
vitals_decode(struct vital_message *m, struct span bytes)
{
	struct wire_reader r;

	wire_read(&r, bytes);
	m->vital = wire_u16(&r);
	wire_require(&r, m->vital < VITAL_COUNT);
	m->value = wire_i64(&r);
	return wire_end(&r);
}

/* A number that finds the pipe full is left out: the next of its kind is the newer total. */
void
vitals_tell(enum vital vital, int64_t value)
{
	static struct pipe_out out = {.fd = ROOM_FD_VITALS};
	static const struct timespec at_once;
	const struct vital_message m = {.vital = (uint16_t)vital, .value = value};
	struct pollfd room = {.fd = ROOM_FD_VITALS, .events = POLLOUT};
	uint8_t bytes[VITALS_MESSAGE_BYTES];

	CHECK(vitals_encode(&m, SPACE_OF(bytes)) == sizeof(bytes));
	if (ppoll(&room, 1, &at_once, NULL) != 1 || !(room.revents & POLLOUT))
		return;
	/* A warden that is gone is noticed by the doors; here it is no fault. */
	if (pipe_send(&out, VITALS_TYPE, SPAN_OF(bytes)) < 0)
		return;
}

const char *
vitals_name(unsigned int vital)
{
	return vital < VITAL_COUNT ? names[vital] : "unknown";
}
