/*
 * seal/recipients.h - who may open what is sealed here: the policy, and its keys made ready for use.
 *
 * init -> usable, seal ... -> fini. Works without a valid policy too: then nothing
 * is ever usable, and the room only counts.
 */
#ifndef SEAL_RECIPIENTS_H
#define SEAL_RECIPIENTS_H

#include "base/base.h"
#include "record/body.h"
#include "record/policy.h"
#include "seal/settings.h"

struct recipients {
	struct policy policy;
	struct body_sealer *sealer; /* NULL: there is no policy that could be used */
	struct space work;
	uint64_t newest;
	int trouble; /* 0, or why the policy cannot be used, as last logged */
};

/* Reads the policy from policy_fd. Whether it is good now, and if not why, is logged. */
void recipients_init(struct recipients *r, int policy_fd, const struct seal_settings *s, int64_t now_s);

/* 1 when the policy may be used at this time, 0 when vehicles are only counted. Logs each change. */
int recipients_usable(struct recipients *r, int64_t now_s) MUST_CHECK;

void recipients_fini(struct recipients *r);

#endif
