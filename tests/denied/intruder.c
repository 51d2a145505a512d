/* wrap: room_ready madvise */
/*
 * An intruder in a room: the same program, linked once more, in which a helper tries everything that no room may do.
 *
 * The helper is a copy of the room's process, made when the room would close its locks. For each attempt it makes one more
 * copy, which closes the locks with the room's own lock_close() and then tries. So what is tried is tried as that room's user, in
 * its namespaces, with its descriptors, behind its Landlock rules and its list; and a list that ends the
 * process ends the copy alone. What happened is in UNIT/open/report.ROOM, a line an attempt.
 *
 * The unit's folder is where the warden's settings lie. UNIT/open is made by the test, and everybody may write there,
 * so that it is never the owner of a file that stands in the way. With UNIT/open/without-locks no copy closes any lock.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/io_uring.h>
#include <linux/keyctl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "base/lock.h"
#include "base/room.h"

enum { MPTCP = 262, PATIENCE_S = 20, LOCKS_FAILED = 255 };

/* What an attempt gives where there are no locks, asked by root. */
enum { DONE = 0, WHATEVER = -1 /* it depends on the room or on the machine */ };

void __real_room_ready(void);
void __wrap_room_ready(void);
int __real_madvise(void *p, size_t n, int advice);
int __wrap_madvise(void *p, size_t n, int advice);

static struct {
	char folder[512], open[520]; /* UNIT, UNIT/open */
	pid_t room, warden, other;   /* another room */
	int own_net;                 /* a descriptor of this network namespace */
	int without_locks;
	unsigned int collectors_port, other_port;
	FILE *report;
	const char *group;
} in;

/* A path below UNIT/open. Good until the next eight calls. */
static const char *
path(const char *name)
{
	static char paths[8][600];
	static unsigned int next;
	char *p = paths[next++ % 8];

	(void)snprintf(p, sizeof(paths[0]), "%s/%s", in.open, name);
	return p;
}

static const char *
proc(pid_t pid, const char *name)
{
	static char paths[4][64];
	static unsigned int next;
	char *p = paths[next++ % 4];

	(void)snprintf(p, sizeof(paths[0]), "/proc/%ld/%s", (long)pid, name);
	return p;
}

/* ---- one attempt ---- */

static void
shut_in(void)
{
	const int wanted = LOCK_RIGHTS | (CONFIG(HARDEN_LANDLOCK) ? LOCK_FILES : 0) |
			   (CONFIG(HARDEN_SECCOMP) ? LOCK_CALLS : 0);

	(void)alarm(PATIENCE_S);
	if (in.without_locks) {
		/* What is mounted stays with this copy. */
		if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
			_exit(LOCKS_FAILED);
		return;
	}
	lock_close();
	if ((lock_closed() & wanted) != wanted)
		_exit(LOCKS_FAILED);
}

/* "killed": by the list. "done", or the errno's name. Anything else is a fault of this test. */
static void
report(const char *words, int without, int status)
{
	char result[64];

	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
		(void)snprintf(result, sizeof(result), "killed");
	else if (WIFSIGNALED(status))
		(void)snprintf(result, sizeof(result), "SIG%s", sigabbrev_np(WTERMSIG(status)));
	else if (WEXITSTATUS(status) == 0)
		(void)snprintf(result, sizeof(result), "done");
	else
		(void)snprintf(result, sizeof(result), "%s",
			       WEXITSTATUS(status) == LOCKS_FAILED ? "?"
								   : strerrorname_np(WEXITSTATUS(status)));
	(void)fprintf(in.report, "%s\t%s\t%s\t%s\n", in.group, words, result,
		      without == WHATEVER ? "whatever"
		      : without == DONE   ? "done"
					  : strerrorname_np(without));
}

