/*
 * warden/status.h - how the unit is, as numbers in a file: state.folder/status.json.
 */
#ifndef WARDEN_STATUS_H
#define WARDEN_STATUS_H

#include "warden/house.h"

/* Writes the file anew; readers see the old one or the whole new one. A failure is said once, the unit goes on. */
void status_write(struct house *h, int64_t now_us);

#endif
