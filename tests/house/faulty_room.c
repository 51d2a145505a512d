/* wrap: room_ready room_wait room_finishing */
/*
 * A room that is ill, in programs that are linked once more for it. UNIT/illness, beside the warden's settings, holds
 * the name of the room and of the illness; the room that falls ill removes it, so that the next instance is well.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/room.h"

static const char *ill; /* NULL: it is well */
static int deaf;

void __real_room_ready(void);
void __wrap_room_ready(void);
int __real_room_wait(struct pollfd *fds, size_t n, int limit_ms);
int __wrap_room_wait(struct pollfd *fds, size_t n, int limit_ms);
int __real_room_finishing(void);
int __wrap_room_finishing(void);

/* "bomb" and so on, or NULL: this room is well. */
static const char *
illness(void)
{
	static char text[64];
	char file[80], words[512] = "", *name = words + sizeof("laneseald --settings");
	ssize_t n;
	FILE *f;

	(void)snprintf(file, sizeof(file), "/proc/%ld/cmdline", (long)getppid());
	f = fopen(file, "r");
	n = f ? (ssize_t)fread(words, 1, sizeof(words) - 16, f) : 0;
	if (f)
		(void)fclose(f);
	for (ssize_t i = 0; i < n; i++)
		if (words[i] == '\0' && words[i + 1] == '/')
			name = &words[i + 1];
	if (strrchr(name, '/') == NULL)
		return NULL;
	memcpy(strrchr(name, '/'), "/illness", sizeof("/illness"));
	f = fopen(name, "r");
	n = f ? (ssize_t)fread(text, 1, sizeof(text) - 1, f) : 0;
	if (f)
		(void)fclose(f);
	text[n > 0 ? n : 0] = '\0';
	if (strncmp(text, PROGRAM_NAME " ", sizeof(PROGRAM_NAME)) != 0 || unlink(name) < 0)
		return NULL;
	return text + sizeof(PROGRAM_NAME);
}

/* Each copy makes copies. The first one dies when there is no room for more, and a while to be counted in. */
static void
explode(void)
{
	const pid_t first = getpid();
	struct rlimit most;

	/* Where nothing would end it, it does not begin. */
	if (getrlimit(RLIMIT_NPROC, &most) < 0 || most.rlim_cur > 8)
		abort();
	for (;;) {
		if (fork() >= 0)
			continue;
		(void)sleep(1);
		if (getpid() == first)
			abort();
	}
}

static int
has(const char *what)
{
	return ill && strcmp(ill, what) == 0;
}

/* Before main(). */
__attribute__((constructor)) static void
fall_ill(void)
{
	ill = illness();
	if (has("slow"))
		(void)usleep(500000);
}

void
__wrap_room_ready(void)
{
	if (has("bomb"))
		explode();
	deaf = has("deaf");
	__real_room_ready();
	if (has("late bomb"))
		explode();
}

int
__wrap_room_wait(struct pollfd *fds, size_t n, int limit_ms)
{
	int go_on = __real_room_wait(fds, n, limit_ms);

	return deaf ? 1 : go_on;
}

int
__wrap_room_finishing(void)
{
	return deaf ? 0 : __real_room_finishing();
}
