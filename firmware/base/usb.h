/*
 * base/usb.h - what is plugged in and does nothing.
 */
#ifndef BASE_USB_H
#define BASE_USB_H

#include "base/base.h"

#define USB_DEVICES "/sys/bus/usb/devices"

/*
 * Functions of USB devices (interfaces, "1-2:1.0") that no driver has taken, in this folder of the kernel's: on an image those
 * of everything but hubs and cameras. 0 as well where there is no such folder.
 */
unsigned int usb_count_ignored(const char *devices) MUST_CHECK;

#endif
