/*
 * record/health.h - how a unit is, in numbers: what the warden counts, spool signs and laneopen shows.
 *
 * A closed list of unsigned numbers. No text, no place, nothing of a picture. docs/RECORD.md, "Health".
 */
#ifndef RECORD_HEALTH_H
#define RECORD_HEALTH_H

#include <stdint.h>

/*
 * X(name, meaning). Add at the end only: the place in the list is what is signed. Totals count since laneseald
 * started, over all restarts of rooms; "now" is a state.
 */
#define HEALTH(X)                                                                                            \
	X(uptime_s, "seconds since laneseald started")                                                       \
	X(policy_in_force, "1: the policy is good; 0: vehicles are only counted, now")                       \
	X(frames, "frames taken")                                                                            \
	X(frames_dropped, "frames dropped: no slot was free")                                                \
	X(frames_bad, "frames dropped: the camera sent them broken")                                         \
	X(passages, "vehicles that passed and were sent on")                                                 \
	X(passages_refused, "passages dropped: a crop over the policy's limits")                             \
	X(counted_only, "passages dropped: no valid policy")                                                 \
	X(sealed, "passages encrypted")                                                                      \
	X(stored, "passages on disk")                                                                        \
	X(spool_full, "times there was no room for a passage, which then waited")                            \
	X(records_lost, "records that the disk did not give back")                                           \
	X(records_dropped, "records dropped undelivered, as the policy allows")                              \
	X(spool_records, "records held, now")                                                                \
	X(spool_bytes, "bytes held, now")                                                                    \
	X(delivered, "records with a receipt")                                                               \
	X(delivery_failed, "tries to deliver that failed")                                                   \
	X(uplink_trouble, "0: delivering; else why not, docs/UPLINK.md, now")                                \
	X(capture_restarts, "times capture was started again")                                               \
	X(locate_restarts, "times locate was started again")                                                 \
	X(seal_restarts, "times seal was started again")                                                     \
	X(spool_restarts, "times spool was started again")                                                   \
	X(uplink_restarts, "times uplink was started again")                                                 \
	X(capture_locks, "locks that hold around capture, as bits of base/lock.h, now")                      \
	X(locate_locks, "the same of locate")                                                                \
	X(seal_locks, "the same of seal")                                                                    \
	X(spool_locks, "the same of spool")                                                                  \
	X(uplink_locks, "the same of uplink")                                                                \
	X(triggers, "vehicles that the trigger told of, those included that it could tell only the number of") \
	X(passages_unread, "of these, without a readable plate: only a count")                                \
	X(usb_ignored, "functions of USB devices that no driver here takes, now")

enum health {
#define X(name, meaning) HEALTH_##name,
	HEALTH(X)
#undef X
	    HEALTH_COUNT
};

enum { HEALTH_MAX = 64 /* numbers that a later unit may have; a reader shows those it has no name for by place */ };

struct record_health {
	uint8_t n; /* 1 .. HEALTH_MAX */
	uint64_t of[HEALTH_MAX];
};

#endif
