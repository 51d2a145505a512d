/*
 * What both lives of init need: partitions by name, mounts, programs that run to their end.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "base/log_text.h"

#include "init.h"
#include "slots.h"

enum { TRY_MS = 50, TEXT_BYTES = 4096 };

int
init_mount(const char *what, const char *at, const char *type, unsigned long flags, const char *options)
{
	int err = 0;

	(void)mkdir(at, 0755);
	if (mount(what, at, type, flags, options) < 0)
		err = -errno;
	if (err < 0)
		log_text(LOG_ERROR, "mount_failed at=%s type=%s err=%d", at, type, -err);
	return err;
}

int
init_run(const char *const argv[])
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		(void)execv(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	if (child < 0)
		return -errno;
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -EINTR;
}

/* 1 when the device's facts name this partition; sets its node. */
static int
is_part(char path[INIT_PATH_BYTES], const char *device, const char *name)
{
	static char text[TEXT_BYTES];
	char uevent[INIT_PATH_BYTES], wanted[INIT_PATH_BYTES];
	int64_t n;

	(void)snprintf(uevent, sizeof(uevent), "/sys/class/block/%.200s/uevent", device);
	n = io_load_at(AT_FDCWD, uevent, SPACE((uint8_t *)text, sizeof(text) - 1));
	if (n < 0)
		return 0;
	text[n] = 0;
	(void)snprintf(wanted, sizeof(wanted), "\nPARTNAME=%s\n", name);
	(void)snprintf(path, INIT_PATH_BYTES, "/dev/%.200s", device);
	return strstr(text, wanted) != NULL;
}

static int
look_for_part(char path[INIT_PATH_BYTES], const char *name)
{
	DIR *all = opendir("/sys/class/block");
	const struct dirent *d;
	int found = 0;

	while (all && !found && (d = readdir(all)))
		found = is_part(path, d->d_name, name);
	if (all)
		(void)closedir(all);
	return found;
}

int
init_find_part(char path[INIT_PATH_BYTES], const char *name, unsigned int limit_s)
{
	for (unsigned int ms = 0; ms <= limit_s * 1000; ms += TRY_MS) {
		if (look_for_part(path, name))
			return 0;
		(void)usleep(TRY_MS * 1000);
	}
	log_text(LOG_ERROR, "no_partition name=%s", name);
	return -ENODEV;
}

/* Started by RAUC it answers about the slots; as process 1 it is the unit's first program. */
int
main(int argc, char **argv)
{
	if (getpid() != 1)
		return slots_answer_rauc(argc, argv);
	if (access(INIT_VERITY, F_OK) == 0)
		init_make_root();
	else
		init_run_unit();
	return 1;
}
