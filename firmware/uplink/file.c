/*
 * Delivery into a folder: for a desk, for tests, and for a disk that somebody
 * carries away.
 */
#include <errno.h>
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

static void
deliver(const struct parcel *p, struct attempt *a)
{
	char name[RECORD_NAME_BYTES];
	int err;

	record_name(name, p);
	err = compare(name, p->record);
	if (err == -ENOENT)
		err = io_replace_at(ROOM_FD_FOLDER, name, p->record, 0440);
	a->outcome = err == 0 ? DELIVERED : err == -EEXIST ? TAKEN : LOCAL_FAULT;
	if (err < 0)
		(void)snprintf(a->why, sizeof(a->why), "%s",
			       err == -EEXIST ? "a different file of that name is there; it was not touched" : strerror(-err));
}

const struct destination file_destination = {.deliver = deliver};
