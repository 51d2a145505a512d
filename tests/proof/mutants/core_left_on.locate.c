/* wrap: setrlimit prctl madvise lock_close */
/* May leave a core file when it dies, and hides none of its memory from it. */
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "base/base.h"

int __wrap_setrlimit(int resource, const struct rlimit *limit);
int __real_prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d);
int __wrap_prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d);
int __wrap_madvise(void *p, size_t n, int advice);
void __wrap_lock_close(void);

int
__wrap_setrlimit(int resource, const struct rlimit *limit)
{
	(void)resource;
	(void)limit;
	return 0;
}

int
__wrap_prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)
{
	return option == PR_SET_DUMPABLE ? 0 : __real_prctl(option, a, b, c, d);
}

int
__wrap_madvise(void *p, size_t n, int advice)
{
	(void)p, (void)n, (void)advice;
	return 0;
}

void
__wrap_lock_close(void)
{
}
