/*
 * warden/rules.h - the agency's policy as the warden sees it: valid or not, how new, and its rules for crops.
 *
 * rules_open -> rules_watch each second. Without a valid policy the unit runs and
 * only counts vehicles; that is said at start, when it changes, and each hour.
 */
#ifndef WARDEN_RULES_H
#define WARDEN_RULES_H

#include "base/base.h"
#include "record/policy.h"
#include "warden/settings.h"

struct rules {
	uint8_t keys[2][CRYPTO_POINT_BYTES]; /* current, next */
	size_t n_keys;          /* 1 when there is no next */
	struct policy policy;   /* good when read is 0 */
	int read;               /* what reading it came to: 0 or -errno */
	int trouble;            /* 0: in force; else why nothing is stored */
	uint64_t newest;        /* newest version this unit has had in force */
	int state_folder;       /* where that is remembered */
	int64_t said_us;        /* when the loud line was last said */
	uint8_t bytes[POLICY_BYTES_MAX];
	size_t n_bytes;         /* the policy file, for seal */
};

/*
 * Reads policy.key, policy.key_next, policy.file and the newest version seen.
 * Mistakes in the keys are complained about (settings); a bad policy is not a
 * mistake of settings, it is loud. Returns 0 or -errno for a fault of the unit.
 */
int rules_open(struct rules *r, struct settings *s, int state_folder) MUST_CHECK;

/* Looks at the clock again. */
void rules_watch(struct rules *r, const struct settings *s, int64_t now_us);

#endif
