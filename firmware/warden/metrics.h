/*
 * warden/metrics.h - the same numbers as status.json for whoever collects metrics: state.folder/metrics.prom,
 * OpenMetrics text 1.0 (https://openmetrics.io), as a textfile collector reads it. No network, no pictures, no plates.
 */
#ifndef WARDEN_METRICS_H
#define WARDEN_METRICS_H

#include <stdio.h>

#include "warden/house.h"

/* Writes the whole text. The caller looks at ferror(). */
void metrics_write(FILE *out, const struct house *h, int64_t now_us);

#endif
