/*
 * doors/vitals/vitals.h - numbers a room may tell the warden: a closed list.
 *
 * Numbers only. No text, no bytes of an image, no position finer than a
 * sixteenth of the frame. docs/DOORS.md, "vitals".
 */
#ifndef DOORS_VITALS_H
#define DOORS_VITALS_H

#include "base/base.h"

/* X(name, meaning). Add at the end only: the number is on the wire. A running total unless it says "now". */
#define VITALS(X)                                                                                            \
	X(ready, "1 when the room has closed its sandbox")                                                   \
	X(frames, "capture: frames handed to locate")                                                        \
	X(frames_dropped, "capture: frames dropped, no slot was free")                                       \
	X(frames_bad, "capture: frames the camera marked or sent broken")                                    \
	X(pictures_skipped, "capture: replayed files that could not be used")                                \
	X(frames_seen, "locate: frames looked at")                                                           \
	X(frames_with_plate, "locate: frames with at least one plate")                                       \
	X(plates, "locate: plate boxes found")                                                               \
	X(passages, "locate: vehicles that passed and were sent on")                                         \
	X(passages_refused, "locate, seal: crop over the policy's limits")                                   \
	X(passages_stored, "locate: passages that spool has on disk")                                        \
	X(find_us, "locate: microseconds of the last frame, now")                                            \
	X(sealed, "seal: passages encrypted")                                                                \
	X(counted_only, "seal: passages dropped because no policy is valid")                                 \
	X(stored, "spool: records on disk")                                                                  \
	X(repeated, "spool: passages offered again and already on disk")                                     \
	X(spool_records, "spool: records held, now")                                                         \
	X(spool_bytes, "spool: bytes held, now")                                                             \
	X(spool_full, "spool: times there was no room")                                                      \
	X(delivered, "uplink: records with a receipt")                                                       \
	X(delivery_failed, "uplink: tries that failed")                                                      \
	X(doors_resynced, "any: packets passed over after a restart")                                        \
	X(arena_peak, "any: most bytes of library memory in use, now")                                       \
	X(uplink_trouble, "uplink: 0 delivering; else why not, docs/UPLINK.md, now")                         \
	X(heartbeats, "spool: signs of life in the chain")                                                   \
	X(gaps, "spool: statements in the chain of what is not there")                                       \
	X(records_lost, "spool: records that the disk did not give back")                                    \
	X(records_dropped, "spool: undelivered records that were dropped, as the policy says")                  \
	X(locks, "any: locks that hold, as bits of base/lock.h, now")                                        \
	X(landlock_abi, "any: Landlock ABI whose rules hold, now")                                           \
	X(memory_refused, "any: times the kernel refused to lock memory")                                    \
	X(clock, "spool: 1 free, 2 synchronised, 3 holdover; docs/RECORD.md, now")                           \
	X(clock_source, "spool: 0 none known, 1 battery-backed clock, 2 time daemon, 3 pulse, now")          \
	X(clock_error_ms, "spool: how wrong the clock may be, in ms, as the kernel has it, now")             \
	X(clock_holdover_s, "spool: seconds since the clock was synchronised, when it holds over, now")      \
	X(clock_sets, "spool: times somebody set the clock, as the chain says")                              \
	X(triggers, "capture: vehicles that the trigger told of")                                            \
	X(triggers_lost, "capture: vehicles that the trigger had forgotten before they were asked for")      \
	X(frames_passed_over, "capture: frames outside every vehicle's window")                              \
	X(strobes, "capture: exposures that were lit")                                                       \
	X(strobes_missed, "capture: exposures that it was too late to light")                                \
	X(passages_unread, "locate: vehicles that the trigger told of, without a readable plate: only a count") \
	X(plates_left_out, "locate: further plates in view while one vehicle passed the trigger")            \
	X(exposure_us, "capture: shutter time it chose for plates, now")                                     \
	X(gain_milli, "capture: gain it chose for plates, now")                                              \
	X(self_tests, "locate: records of a plate it drew itself that spool has on disk")

enum vital {
#define X(name, meaning) VITAL_##name,
	VITALS(X)
#undef X
	    VITAL_COUNT
};

enum { VITALS_MESSAGE_BYTES = 10, VITALS_TYPE = 1 };

struct vital_message {
	uint16_t vital; /* enum vital */
	int64_t value;
};

int vitals_encode(const struct vital_message *m, struct space into) MUST_CHECK;
int vitals_decode(struct vital_message *m, struct span bytes) MUST_CHECK;

/* For rooms: sends one number on ROOM_FD_VITALS. A warden that is gone is not an error here. */
void vitals_tell(enum vital vital, int64_t value);

/* For the warden and for tools: the name of a vital. */
const char *vitals_name(unsigned int vital);

#endif
