/*
 * lesser_kernel LACK... -- COMMAND: runs a command, and all it starts, as on a kernel that lacks something.
 *
 *     landlock=none   built without it            landlock=off   switched off at boot
 *     landlock=N      its ABI is N                seccomp=none   built without it
 *     spaces=none     makes no namespaces         memory=none    locks no memory
 *
 * A seccomp filter answers in the kernel's place with what such a kernel answers. An ABI is not an error, so a helper
 * process answers that one question (seccomp_unotify(2)); rules of that ABI then hold as they do there.
 */
#include <errno.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { ASK_VERSION = 1 };

static int abi; /* 0: the kernel answers itself */

static int
refuse(scmp_filter_ctx filter, int call, int error)
{
	return seccomp_rule_add(filter, SCMP_ACT_ERRNO((uint16_t)error), call, 0);
}

static int
lack(scmp_filter_ctx filter, const char *what)
{
	if (strcmp(what, "landlock=none") == 0)
		return refuse(filter, SCMP_SYS(landlock_create_ruleset), ENOSYS);
	if (strcmp(what, "landlock=off") == 0)
		return refuse(filter, SCMP_SYS(landlock_create_ruleset), EOPNOTSUPP);
	if (sscanf(what, "landlock=%d", &abi) == 1)
		return seccomp_rule_add(filter, SCMP_ACT_NOTIFY, SCMP_SYS(landlock_create_ruleset), 1,
					SCMP_A2(SCMP_CMP_EQ, ASK_VERSION, 0));
	if (strcmp(what, "seccomp=none") == 0)
		return refuse(filter, SCMP_SYS(seccomp), ENOSYS) < 0
			   ? -1
			   : seccomp_rule_add(filter, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(prctl), 1,
					      SCMP_A0(SCMP_CMP_EQ, PR_SET_SECCOMP, 0));
	if (strcmp(what, "spaces=none") == 0)
		return refuse(filter, SCMP_SYS(unshare), EPERM);
	if (strcmp(what, "memory=none") == 0)
		return refuse(filter, SCMP_SYS(mlockall), EPERM) < 0
			   ? -1
			   : refuse(filter, SCMP_SYS(mlock2), EPERM);
	return -EINVAL;
}

/* Until the command ends, whose death ends this one too. */
_Noreturn static void
answer(int fd)
{
	struct seccomp_notif *asked;
	struct seccomp_notif_resp *answer;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || seccomp_notify_alloc(&asked, &answer) < 0)
		_exit(1);
	for (;;) {
		memset(asked, 0, sizeof(*asked));
		if (seccomp_notify_receive(fd, asked) < 0)
			continue;
		*answer = (struct seccomp_notif_resp){.id = asked->id, .val = abi};
		(void)seccomp_notify_respond(fd, answer); /* who asked may be gone */
	}
}

int
main(int argc, char **argv)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int i = 1;

	for (; filter && i < argc && strcmp(argv[i], "--") != 0; i++)
		if (lack(filter, argv[i]) < 0)
			break;
	if (filter == NULL || i + 1 >= argc || strcmp(argv[i], "--") != 0 || seccomp_load(filter) < 0) {
		(void)fprintf(stderr, "lesser_kernel: not made at %s\n", i < argc ? argv[i] : "the end");
		return 125;
	}
	if (abi) {
		int fd = seccomp_notify_fd(filter);
		pid_t pid = fork();

		if (pid == 0)
			answer(fd);
		if (pid < 0 || fd < 0 || close(fd) < 0)
			return 125;
	}
	(void)execvp(argv[i + 1], argv + i + 1);
	perror(argv[i + 1]);
	return 127;
}
