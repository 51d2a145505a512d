/*
 * Delivery into a folder: for a desk, for tests, and for a disk that somebody
 * carries away.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/io.h"
#include "base/room.h"
#include "uplink/file.h"

/* 0 when the file holds this record, -EEXIST when something else, -ENOENT when it is not there. */
static int
compare(const char *name, struct span record)
{
	static uint8_t there[PARCEL_RECORD_MAX];
	int64_t n = io_load_at(ROOM_FD_FOLDER, name, SPACE_OF(there));

	if (n == -EFBIG || n == -EISDIR)
		return -EEXIST;
	if (n < 0)
		return (int)n;
	return (size_t)n == record.n && memcmp(there, record.p, record.n) == 0 ? 0 : -EEXIST;
}

static int
deliver(const struct parcel *p)
{
	char name[40];
	int n = snprintf(name, sizeof(name), "%08" PRIu32 "-%020" PRIu64 ".lsr", p->boot, p->sequence);
	int err;

	CHECK(n > 0 && (size_t)n < sizeof(name));
	err = compare(name, p->record);
	if (err != -ENOENT)
		return err;
	return io_replace_at(ROOM_FD_FOLDER, name, p->record, 0440);
}

const struct destination file_destination = {.deliver = deliver};
