/* wrap: usb_count_ignored */
/*
 * One more USB function without a driver each time the warden asks, in a laneseald that is linked once more for it.
 */
#include "base/usb.h"

unsigned int __wrap_usb_count_ignored(const char *devices);

unsigned int
__wrap_usb_count_ignored(const char *devices)
{
	static unsigned int n;

	(void)devices;
	return ++n;
}
