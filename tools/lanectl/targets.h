/*
 * lanectl/targets.h - from the names on the command line to disks that were judged and confirmed.
 */
#ifndef LANECTL_TARGETS_H
#define LANECTL_TARGETS_H

#include "flash_args.h"
#include "judge.h"

/*
 * Finds each --to among the disks of this computer, judges it, and refuses one
 * that is named twice. All are looked at before it returns, so that a person hears
 * of every refusal at once. 0, or -EINVAL after it said why; -errno when disks
 * cannot be listed.
 */
int targets_find(struct device targets[TARGETS_MAX], const struct flash_wish *w,
		 uint64_t image_bytes) MUST_CHECK;

/*
 * Asks for each disk once, on the terminal, unless --yes names it. Only the disk's
 * serial, typed, is an answer. 0 or -ECANCELED, after it said why.
 */
int targets_confirm(const struct device *targets, const struct flash_wish *w) MUST_CHECK;

#endif
