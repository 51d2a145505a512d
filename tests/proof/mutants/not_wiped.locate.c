/* wrap: wipe */
/* Forgets to wipe. */
#include "base/wipe.h"

void __wrap_wipe(void *p, size_t n);

void
__wrap_wipe(void *p, size_t n)
{
	(void)p;
	(void)n;
}
