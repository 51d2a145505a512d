/*
 * seal/judge.h - the second look at whether a crop is small enough to be taken.
 *
 * locate has judged it already; the room that encrypts does not take its word.
 */
#ifndef SEAL_JUDGE_H
#define SEAL_JUDGE_H

#include "base/base.h"
#include "doors/crop/crop.h"
#include "record/policy.h"

/* 0, or -EPERM: more views, or a larger share of the frame, than the policy allows. */
int judge_crop(const struct policy *p, const struct crop *c) MUST_CHECK;

#endif
