/*
 * lanectl/show.h - sizes, disks and progress as people read them.
 */
#ifndef LANECTL_SHOW_H
#define LANECTL_SHOW_H

#include <jansson.h>

#include "device.h"
#include "judge.h"
#include "writer.h"

enum { SHOW_SIZE_BYTES = 24, SHOW_LINE_BYTES = 512 };

/* "15.9 GB": decimal, as is printed on media. */
const char *show_size(char into[SHOW_SIZE_BYTES], uint64_t bytes);

/* What a person types to confirm: the serial, else the model, else the path. */
const char *show_name(const struct device *d);

/* "SanDisk Ultra, 15.9 GB, serial 4C53..." */
void show_device(char into[SHOW_LINE_BYTES], const struct device *d);
/* "1 vfat BOOT (268.4 MB), 2 ext4 data (2.1 GB)"; "nothing that is known here" */
void show_contents(char into[SHOW_LINE_BYTES], const struct device *d);

/* A file's name, which may be any bytes, as JSON, which is UTF-8: a name that is not gets question marks. */
json_t *show_path_json(const char *path);
json_t *show_device_json(const struct device *d, enum verdict v, const char *why);

/* One line of progress: step, share, rate and time left. seconds: since the step began. */
void show_progress(char into[SHOW_LINE_BYTES], const char *path, enum writer_step step, uint64_t done,
		   uint64_t of, double seconds);

#endif