static void
attempt(const char *words, int without, int (*it)(void))
{
	int status;
	pid_t pid;

	(void)fflush(in.report);
	pid = fork();
	if (pid == 0) {
		int err;

		shut_in();
		err = it();
		_exit(err < 0 ? -err : 0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		status = LOCKS_FAILED << 8;
	report(words, without, status);
}

/* An attempt that is one system call. */
static struct {
	long number, arguments[6];
} call;

static int
one_call(void)
{
	const long *a = call.arguments;

	return syscall(call.number, a[0], a[1], a[2], a[3], a[4], a[5]) < 0 ? -errno : 0;
}

#define P(pointer)                       ((long)(uintptr_t)(pointer))
#define TRY(words, without, number, ...) try_call((words), (without), (number), (const long[6]){__VA_ARGS__})

static void
try_call(const char *words, int without, long number, const long arguments[6])
{
	call.number = number;
	memcpy(call.arguments, arguments, sizeof(call.arguments));
	attempt(words, without, one_call);
}

/* ---- files ---- */

static void
try_files(void)
{
	static char buffer[64];

	in.group = "Files";
	TRY("read a file that everybody may read (/etc/passwd)", DONE, SYS_openat, AT_FDCWD, P("/etc/passwd"),
	    O_RDONLY);
	TRY("open a device that everybody may open (/dev/zero), in a camera's place", DONE, SYS_openat,
	    AT_FDCWD, P("/dev/zero"), O_RDWR);
	TRY("read a record that everybody may read", DONE, SYS_openat, AT_FDCWD, P(path("record")), O_RDONLY);
	TRY("read a copy of the unit's key that everybody may read", DONE, SYS_openat, AT_FDCWD,
	    P(path("key")), O_RDONLY);
	TRY("read the unit's key where it lies", DONE, SYS_openat, AT_FDCWD, P(path("../unit.der")),
	    O_RDONLY);
	TRY("list a folder (/)", DONE, SYS_openat, AT_FDCWD, P("/"), O_RDONLY | O_DIRECTORY);
	TRY("open its own folder's first record (descriptor 10)", WHATEVER, SYS_openat, ROOM_FD_FOLDER,
	    P("00000000000000000001.lss"), O_RDONLY);
	TRY("make a file in its own folder (descriptor 10)", WHATEVER, SYS_openat, ROOM_FD_FOLDER,
	    P("intruder"), O_WRONLY | O_CREAT, 0666);
	TRY("step out of its own folder (descriptor 10, ../)", WHATEVER, SYS_openat, ROOM_FD_FOLDER,
	    P("../open/record"), O_RDONLY);
	TRY("write a file outside its folder that everybody may write", DONE, SYS_openat, AT_FDCWD,
	    P(path("file." PROGRAM_NAME)), O_WRONLY);
	TRY("make a file where everybody may", DONE, SYS_openat, AT_FDCWD, P(path("new." PROGRAM_NAME)),
	    O_WRONLY | O_CREAT, 0666);
	TRY("make a file in /tmp without a name", WHATEVER, SYS_openat, AT_FDCWD, P("/tmp"),
	    O_WRONLY | O_TMPFILE, 0600);
	TRY("cut a file short", DONE, SYS_truncate, P(path("file." PROGRAM_NAME)), 0);
	TRY("remove a file", DONE, SYS_unlinkat, AT_FDCWD, P(path("victim." PROGRAM_NAME)), 0);
	TRY("rename a file", DONE, SYS_renameat2, AT_FDCWD, P(path("file." PROGRAM_NAME)), AT_FDCWD,
	    P(path("renamed." PROGRAM_NAME)), 0);
	TRY("give a file a second name", DONE, SYS_linkat, AT_FDCWD, P(path("record")), AT_FDCWD,
	    P(path("linked." PROGRAM_NAME)), 0);
	TRY("make a symbolic link", DONE, SYS_symlinkat, P("/etc/passwd"), AT_FDCWD,
	    P(path("symlink." PROGRAM_NAME)));
	TRY("make a folder", DONE, SYS_mkdirat, AT_FDCWD, P(path("folder." PROGRAM_NAME)), 0777);
	TRY("make a named pipe", DONE, SYS_mknodat, AT_FDCWD, P(path("pipe." PROGRAM_NAME)), S_IFIFO | 0666,
	    0);
	TRY("change who may use a file", DONE, SYS_fchmodat, AT_FDCWD, P(path("record")), 0666);
	TRY("ask what a file is (newfstatat)", DONE, SYS_newfstatat, AT_FDCWD, P("/etc/passwd"),
	    P(&(struct stat){0}), 0);
	TRY("ask what a file is (statx)", EFAULT, SYS_statx, AT_FDCWD, P("/etc/passwd"), 0, STATX_SIZE, 0);
	TRY("ask where a link leads", DONE, SYS_readlinkat, AT_FDCWD, P("/proc/self/exe"), P(buffer),
	    sizeof(buffer));
	TRY("go to another folder", DONE, SYS_chdir, P("/"));
	TRY("open a file by its number instead of its name", EFAULT, SYS_open_by_handle_at, AT_FDCWD, 0,
	    O_RDONLY);
	TRY("make memory that is a file (memfd)", DONE, SYS_memfd_create, P("x"), 0);
	TRY("watch files (inotify)", DONE, SYS_inotify_init1, 0);
	TRY("watch all files (fanotify)", DONE, SYS_fanotify_init, 0, O_RDONLY);
}

/* ---- doors ---- */

static int
send_a_descriptor_on(int fd)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {
	    .head = {.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}};
	struct iovec byte = {.iov_base = (char[1]){0}, .iov_len = 1};
	struct msghdr message = {
	    .msg_iov = &byte, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};

	*(int *)(void *)CMSG_DATA(&control.head) = STDIN_FILENO;
	return sendmsg(fd, &message, 0) < 0 ? -errno : 0;
}

static int
send_a_descriptor_through_a_door(void)
{
	return send_a_descriptor_on(ROOM_FD_VITALS);
}

static int
send_a_descriptor(void)
{
	int pair[2];

	return socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0 ? -errno : send_a_descriptor_on(pair[0]);
}

static int
take_a_descriptor(void)
{
	int warden = (int)syscall(SYS_pidfd_open, in.warden, 0);

	return warden < 0 || syscall(SYS_pidfd_getfd, warden, 0, 0) < 0 ? -errno : 0;
}

static void
try_doors(void)
{
	in.group = "Doors";
	TRY("read the clock: what every room may", DONE, SYS_clock_gettime, CLOCK_MONOTONIC,
	    P(&(struct timespec){0}));
	TRY("write to the log: what every room may", DONE, SYS_write, ROOM_FD_LOG, P(""), 0);
	TRY("map the frames for writing (descriptor 8)", WHATEVER, SYS_mmap, 0, 4096, PROT_READ | PROT_WRITE,
	    MAP_SHARED, ROOM_FD_FRAMES, 0);
	TRY("write into the frames (descriptor 8)", WHATEVER, SYS_write, ROOM_FD_FRAMES, P("x"), 1);
	TRY("write into the door that things come in by", EBADF, SYS_write, ROOM_FD_IN, P("x"), 1);
	TRY("read from the door that answers leave by", EBADF, SYS_read, ROOM_FD_IN_ACK, P((char[1]){0}), 1);
	TRY("turn a door's knobs (ioctl)", ENOTTY, SYS_ioctl, ROOM_FD_VITALS, TCGETS,
	    P(&(struct termios){0}));
	TRY("move bytes past the eyes of others (splice)", EBADF, SYS_splice, -1, 0, -1, 0, 1, 0);
	TRY("the same (sendfile)", EBADF, SYS_sendfile, -1, -1, 0, 1);
	attempt("send a descriptor through a door", ENOTSOCK, send_a_descriptor_through_a_door);
	attempt("send a descriptor through a socket of its own", DONE, send_a_descriptor);
	attempt("take a descriptor of the warden's (pidfd_getfd)", DONE, take_a_descriptor);
}

/* ---- network ---- */

static struct sockaddr_in
address(unsigned int port)
{
	return (struct sockaddr_in){.sin_family = AF_INET,
				    .sin_port = htons((uint16_t)port),
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static int
connect_to(unsigned int port, int protocol)
{
	struct sockaddr_in to = address(port);
	int fd = socket(AF_INET, SOCK_STREAM, protocol);

	return fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0 ? -errno : 0;
}

static int
connect_to_collector(void)
{
	return connect_to(in.collectors_port, 0);
}

static int
connect_elsewhere(void)
{
	return connect_to(in.other_port, 0);
}

static int
connect_elsewhere_mptcp(void)
{
	return connect_to(in.other_port, MPTCP);
}

static int
connect_elsewhere_fast(void)
{
	struct sockaddr_in to = address(in.other_port);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return fd < 0 || sendto(fd, "x", 1, MSG_FASTOPEN, (struct sockaddr *)&to, sizeof(to)) < 0 ? -errno
												  : 0;
}

static int
send_datagram(void)
{
	struct sockaddr_in to = address(53);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	return fd < 0 || sendto(fd, "x", 1, 0, (struct sockaddr *)&to, sizeof(to)) < 0 ? -errno : 0;
}

/* Half of a pair is a socket too, and datagrams may go to any address that everybody may write to. */
static int
write_to_local_service(void)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	int pair[2];

	(void)snprintf(to.sun_path, sizeof(to.sun_path), "%s", path("service"));
	return socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) < 0 ||
		       sendto(pair[0], "x", 1, 0, (struct sockaddr *)&to, sizeof(to)) < 0
		   ? -errno
		   : 0;
}

static int
wait_for_callers(void)
{
	struct sockaddr_in any = address(0);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return fd < 0 || bind(fd, (struct sockaddr *)&any, sizeof(any)) < 0 || listen(fd, 1) < 0 ? -errno : 0;
}

static int
listen_unbound(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return fd < 0 || listen(fd, 1) < 0 ? -errno : 0;
}

static void
try_network(void)
{
	in.group = "Network";
	TRY("socket: TCP over IPv4", DONE, SYS_socket, AF_INET, SOCK_STREAM, 0);
	TRY("socket: TCP over IPv6", DONE, SYS_socket, AF_INET6, SOCK_STREAM, 0);
	TRY("socket: UDP over IPv4", DONE, SYS_socket, AF_INET, SOCK_DGRAM, 0);
	TRY("socket: UDP over IPv6", DONE, SYS_socket, AF_INET6, SOCK_DGRAM, 0);
	TRY("socket: raw IPv4", DONE, SYS_socket, AF_INET, SOCK_RAW, IPPROTO_ICMP);
	TRY("socket: raw IPv6", DONE, SYS_socket, AF_INET6, SOCK_RAW, IPPROTO_ICMPV6);
	TRY("socket: multipath TCP", WHATEVER, SYS_socket, AF_INET, SOCK_STREAM, MPTCP);
	TRY("socket: SCTP", WHATEVER, SYS_socket, AF_INET, SOCK_STREAM, IPPROTO_SCTP);
	TRY("socket: unix", DONE, SYS_socket, AF_UNIX, SOCK_STREAM, 0);
	TRY("socket: unix, datagrams", DONE, SYS_socket, AF_UNIX, SOCK_DGRAM, 0);
	TRY("socket: a pair (unix)", DONE, SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, P((int[2]){0}));
	TRY("socket: packet (the wire itself)", DONE, SYS_socket, AF_PACKET, SOCK_RAW, 0);
	TRY("socket: netlink", DONE, SYS_socket, AF_NETLINK, SOCK_RAW, 0);
	TRY("socket: vsock (to a virtual machine's host)", WHATEVER, SYS_socket, AF_VSOCK, SOCK_STREAM, 0);
	TRY("socket: the kernel's crypto", WHATEVER, SYS_socket, AF_ALG, SOCK_SEQPACKET, 0);
	TRY("socket: Bluetooth", WHATEVER, SYS_socket, AF_BLUETOOTH, SOCK_RAW, 0);
	attempt("TCP to the collector's port", DONE, connect_to_collector);
	attempt("TCP to another port", DONE, connect_elsewhere);
	attempt("TCP to another port, by multipath TCP", WHATEVER, connect_elsewhere_mptcp);
	attempt("TCP to another port, with the first bytes (fast open)", DONE, connect_elsewhere_fast);
	attempt("a datagram to a name server", DONE, send_datagram);
	attempt("a datagram to a local service (unix, by half of a pair)", DONE, write_to_local_service);
	attempt("wait for callers at a port", DONE, wait_for_callers);
	attempt("wait for callers at whichever port", DONE, listen_unbound);
}

/* ---- processes ---- */

static int
start_process(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(0);
	return pid < 0 || waitpid(pid, &status, 0) != pid ? -errno : 0;
}

static void *
nothing(void *unused)
{
	return unused;
}

static int
start_thread(void)
{
	pthread_t thread;
	int err = pthread_create(&thread, NULL, nothing, NULL);

	return -(err ? err : pthread_join(thread, NULL));
}

/* As in a house with locks, an end that would be real; without them the other room stays. */
static int
end_another_room(void)
{
	return syscall(SYS_tgkill, in.other, in.other, in.without_locks ? SIGCONT : SIGABRT) < 0 ? -errno : 0;
}

static int
signal_by_pidfd(void)
{
	int other = (int)syscall(SYS_pidfd_open, in.other, 0);

	return other < 0 || syscall(SYS_pidfd_send_signal, other, SIGCONT, NULL, 0) < 0 ? -errno : 0;
}

static void
try_processes(void)
{
	static char *const none[] = {NULL};
	static uint8_t page[8192] __attribute__((aligned(4096)));
	static struct iovec here, there = {.iov_base = (void *)1, .iov_len = 1};
	static const struct rlimit much = {4096, 4096};
	static struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	static struct __user_cap_data_struct all[_LINUX_CAPABILITY_U32S_3] = {{1, 1, 0}};

	here = (struct iovec){.iov_base = page, .iov_len = 1};
	in.group = "Processes and memory";
	attempt("start a process", DONE, start_process);
	attempt("start a thread", DONE, start_thread);
	TRY("become another program (exec)", DONE, SYS_execve, P("/bin/true"), P(none), P(none));
	TRY("look into another room (ptrace)", DONE, SYS_ptrace, PTRACE_SEIZE, in.other, 0, 0);
	TRY("let itself be looked into (ptrace)", DONE, SYS_ptrace, PTRACE_TRACEME, 0, 0, 0);
	TRY("read another room's memory (process_vm_readv)", EFAULT, SYS_process_vm_readv, in.other, P(&here),
	    1, P(&there), 1, 0);
	TRY("write another room's memory (process_vm_writev)", EFAULT, SYS_process_vm_writev, in.other,
	    P(&here), 1, P(&there), 1, 0);
	TRY("read another room's memory (/proc/PID/mem)", DONE, SYS_openat, AT_FDCWD,
	    P(proc(in.other, "mem")), O_RDONLY);
	TRY("read the warden's memory (/proc/PID/mem)", DONE, SYS_openat, AT_FDCWD, P(proc(in.warden, "mem")),
	    O_RDONLY);
	TRY("read the warden's environment", DONE, SYS_openat, AT_FDCWD, P(proc(in.warden, "environ")),
	    O_RDONLY);
	TRY("signal another room (kill)", DONE, SYS_kill, in.other, SIGCONT);
	TRY("signal the warden (kill)", DONE, SYS_kill, in.warden, SIGCONT);
	attempt("end another room (tgkill, as abort does)", DONE, end_another_room);
	attempt("signal another room (pidfd)", DONE, signal_by_pidfd);
	TRY("become another user", DONE, SYS_setresuid, 0, 0, 0);
	TRY("become another group", DONE, SYS_setresgid, 0, 0, 0);
	TRY("take groups", DONE, SYS_setgroups, 1, P((gid_t[1]){0}));
	TRY("take a capability", DONE, SYS_capset, P(&header), P(all));
	TRY("let itself be dumped", DONE, SYS_prctl, PR_SET_DUMPABLE, 1, 0, 0, 0);
	TRY("raise a limit", DONE, SYS_prlimit64, 0, RLIMIT_NOFILE, P(&much), 0);
	TRY("leave the session that the warden ends as a whole", DONE, SYS_setsid);
	TRY("run before all others (real-time scheduling)", DONE, SYS_sched_setscheduler, 0, SCHED_RR,
	    P(&(struct sched_param){.sched_priority = 1}));
	TRY("switch off the shuffling of addresses", DONE, SYS_personality, ADDR_NO_RANDOMIZE);
	TRY("take memory that may be written and executed", DONE, SYS_mmap, 0, 4096,
	    PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	TRY("make memory executable that was written", DONE, SYS_mprotect, P(page), 4096,
	    PROT_READ | PROT_EXEC);
}

/* ---- the kernel ---- */

static int
set_the_clock(void)
{
	struct timex t = {.modes = 0};

	if (syscall(SYS_clock_adjtime, CLOCK_REALTIME, &t) < 0)
		return -errno;
	t.modes = ADJ_STATUS; /* to what it is */
	return syscall(SYS_clock_adjtime, CLOCK_REALTIME, &t) < 0 ? -errno : 0;
}

#ifdef __x86_64__
static int
call_of_32_bit(void)
{
	long got;

	__asm__ volatile("int $0x80"
			 : "=a"(got)
			 : "a"(20L /* getpid */)
			 : "memory", "r8", "r9", "r10", "r11");
	return got < 0 ? (int)got : 0;
}
#endif

static void
try_kernel(void)
{
	static union bpf_attr map = {
	    .map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1};
	static struct io_uring_params ring;
	static struct utsname name;

	(void)uname(&name);
	in.group = "The kernel";
	TRY("mount", DONE, SYS_mount, P("none"), P(path("mount")), P("tmpfs"), 0, 0);
	TRY("unmount", WHATEVER, SYS_umount2, P(path("mount")), 0);
	TRY("mount in the new way (fsopen)", DONE, SYS_fsopen, P("tmpfs"), 0);
	TRY("another root (chroot)", DONE, SYS_chroot, P("/"));
	TRY("another root (pivot_root)", WHATEVER, SYS_pivot_root, P("/"), P("/"));
	TRY("a user namespace (unshare)", DONE, SYS_unshare, CLONE_NEWUSER);
	TRY("a network namespace (unshare)", DONE, SYS_unshare, CLONE_NEWNET);
	TRY("enter a namespace (setns)", DONE, SYS_setns, in.own_net, CLONE_NEWNET);
	TRY("bpf", DONE, SYS_bpf, BPF_MAP_CREATE, P(&map), sizeof(map));
	TRY("userfaultfd", DONE, SYS_userfaultfd, O_CLOEXEC);
	TRY("io_uring", DONE, SYS_io_uring_setup, 1, P(&ring));
	TRY("keys of the kernel (keyctl)", DONE, SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_PROCESS_KEYRING,
	    1);
	TRY("keys of the kernel (add_key)", DONE, SYS_add_key, P("user"), P("x"), P("x"), 1,
	    KEY_SPEC_PROCESS_KEYRING);
	TRY("performance counters", EFAULT, SYS_perf_event_open, 0, 0, -1, -1, 0);
	TRY("the kernel's log", DONE, SYS_syslog, 10, 0, 0);
	TRY("load a module", EBADF, SYS_finit_module, -1, P(""), 0);
	TRY("start the machine anew (with a wrong number)", EINVAL, SYS_reboot, 1, 2, 3, 0);
	TRY("swap", WHATEVER, SYS_swapon, P(path("file." PROGRAM_NAME)), 0);
	TRY("process accounting", DONE, SYS_acct, 0);
	TRY("the machine's name", DONE, SYS_sethostname, P(name.nodename), (long)strlen(name.nodename));
	attempt("set the clock", DONE, set_the_clock);
	TRY("shared memory of System V", ENOENT, SYS_shmget, 0x4c535e41, 1, 0);
	TRY("message queues", ENOENT, SYS_mq_open, P("laneseal-none"), O_RDONLY, 0, 0);
	TRY("a call that does not exist", ENOSYS, 100000);
#ifdef __x86_64__
	attempt("a call of a 32-bit program", WHATEVER, call_of_32_bit);
	TRY("a call of an x32 program", WHATEVER, 0x40000000 + SYS_getpid);
#endif
}

/* ---- the helper ---- */

/* The next one, so that no two look into the same; a child of the warden. */
static pid_t
another_room(void)
{
	static const char *const rooms[] = {"capture", "locate", "seal", "spool", "uplink", "capture"};
	char children[64], text[512], other[16];
	pid_t pid, found = 0;
	FILE *f, *stat;

	for (int i = 0; i < 5; i++)
		if (strcmp(rooms[i], PROGRAM_NAME) == 0)
			(void)snprintf(other, sizeof(other), "(%s)", rooms[i + 1]);
	(void)snprintf(children, sizeof(children), "/proc/%ld/task/%ld/children", (long)in.warden,
		       (long)in.warden);
	f = fopen(children, "r");
	while (f && !found && fscanf(f, "%d", &pid) == 1) {
		stat = fopen(proc(pid, "stat"), "r");
		if (stat && fgets(text, sizeof(text), stat) && strstr(text, other))
			found = pid;
		if (stat)
			(void)fclose(stat);
	}
	if (f)
		(void)fclose(f);
	return found;
}

/* The folder of the settings that the warden was started with. */
static int
find_the_unit(void)
{
	char words[4096];
	FILE *f = fopen(proc(in.warden, "cmdline"), "r");
	size_t n = f ? fread(words, 1, sizeof(words) - 1, f) : 0;

	if (f)
		(void)fclose(f);
	words[n] = '\0';
	for (const char *w = words; w < words + n; w += strlen(w) + 1) {
		const char *slash = strrchr(w, '/');

		if (slash && strcmp(slash, "/unit.conf") == 0)
			(void)snprintf(in.folder, sizeof(in.folder), "%.*s", (int)(slash - w), w);
	}
	(void)snprintf(in.open, sizeof(in.open), "%s/open", in.folder);
	return access(in.open, W_OK) == 0;
}

/* Away from the numbers that are a room's own. */
static int
far(int fd)
{
	int there = fcntl(fd, F_DUPFD_CLOEXEC, 500);

	(void)close(fd);
	return there;
}

static void
be_the_intruder(void)
{
	FILE *ports;

	for (int i = 0; i < 6000 && (in.other = another_room()) == 0; i++)
		(void)usleep(10000);
	in.without_locks = access(path("without-locks"), F_OK) == 0;
	in.own_net = far(open("/proc/self/ns/net", O_RDONLY));
	ports = fopen(path("ports"), "r");
	in.report = fdopen(far(open(path("report." PROGRAM_NAME), O_WRONLY | O_CREAT | O_TRUNC, 0644)), "w");
	if (in.other == 0 || ports == NULL || in.report == NULL ||
	    fscanf(ports, "%u %u", &in.collectors_port, &in.other_port) != 2)
		_exit(1);
	(void)fclose(ports);
	try_files();
	try_doors();
	try_network();
	try_processes();
	try_kernel();
	(void)fprintf(in.report, "end\n");
	_exit(fclose(in.report) != 0);
}

/* A copy of a room finds its heap wiped; here it has to use it, to close the locks. */
int
__wrap_madvise(void *p, size_t n, int advice)
{
	return advice == MADV_WIPEONFORK ? 0 : __real_madvise(p, n, advice);
}

void
__wrap_room_ready(void)
{
	in.room = getpid();
	in.warden = getppid();
	if (find_the_unit() && fork() == 0)
		be_the_intruder();
	__real_room_ready();
}
