/*
 * The rooms' lists of system calls as text, from the files that base/lock.c makes the locks of.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/gpio.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "base/lock.h"
#include "warden/explain.h"

/* clang-format off: it cannot tell these from statements. */
#define IS(argument, value)         "argument " #argument " is " #value
#define NO_BITS(argument, bits)     "argument " #argument " has no bit of " #bits
#define BITS(argument, mask, value) "argument " #argument " under the mask " #mask " is " #value
#define SELF(argument)              "argument " #argument " is this process"

#define CALL(called, reason)                      {.kind = LINE_CALL, .name = #called, .number = SCMP_SYS(called), .why = (reason)},
#define CALL_IF(called, reason, ...)              {.kind = LINE_CALL, .name = #called, .number = SCMP_SYS(called), .why = (reason), .conditions = {__VA_ARGS__}},
#define REFUSE(called, error, reason)             {.kind = LINE_REFUSE, .name = #called, .number = SCMP_SYS(called), .answer = #error, .why = (reason)},
#define REFUSE_IF(called, error, reason, ...)     {.kind = LINE_REFUSE, .name = #called, .number = SCMP_SYS(called), .answer = #error, .why = (reason), .conditions = {__VA_ARGS__}},
#define FOLDER(fd, may, reason)                   {.kind = LINE_FOLDER, .number = (fd), .rights = (may), .why = (reason)},
#define PATH(path, may, reason)                   {.kind = LINE_PATH, .name = (path), .rights = (may), .why = (reason)},
#define PORT(port, reason)                        {.kind = LINE_PORT, .number = (port), .why = (reason)},
#define PORT_OF(word, reason)                     {.kind = LINE_PORT_OF, .name = (word), .why = (reason)},
#define LIMIT(resource, most, reason)             {.kind = LINE_LIMIT, .name = #resource, .number = (most), .why = (reason)},

#ifndef ROOM_CALLS_MORE /* else the sanitizers' lines, which stand in every list of such a build */
#define ROOM_CALLS_MORE "base/base.h"
#endif

static const struct explain_line capture[] = {
#include CAPTURE_CALLS
#include ROOM_CALLS_MORE
};
static const struct explain_line locate[] = {
#include "locate/syscalls.def"
#include ROOM_CALLS_MORE
};
static const struct explain_line seal[] = {
#include "seal/syscalls.def"
#include ROOM_CALLS_MORE
};
static const struct explain_line spool[] = {
#include "spool/syscalls.def"
#include ROOM_CALLS_MORE
};
static const struct explain_line uplink[] = {
#include "uplink/syscalls.def"
#include ROOM_CALLS_MORE
};

static const struct {
	const struct explain_line *lines;
	size_t n;
} lists[ROOM_COUNT] = {
	[ROOM_CAPTURE] = {capture, ARRAY_SIZE(capture)},
	[ROOM_LOCATE]  = {locate, ARRAY_SIZE(locate)},
	[ROOM_SEAL]    = {seal, ARRAY_SIZE(seal)},
	[ROOM_SPOOL]   = {spool, ARRAY_SIZE(spool)},
	[ROOM_UPLINK]  = {uplink, ARRAY_SIZE(uplink)},
};

/* In the order of enum landlock_right. */
static const char *const rights[] = {
	"execute", "write_file", "read_file", "read_dir", "remove_dir", "remove_file", "make_char", "make_dir", "make_reg",
	"make_sock", "make_fifo", "make_block", "make_sym", "refer", "truncate", "ioctl_dev",
};
/* clang-format on */

const struct explain_line *
explain_lines(enum room room, size_t *n)
{
	*n = lists[room].n;
	return lists[room].lines;
}

static int
said_before(const struct explain_line *first, const struct explain_line *line)
{
	for (; first < line; first++)
		if (first->kind == LINE_CALL && strcmp(first->name, line->name) == 0)
			return 1;
	return 0;
}

int
explain_count(enum room room)
{
	size_t n;
	const struct explain_line *lines = explain_lines(room, &n);
	int count = 0;

	for (size_t i = 0; i < n; i++)
		count += lines[i].kind == LINE_CALL && lines[i].number >= 0 && !said_before(lines, &lines[i]);
	return count;
}

const char *
explain_right(unsigned int bit)
{
	return bit < ARRAY_SIZE(rights) ? rights[bit] : NULL;
}
