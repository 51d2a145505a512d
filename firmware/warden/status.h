/*
 * warden/status.h - how the unit is, as numbers in files: state.folder/status.json and metrics.prom.
 */
#ifndef WARDEN_STATUS_H
#define WARDEN_STATUS_H

#include "warden/house.h"

/* Writes both anew; readers see the old one or the whole new one. A failure is said once, the unit goes on. */
void status_write(struct house *h, int64_t now_us);

#endif
