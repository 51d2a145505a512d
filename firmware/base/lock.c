/*
 * base/lock.c - how a room closes itself in before it says "ready".
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/gpio.h>
#include <netinet/in.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/lock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/room.h"

/* ---- the lists ---- */

enum {
	CONDITIONS_MAX = 3,
	RIGHTS_OF_FILES = LANDLOCK_EXECUTE | LANDLOCK_WRITE_FILE | LANDLOCK_READ_FILE | LANDLOCK_TRUNCATE | LANDLOCK_IOCTL_DEV,
};

struct condition {
	unsigned int argument;
	uint32_t mask, value; /* the kernel looks at the lower half of what is an int or a set of flags */
	int self;             /* the value is this process's number */
};

struct call {
	int number;
	int error; /* 0: allowed; else the answer */
	unsigned int n_conditions;
	struct condition conditions[CONDITIONS_MAX];
};

struct folder {
	const char *path; /* NULL: fd */
	int fd;
	uint64_t rights;
};

struct limit {
	int resource;
	rlim_t most;
};

struct port {
	uint16_t number;
	const char *word; /* NULL: number */
};

/* clang-format off: it cannot tell these from statements. */
#define IS(argument, value)         {(argument), UINT32_MAX, (uint32_t)(value), 0}
#define NO_BITS(argument, bits)     {(argument), (uint32_t)(bits), 0, 0}
#define BITS(argument, mask, value) {(argument), (uint32_t)(mask), (uint32_t)(value), 0}
#define SELF(argument)              {(argument), UINT32_MAX, 0, 1}

#define CONDITIONS(...)             ARRAY_SIZE(((const struct condition[]){__VA_ARGS__})), {__VA_ARGS__}

#define FOLDER(fd, rights, why)
#define PATH(path, rights, why)
#define PORT(number, why)
#define PORT_OF(word, why)
#define LIMIT(resource, most, why)
#define CALL(name, why)                  {SCMP_SYS(name), 0, 0, {{0, 0, 0, 0}}},
#define CALL_IF(name, why, ...)          {SCMP_SYS(name), 0, CONDITIONS(__VA_ARGS__)},
#define REFUSE(name, error, why)         {SCMP_SYS(name), (error), 0, {{0, 0, 0, 0}}},
#define REFUSE_IF(name, error, why, ...) {SCMP_SYS(name), (error), CONDITIONS(__VA_ARGS__)},
static const struct call calls[] = {
#include ROOM_CALLS
#ifdef ROOM_CALLS_MORE /* sanitizers: never in a product build */
#include ROOM_CALLS_MORE
#endif
};
#undef CALL
#undef CALL_IF
#undef REFUSE
#undef REFUSE_IF
#undef FOLDER
#undef PATH
#undef PORT
#undef PORT_OF

#define CALL(name, why)
#define CALL_IF(name, why, ...)
#define REFUSE(name, error, why)
#define REFUSE_IF(name, error, why, ...)
#define PORT(number, why)
#define PORT_OF(word, why)
#define FOLDER(fd, rights, why) {NULL, (fd), (rights)},
#define PATH(path, rights, why) {(path), -1, (rights)},
static const struct folder folders[] = {
#include ROOM_CALLS
#ifdef ROOM_CALLS_MORE
#include ROOM_CALLS_MORE
#endif
	{NULL, -1, 0}, /* there may be none */
};
#undef FOLDER
#undef PATH
#undef PORT
#undef PORT_OF

#define FOLDER(fd, rights, why)
#define PATH(path, rights, why)
#define PORT(number, why)  {(number), NULL},
#define PORT_OF(word, why) {0, (word)},
static const struct port ports[] = {
#include ROOM_CALLS
	{0, NULL},
};
#undef PORT
#undef PORT_OF
#undef LIMIT

#define PORT(number, why)
#define PORT_OF(word, why)
#define LIMIT(resource, most, why) {RLIMIT_##resource, (most)},
static const struct limit limits[] = {
#include ROOM_CALLS
};
/* clang-format on */

#ifdef ROOM_CALLS_MORE
enum { SANITIZED = 1 };

/* Looking for leaks at the end needs ptrace(2), which no room gets; unit tests look for them. */
const char *__asan_default_options(void);

const char *
__asan_default_options(void)
{
	return "detect_leaks=0";
}
#else
enum { SANITIZED = 0 };
#endif

