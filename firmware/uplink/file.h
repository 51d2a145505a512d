/*
 * uplink/file.h - "file:": delivers into the folder behind ROOM_FD_FOLDER.
 *
 * A record becomes BOOT-SEQUENCE.lsr, whole or absent. A file that is there
 * already is never overwritten. One folder a unit, and no other writer.
 */
#ifndef UPLINK_FILE_H
#define UPLINK_FILE_H

#include "uplink/destination.h"

extern const struct destination file_destination;

#endif
