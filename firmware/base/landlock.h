/*
 * base/landlock.h - Landlock, which takes files, TCP ports and signals from a process for good.
 *
 * landlock_abi -> landlock_begin -> landlock_allow ... -> landlock_enforce. The calls
 * and numbers are written out here since glibc has no wrappers and the headers of
 * Debian 12 end with ABI 3; they are those of linux/landlock.h of Linux 6.15 and of
 * Documentation/userspace-api/landlock.rst.
 */
#ifndef BASE_LANDLOCK_H
#define BASE_LANDLOCK_H

#include "base/base.h"

/* What may be done with files; a right that is not given is refused. */
enum landlock_right {
	LANDLOCK_EXECUTE = 1 << 0,
	LANDLOCK_WRITE_FILE = 1 << 1,
	LANDLOCK_READ_FILE = 1 << 2,
	LANDLOCK_READ_DIR = 1 << 3,
	LANDLOCK_REMOVE_DIR = 1 << 4,
	LANDLOCK_REMOVE_FILE = 1 << 5,
	LANDLOCK_MAKE_CHAR = 1 << 6,
	LANDLOCK_MAKE_DIR = 1 << 7,
	LANDLOCK_MAKE_REG = 1 << 8,
	LANDLOCK_MAKE_SOCK = 1 << 9,
	LANDLOCK_MAKE_FIFO = 1 << 10,
	LANDLOCK_MAKE_BLOCK = 1 << 11,
	LANDLOCK_MAKE_SYM = 1 << 12,
	LANDLOCK_REFER = 1 << 13,     /* move between folders; ABI 2 */
	LANDLOCK_TRUNCATE = 1 << 14,  /* ABI 3 */
	LANDLOCK_IOCTL_DEV = 1 << 15, /* ABI 5 */
};

enum { LANDLOCK_ABI_KNOWN = 7 /* the newest whose rights are all listed here */ };

/* What this kernel offers, at most LANDLOCK_ABI_KNOWN. -ENOSYS: none; -EOPNOTSUPP: it is switched off at boot. */
int landlock_abi(void) MUST_CHECK;

/*
 * A set of rules in which everything that this ABI can refuse is refused: files
 * (from 1), TCP bind and connect (4), abstract unix sockets and signals to others (6).
 * Returns a descriptor, which the caller closes, or -errno.
 */
int landlock_begin(int abi) MUST_CHECK;

/* Gives rights beneath an open folder. Rights that this ABI does not know are not refused anyway. Returns 0 or -errno. */
int landlock_allow(int rules, int abi, int folder, uint64_t rights) MUST_CHECK;

/* Lets TCP connect to that port, on any address. Returns 0, also where this ABI refuses no port, or -errno. */
int landlock_allow_connect(int rules, int abi, uint16_t port) MUST_CHECK;

/* Puts the calling thread, and all that it starts later, under the rules. Needs no_new_privs. Returns 0 or -errno. */
int landlock_enforce(int rules) MUST_CHECK;

#endif
