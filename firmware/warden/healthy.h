/*
 * warden/healthy.h - whether the unit that runs with these settings does its work: for who must decide about a new firmware.
 */
#ifndef WARDEN_HEALTHY_H
#define WARDEN_HEALTHY_H

#include "base/base.h"

enum { HEALTHY_EXIT_NOT = 3 };

/*
 * Reads what the running laneseald tells (status.json), starts and changes nothing, and says in a line what is wanting.
 * Healthy is: it runs and told so within the last seconds, every room is ready, frames come, the policy is in force and
 * something was signed and stored since the start. Returns an exit status: 0, HEALTHY_EXIT_NOT, or of mistakes in the settings.
 */
int healthy_tell(const char *settings_file) MUST_CHECK;

#endif
