/* wrap: wipe */
/* Forgets to wipe what is as large as a picture. libjpeg does not start where small pieces come back as they were. */
#include "base/wipe.h"

enum { PICTURE_BYTES = 16384 };

void __real_wipe(void *p, size_t n);
void __wrap_wipe(void *p, size_t n);

void
__wrap_wipe(void *p, size_t n)
{
	if (n < PICTURE_BYTES)
		__real_wipe(p, n);
}
