/*
 * lanectl/writer.h - writes a checked image to one disk so that it boots whole or not at all.
 *
 * In this order, each step synced before the next:
 *   1  compare: what an interrupted run left there is kept, up to the first difference
 *   2  clear both ends of the disk: from here until 7 nothing on it boots
 *   3  probe: does it keep what is written at its far places (fake capacity)?
 *   4  write the body      5  read the body back, past all caches, and compare
 *   6  write the ends, read back       7  write the first block, read back
 *
 * There is no journal: the disk itself says how far an earlier run came, so a run
 * can be continued at another desk, and a stale note cannot lie.
 */
#ifndef LANECTL_WRITER_H
#define LANECTL_WRITER_H

#include <stdatomic.h>

#include "device.h"
#include "source.h"

enum writer_step { STEP_WAIT, STEP_COMPARE, STEP_PROBE, STEP_WRITE, STEP_VERIFY, STEP_FINISH, STEP_OVER };

enum writer_result {
	RESULT_NONE, /* not run yet */
	RESULT_VERIFIED,
	RESULT_STOPPED, /* the person did */
	RESULT_CHANGED, /* another disk than the one asked about */
	RESULT_BUSY,
	RESULT_DENIED,
	RESULT_READ_ONLY,
	RESULT_GONE, /* pulled out */
	RESULT_WRITE_ERROR,
	RESULT_READ_ERROR,
	RESULT_DIFFERENT,     /* read back other than written */
	RESULT_FAKE,          /* does not hold what it says it holds */
	RESULT_IMAGE_CHANGED, /* the image file did, after it was checked */
	RESULTS
};

struct writer {
	const struct source *source;
	const struct device *device;
	const atomic_int *stop; /* nonzero: finish the piece in hand and leave */

	/* For others to look at while it runs. */
	_Atomic int step;
	_Atomic uint64_t done_bytes, of_bytes; /* of this step */

	enum writer_result result;
	uint64_t at;            /* where it failed, in bytes */
	uint64_t kept_bytes;    /* found there from an earlier run */
	uint64_t written_bytes; /* by this run */
	int untouched;          /* nothing was written: what was on the disk still is */
};

/* Runs to its end, on any thread; the result is in w->result. */
void writer_run(struct writer *w);

const char *writer_result_word(enum writer_result r); /* "write-error", for scripts */
const char *writer_result_text(enum writer_result r); /* what happened and what to do */
const char *writer_step_text(enum writer_step s);

#endif
