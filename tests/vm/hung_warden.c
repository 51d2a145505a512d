/* wrap: status_write */
/*
 * A warden that hangs in its twentieth second, without ending: linked once more for the test of faults in a virtual machine.
 */
#include <unistd.h>

#include "warden/status.h"

enum { SECONDS = 20 };

void __real_status_write(struct house *h, int64_t now_us);
void __wrap_status_write(struct house *h, int64_t now_us);

void
__wrap_status_write(struct house *h, int64_t now_us)
{
	static int n;

	__real_status_write(h, now_us);
	while (++n > SECONDS)
		(void)pause();
}
