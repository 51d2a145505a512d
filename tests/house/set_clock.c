/* wrap: clock_gettime time adjtimex close_range */
/*
 * A clock that a test can set, put in front of the real one by the linker, in programs that are
 * linked once more for it: the product's own objects are used as they are, and the product's programs have none of this.
 *
 * The file that LANESEAL_TEST_CLOCK names holds a struct told. The warden opens it and keeps the descriptor over
 * the closing of all others, so that each room finds it at its start, maps it and closes it.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

enum { KEPT_FD = 900 };

struct told {
	int64_t ahead_s;      /* of the real clock */
	int64_t synchronised; /* 1: as if a time daemon vouched for it; 0: nobody does */
};

static const struct told *told;

int __real_clock_gettime(clockid_t clock, struct timespec *t);
int __wrap_clock_gettime(clockid_t clock, struct timespec *t);
time_t __wrap_time(time_t *t);
int __wrap_adjtimex(struct timex *t);
int __real_close_range(unsigned int from, unsigned int to, int flags);
int __wrap_close_range(unsigned int from, unsigned int to, int flags);

__attribute__((constructor)) static void
begin(void)
{
	const char *path = getenv("LANESEAL_TEST_CLOCK");
	int fd = path ? open(path, O_RDONLY) : KEPT_FD;

	if (path && (dup2(fd, KEPT_FD) < 0 || close(fd) < 0))
		abort();
	told = mmap(NULL, sizeof(*told), PROT_READ, MAP_SHARED, KEPT_FD, 0);
	if (told == MAP_FAILED || (!path && close(KEPT_FD) < 0))
		abort();
}

int
__wrap_clock_gettime(clockid_t clock, struct timespec *t)
{
	int err = __real_clock_gettime(clock, t);

	if (err == 0 && clock == CLOCK_REALTIME)
		t->tv_sec += *(volatile const int64_t *)&told->ahead_s;
	return err;
}

time_t
__wrap_time(time_t *t)
{
	struct timespec now;

	if (__wrap_clock_gettime(CLOCK_REALTIME, &now) < 0)
		abort();
	if (t)
		*t = now.tv_sec;
	return now.tv_sec;
}

int
__wrap_adjtimex(struct timex *t)
{
	int synchronised = *(volatile const int64_t *)&told->synchronised != 0;

	t->status = synchronised ? STA_PLL : STA_UNSYNC;
	t->maxerror = synchronised ? 1000 : 16000000;
	return synchronised ? TIME_OK : TIME_ERROR;
}

/* Spares what the rooms are to find. Those beside it are closed as asked. */
int
__wrap_close_range(unsigned int from, unsigned int to, int flags)
{
	if (from > KEPT_FD || to < KEPT_FD)
		return __real_close_range(from, to, flags);
	if (from < KEPT_FD && __real_close_range(from, KEPT_FD - 1, flags) < 0)
		return -1;
	return to > KEPT_FD ? __real_close_range(KEPT_FD + 1, to, flags) : 0;
}
