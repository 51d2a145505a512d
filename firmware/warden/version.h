/*
 * warden/version.h - the version of the firmware, as people say it.
 */
#ifndef WARDEN_VERSION_H
#define WARDEN_VERSION_H

#define LANESEALD_VERSION "0.1"

#endif
