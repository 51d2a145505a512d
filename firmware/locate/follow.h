/*
 * locate/follow.h - follows plates from frame to frame and tells when a vehicle has passed.
 *
 *     follow_init -> { follow_frame; while (follow_peek(...)) follow_release(...); } ... follow_finish -> peek ...
 *
 * Each plate in view is a track. A track keeps the pixels of its best views in
 * memory lent at init, and becomes a passage when it has not been seen for the gap
 * (twenty gaps, while it should still be in the picture), when time jumps, or when the
 * picture changes its size. No heap, one thread.
 */
#ifndef LOCATE_FOLLOW_H
#define LOCATE_FOLLOW_H

#include "doors/crop/crop.h"
#include "doors/frame/frame.h"
#include "locate/cut.h"
#include "locate/find.h"

enum {
	FOLLOW_TRACKS = 8,
	FOLLOW_SPOTS = 8,
	FOLLOW_VIEW_BYTES = 1 << 20, /* pixels of one view; a larger crop is refused like one over the policy's limits */
	FOLLOW_BYTES = FOLLOW_TRACKS * CONFIG_LOCATE_VIEWS_MAX * FOLLOW_VIEW_BYTES,
	FOLLOW_HELD_US = 60000000,   /* a plate in view longer than this is told once, without waiting for its leaving */
	FOLLOW_DOUBT_PERMILLE = 680, /* a score that says plate and no plate alike; the finder reports none under it */
	FOLLOW_SPOT_US = 60000000,   /* how long a place is remembered where something stood that never moved */
};

struct follow_rule {
	struct cut_rule cut;
	uint32_t confirm_frames; /* a plate seen in fewer frames was none */
	uint32_t sure_permille;  /* nor one whose sureness stays under this: 0 for a doubtful frame, 1000 for one without doubt, summed */
	int64_t gap_us;          /* not seen for this long: it has passed */
	uint32_t views;          /* best views kept: 1..LOCATE_VIEWS_MAX */
};

struct follow_view {
	struct crop_view view;   /* its bytes: raw grey pixels, crop.w x crop.h */
	uint64_t quality;        /* 0: place is free */
	uint8_t *pixels;
};

enum follow_state { FOLLOW_FREE, FOLLOW_OPEN, FOLLOW_CLOSED };

struct follow_track {
	enum follow_state state;
	int held;                /* closed while still in view: followed on once it is told */
	int told;                /* its passage has been taken; it is only followed now */
	uint8_t source;
	uint32_t frames_seen, frames_refused;
	uint32_t frames_open, frames_unseen; /* from its first to its last sight; since then */
	uint32_t sure_permille;  /* FOLLOW_DOUBT_PERMILLE counts 0, a score of 1000 counts 1000; summed */
	int64_t first_us, last_us, first_utc_us, last_utc_us;
	uint16_t frame_width_px, frame_height_px;
	struct box first, last;
	int64_t speed_x, speed_y; /* 1/1024 pixels a millisecond, of the box's centre */
	int64_t moved_px;        /* farthest that the centre was from where it began */
	int has_speed;
	int matched;             /* in this frame */
	struct follow_view views[CONFIG_LOCATE_VIEWS_MAX];
};

/* Where something stood that never moved: a sign. It is told once, not again and again. */
struct follow_spot {
	struct box box;
	int64_t last_us;
};

struct follow {
	struct follow_rule rule;
	struct follow_track tracks[FOLLOW_TRACKS];
	struct follow_spot spots[FOLLOW_SPOTS];
	uint32_t width_px, height_px;
	int64_t last_us;
	int started;
	uint64_t refused; /* plates that were followed but whose every view was over a limit */
};

void follow_init(struct follow *f, struct space pixels, const struct follow_rule *rule);

/* Takes the plates found in a frame. Copies what it keeps; the frame is not needed afterwards. */
void follow_frame(struct follow *f, const struct frame *frame, const struct luma *luma, const struct plate *plates, int n);

/* No more frames come: everything in view has passed. */
void follow_finish(struct follow *f);

/*
 * A vehicle that a trigger told of has passed: all in view is over, and the nearest plate, the widest, is its own.
 * Returns how many others were sure as well, and are given up; follow_peek() then finds one passage, or none.
 */
int follow_finish_one(struct follow *f) MUST_CHECK;

/*
 * The oldest passage that is over. Fills *passage but for number and lane; a view's
 * bytes are raw pixels, lent until follow_release(), which wipes them.
 * Returns 0 when there is none.
 */
int follow_peek(const struct follow *f, struct crop *passage) MUST_CHECK;
void follow_release(struct follow *f);

#endif
