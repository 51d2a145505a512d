/* wrap: init_look_at_usb */
/*
 * A first program that hangs once its watchdog is open, before the unit was found good: linked once more for the test of faults in a
 * virtual machine. In the memory disk it works.
 */
#include <unistd.h>

void __wrap_init_look_at_usb(void);

void
__wrap_init_look_at_usb(void)
{
	for (;;)
		(void)pause();
}
