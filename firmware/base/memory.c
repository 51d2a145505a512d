/*
 * base/memory.c - memory that holds pixels or keys: never in swap, in a core file or in another process.
 */
#include <errno.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/memory.h"

static int all_locked, all_error;
static int64_t refused;

static int
has_limit(void)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_MEMLOCK, &limit) < 0 || limit.rlim_cur != RLIM_INFINITY;
}

void
memory_lock_all(void)
{
	/* Under a limit what is mapped later would be refused, not just left unlocked: memory_settle() sees to it. */
	int later = has_limit() ? 0 : MCL_FUTURE;

	/* On fault: frames and work memory are set aside in full size, and only used pages count. */
	all_locked = mlockall(MCL_CURRENT | later | MCL_ONFAULT) == 0;
	all_error = all_locked ? 0 : -errno;
	refused += !all_locked;
}

/* Whole pages around it: what lies beside it is hidden too, which does no harm. */
static struct space
pages_of(void *p, size_t n)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), first = (uintptr_t)p / page * page;
	uintptr_t after = ((uintptr_t)p + n + page - 1) / page * page;

	return SPACE((uint8_t *)p - ((uintptr_t)p - first), after - first);
}

static void
hide(struct space pages)
{
	(void)madvise(pages.p, pages.n, MADV_DONTDUMP); /* the core limit is 0 as well */
	if (!all_locked && mlock2(pages.p, pages.n, MLOCK_ONFAULT) < 0)
		refused++;
}

void
memory_hide(void *p, size_t n)
{
	struct space pages = pages_of(p, n);

	(void)madvise(pages.p, pages.n, MADV_WIPEONFORK); /* for memory of a file, like .data, there is no such thing */
	hide(pages);
}

void
memory_hide_shared(void *p, size_t n)
{
	struct space pages = pages_of(p, n);

	(void)madvise(pages.p, pages.n, MADV_DONTFORK);
	hide(pages);
}

void
memory_settle(void)
{
	if (!all_locked || !has_limit())
		return;
	all_locked = mlockall(MCL_CURRENT | MCL_ONFAULT) == 0;
	refused += !all_locked;
}

int
memory_is_locked(void)
{
	return all_locked;
}

int64_t
memory_refused(void)
{
	return refused;
}

int
memory_demand(void)
{
	return all_locked || has_limit() ? 0 : all_error;
}