/* What the first life of a room that begins again tells the second: enum lock bits, and the Landlock ABI. */
#define MARK      "LOCKS="
#define MARK_FORM MARK "%lld,%lld"

static int64_t closed, abi_in_force;
static int begins_again;

/* ---- rights and limits ---- */

static int
drop_capabilities(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0, 0, 0}};

	return syscall(SYS_capset, &header, none) < 0 ? -errno : 0;
}

static int
limit(int resource, rlim_t most)
{
	const struct rlimit both = {most, most};

	return setrlimit((__rlimit_resource_t)resource, &both) < 0 ? -errno : 0;
}

int
lock_rights(void)
{
	int err = drop_capabilities();

	if (err == 0 && (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0))
		err = -errno;
	if (err == 0)
		err = limit(RLIMIT_CORE, 0);
	for (size_t i = 0; i < ARRAY_SIZE(limits) && err == 0; i++)
		err = limit(limits[i].resource, limits[i].most);
	return err;
}

/* ---- files ---- */

/* Landlock wants no rights of folders for a file. */
static int
is_folder(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISDIR(st.st_mode);
}

static int
allow(int rules, int abi, const struct folder *f)
{
	int fd = f->path ? open(f->path, O_PATH | O_CLOEXEC) : f->fd, err;

	/* What is not there cannot be reached either. */
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	err = landlock_allow(rules, abi, fd, is_folder(fd) ? f->rights : f->rights & RIGHTS_OF_FILES);
	if (f->path)
		(void)close(fd);
	return err == -EBADF && f->path == NULL && fcntl(f->fd, F_GETFD) < 0 ? 0 : err;
}

/* "https://host:8443/in", also with "s3:" before it or [::1] in it. 0: no such address, and so no port. */
static uint16_t
port_of(const char *address)
{
	const char *host = strstr(address, "https://"), *end, *colon;

	if (host == NULL)
		return 0;
	host += strlen("https://");
	end = host + strcspn(host, "/?#");
	colon = *host == '[' ? memchr(host, ']', (size_t)(end - host)) : host;
	colon = colon ? memchr(colon, ':', (size_t)(end - colon)) : NULL;
	return colon ? (uint16_t)strtoul(colon + 1, NULL, 10) : 443;
}

/* Said by the one room that has ports, at each start, where the kernel cannot close the others. */
enum { LANDLOCK_ABI_OF_PORTS = 4 /* Linux 6.7 */ };

static int
allow_ports(int rules, int abi)
{
	int err = 0;

	if (ARRAY_SIZE(ports) > 1 && abi < LANDLOCK_ABI_OF_PORTS)
		log_event(LOG_WARN, "weaker_landlock_leaves_all_tcp_ports_open", "abi", abi, "wanted", LANDLOCK_ABI_OF_PORTS);
	for (size_t i = 0; i < ARRAY_SIZE(ports) && err == 0; i++) {
		uint16_t port = ports[i].word ? port_of(room_setting_text(ports[i].word)) : ports[i].number;

		if (port != 0)
			err = landlock_allow_connect(rules, abi, port);
	}
	return err;
}

int
lock_files(void)
{
	int abi = landlock_abi(), rules, err = 0;

	if (abi < CONFIG_HARDEN_LANDLOCK_ABI_LEAST)
		return abi < 0 ? abi : -EOPNOTSUPP;
	rules = landlock_begin(abi);
	if (rules < 0)
		return rules;
	for (size_t i = 0; i < ARRAY_SIZE(folders) && err == 0; i++)
		if (folders[i].rights)
			err = allow(rules, abi, &folders[i]);
	if (err == 0)
		err = allow_ports(rules, abi);
	if (err == 0)
		err = landlock_enforce(rules);
	(void)close(rules);
	abi_in_force = err == 0 ? abi : 0;
	return err;
}

/* ---- system calls ---- */

/* In a sanitized build a call that is not listed is named before the room ends by SIGSYS all the same. */
static void
name_the_call(int number, siginfo_t *info, void *context)
{
	(void)context;
	log_event(LOG_ERROR, "call_not_listed", "call", info->si_syscall);
	(void)signal(number, SIG_DFL);
	(void)raise(number);
}

