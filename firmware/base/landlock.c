/*
 * base/landlock.c - Landlock, which takes files, TCP ports and signals from a process for good.
 */
#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/landlock.h"

/* Numbers of the calls are the same on every architecture. */
enum { CALL_CREATE = 444, CALL_ADD = 445, CALL_RESTRICT = 446, ASK_VERSION = 1, RULE_BENEATH = 1, RULE_PORT = 2 };
enum { TCP_CONNECT = 2, TCP_BIND_AND_CONNECT = 3, ABSTRACT_UNIX_AND_SIGNALS = 3 };

struct rules_attr {
	uint64_t files, tcp, scopes;
};

struct beneath_attr {
	uint64_t rights;
	int32_t folder;
} __attribute__((packed));

struct port_attr {
	uint64_t rights, port;
};

static uint64_t
rights_of(int abi)
{
	uint64_t rights = LANDLOCK_REFER - 1;

	rights |= abi >= 2 ? LANDLOCK_REFER : 0;
	rights |= abi >= 3 ? LANDLOCK_TRUNCATE : 0;
	rights |= abi >= 5 ? LANDLOCK_IOCTL_DEV : 0;
	return rights;
}

static int
result(long got)
{
	return got < 0 ? -errno : (int)got;
}

int
landlock_abi(void)
{
	int abi = result(syscall(CALL_CREATE, NULL, (size_t)0, ASK_VERSION));

	return abi > LANDLOCK_ABI_KNOWN ? LANDLOCK_ABI_KNOWN : abi;
}

int
landlock_begin(int abi)
{
	/* An older kernel takes the longer structure as long as what it does not know is zero. */
	const struct rules_attr attr = {
	    .files = rights_of(abi),
	    .tcp = abi >= 4 ? TCP_BIND_AND_CONNECT : 0,
	    .scopes = abi >= 6 ? ABSTRACT_UNIX_AND_SIGNALS : 0,
	};

	return result(syscall(CALL_CREATE, &attr, sizeof(attr), 0));
}

int
landlock_allow(int rules, int abi, int folder, uint64_t rights)
{
	const struct beneath_attr attr = {.rights = rights & rights_of(abi), .folder = folder};

	return result(syscall(CALL_ADD, rules, RULE_BENEATH, &attr, 0));
}

int
landlock_allow_connect(int rules, int abi, uint16_t port)
{
	const struct port_attr attr = {.rights = TCP_CONNECT, .port = port};

	return abi < 4 ? 0 : result(syscall(CALL_ADD, rules, RULE_PORT, &attr, 0));
}

int
landlock_enforce(int rules)
{
	return result(syscall(CALL_RESTRICT, rules, 0));
}