static int
add(scmp_filter_ctx filter, const struct call *c)
{
	struct scmp_arg_cmp compare[CONDITIONS_MAX];

	for (unsigned int i = 0; i < c->n_conditions; i++) {
		const struct condition *when = &c->conditions[i];

		compare[i] = SCMP_CMP64(when->argument, SCMP_CMP_MASKED_EQ, when->mask,
					when->self ? (uint32_t)getpid() : when->value);
	}
	/* A call that this architecture does not have is left out by the library. */
	return seccomp_rule_add_array(filter, c->error ? SCMP_ACT_ERRNO((uint16_t)c->error) : SCMP_ACT_ALLOW, c->number, c->n_conditions, compare);
}

static int
name_calls_when_killed(void)
{
	struct sigaction act = {.sa_sigaction = name_the_call, .sa_flags = SA_SIGINFO | SA_NODEFER};

	return SANITIZED && sigaction(SIGSYS, &act, NULL) < 0 ? -errno : 0;
}

int
lock_calls(void)
{
	scmp_filter_ctx filter = seccomp_init(SANITIZED ? SCMP_ACT_TRAP : SCMP_ACT_KILL_PROCESS);
	int err;

	if (filter == NULL)
		return -ENOMEM;
	err = name_calls_when_killed();
	/* Calls of another architecture (32-bit ones on a 64-bit kernel) are none of the list. */
	if (err == 0)
		err = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	/* Threads from before main() end when the room begins again; until then they may need what is not listed. */
	if (err == 0)
		err = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, !begins_again);
	for (size_t i = 0; i < ARRAY_SIZE(calls) && err == 0; i++)
		err = add(filter, &calls[i]);
	if (err == 0)
		err = seccomp_load(filter);
	seccomp_release(filter);
	return err;
}

/* ---- all ---- */

/* A room that cannot close a lock does not run. Its line says which lock, and the kernel's word. */
static void
close_one(enum lock lock, const char *failure, int (*close_it)(void))
{
	int err = close_it();

	if (err < 0) {
		log_event(LOG_ERROR, failure, "errno", -err);
		_exit(ROOM_EXIT_LOCK);
	}
	closed |= lock;
}

void
lock_close(void)
{
	if (closed & LOCK_RIGHTS)
		return;
	if (CONFIG(HARDEN_MEMORY))
		close_one(0, "lock_memory_does_not_close", memory_demand);
	memory_settle();
	closed |= memory_is_locked() ? LOCK_MEMORY : 0;
	close_one(LOCK_RIGHTS, "lock_rights_does_not_close", lock_rights);
	if (CONFIG(HARDEN_LANDLOCK))
		close_one(LOCK_FILES, "lock_landlock_does_not_close", lock_files);
	if (CONFIG(HARDEN_SECCOMP))
		close_one(LOCK_CALLS, "lock_seccomp_does_not_close", lock_calls);
}

/* The list of calls is the last lock to close: where it holds, the others do. */
static int
is_second_life(void)
{
	const char *mark = getenv("LOCKS");
	long long bits, abi;

	if (mark == NULL || sscanf(mark, "%lld,%lld", &bits, &abi) != 2)
		return 0;
	CHECK(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
	CHECK(!CONFIG(HARDEN_SECCOMP) || prctl(PR_GET_SECCOMP) == 2);
	closed = bits & ~LOCK_MEMORY;
	closed |= memory_is_locked() ? LOCK_MEMORY : 0;
	abi_in_force = abi;
	return 1;
}

void
lock_close_and_begin_again(char *const argv[], char *const environment[])
{
	char mark[64], *words[LOCK_ENVIRONMENT_MAX + 2];
	size_t n = 0;

	if (is_second_life())
		return;
	begins_again = 1;
	lock_close();
	for (; environment[n] != NULL; n++) {
		CHECK(n < LOCK_ENVIRONMENT_MAX);
		words[n] = environment[n];
	}
	(void)snprintf(mark, sizeof(mark), MARK_FORM, (long long)closed, (long long)abi_in_force);
	words[n] = mark;
	words[n + 1] = NULL;
	(void)execve("/proc/self/exe", argv, words);
	log_event(LOG_ERROR, "room_cannot_begin_again", "errno", errno);
	_exit(ROOM_EXIT_LOCK);
}

int64_t
lock_closed(void)
{
	return closed;
}

int64_t
lock_landlock_abi(void)
{
	return abi_in_force;
}
