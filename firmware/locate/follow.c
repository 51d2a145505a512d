/*
 * Following plates. A track is predicted with constant speed and takes the plate
 * nearest to where it should be; it lives on unseen for the gap, so a plate that
 * is missed for some frames, or hidden for a moment, stays one vehicle.
 */
#include "locate/follow.h"

#include <string.h>

#include "base/wipe.h"
#include "locate/views.h"

enum {
	NEAR_TENTHS_NEW = 15,  /* of the plate's width: how far a track of unknown speed may have gone */
	NEAR_TENTHS = 7,       /* ... off its prediction, when its speed is known */
	NEAR_TENTHS_MOST = 20, /* ... and when it was not seen for the whole gap */
	SIZE_CHANGE_TENTHS = 18, /* larger over smaller width, from one sight to the next */
	SPOT_PART = 8,         /* a sign is found within this part of its width of where it was */
	GREW_PERCENT = 112,    /* over the passage, to say that it came nearer */
};

void
follow_init(struct follow *f, struct space pixels, const struct follow_rule *rule)
{
	CHECK(pixels.n >= FOLLOW_BYTES && rule->views >= 1 && rule->views <= CONFIG_LOCATE_VIEWS_MAX);
	memset(f, 0, sizeof(*f));
	f->rule = *rule;
	for (int t = 0; t < FOLLOW_TRACKS; t++)
		for (int v = 0; v < CONFIG_LOCATE_VIEWS_MAX; v++) {
			f->tracks[t].views[v].pixels = pixels.p;
			pixels.p += FOLLOW_VIEW_BYTES;
		}
}

static int64_t
distance(int64_t a, int64_t b)
{
	return a > b ? a - b : b - a;
}

/* Centres are doubled, so that they are whole. */
static int64_t
centre_x(const struct box *b)
{
	return 2 * (int64_t)b->x + b->w;
}

static int64_t
centre_y(const struct box *b)
{
	return 2 * (int64_t)b->y + b->h;
}

static void
clear_track(struct follow_track *track)
{
	for (int v = 0; v < CONFIG_LOCATE_VIEWS_MAX; v++)
		view_wipe(&track->views[v]);
	track->state = FOLLOW_FREE;
}

/* ---- places where something stands that never moves ---- */

static int
stood_still(const struct follow_track *track)
{
	return track->moved_px * 2 < track->first.w && track->last.w * 100 < (int64_t)track->first.w * GREW_PERCENT &&
	       track->first.w * 100 < (int64_t)track->last.w * GREW_PERCENT;
}

/* Narrow on purpose: the next vehicle may stop at the same line, but not on the same few pixels. */
static struct follow_spot *
spot_at(struct follow *f, const struct box *b, int64_t now_us)
{
	for (int i = 0; i < FOLLOW_SPOTS; i++) {
		struct follow_spot *spot = &f->spots[i];

		if (spot->box.w > 0 && now_us - spot->last_us <= FOLLOW_SPOT_US &&
		    distance(centre_x(&spot->box), centre_x(b)) * SPOT_PART < 2 * (int64_t)b->w &&
		    distance(centre_y(&spot->box), centre_y(b)) * SPOT_PART < 2 * (int64_t)b->w &&
		    distance(spot->box.w, b->w) * SPOT_PART < b->w)
			return spot;
	}
	return NULL;
}

static void
remember_spot(struct follow *f, const struct follow_track *track)
{
	struct follow_spot *spot = spot_at(f, &track->last, track->last_us);

	if (!spot) {
		spot = &f->spots[0];
		for (int i = 1; i < FOLLOW_SPOTS; i++)
			if (f->spots[i].last_us < spot->last_us)
				spot = &f->spots[i];
	}
	spot->box = track->last;
	spot->last_us = track->last_us;
}

/* ---- the end of a track ---- */

static int
has_view(const struct follow_track *track)
{
	return track->views[0].quality > 0;
}

/* Seen often enough, and well enough in all: a plate, and not something that looked like one for a moment. */
static int
is_sure(const struct follow *f, const struct follow_track *track)
{
	return track->frames_seen >= f->rule.confirm_frames && track->sure_permille >= f->rule.sure_permille;
}

static void
close_track(struct follow *f, struct follow_track *track)
{
	int still = stood_still(track);
	int sure = is_sure(f, track);
	int again = still && spot_at(f, &track->last, track->last_us) != NULL;

	if (sure && still)
		remember_spot(f, track);
	if (sure && !track->told && !has_view(track) && track->frames_refused > 0)
		f->refused++;
	if (sure && !track->told && !again && has_view(track))
		track->state = FOLLOW_CLOSED;
	else
		clear_track(track);
}

static void
close_all(struct follow *f)
{
	for (int t = 0; t < FOLLOW_TRACKS; t++)
		if (f->tracks[t].state == FOLLOW_OPEN)
			close_track(f, &f->tracks[t]);
}

static void
close_passed(struct follow *f, int64_t now_us)
{
	for (int t = 0; t < FOLLOW_TRACKS; t++)
		if (f->tracks[t].state == FOLLOW_OPEN && now_us - f->tracks[t].last_us > f->rule.gap_us)
			close_track(f, &f->tracks[t]);
}

/*
 * A vehicle that waits, or a sign. It is told now, since nothing may be kept in
 * memory for long; what is told is the same as if it had left.
 */
static void
tell_held(struct follow *f, int64_t now_us)
{
	for (int t = 0; t < FOLLOW_TRACKS; t++) {
		struct follow_track *track = &f->tracks[t];
		struct follow_spot *spot;

		if (track->state != FOLLOW_OPEN || track->told || now_us - track->first_us < FOLLOW_HELD_US)
			continue;
		spot = stood_still(track) ? spot_at(f, &track->last, now_us) : NULL;
		if (spot) {
			spot->last_us = now_us;
		} else if (is_sure(f, track) && has_view(track)) {
			track->held = 1;
			track->state = FOLLOW_CLOSED;
		}
	}
}

/* ---- which plate belongs to which track ---- */

static struct box
predict(const struct follow_track *track, int64_t now_us)
{
	struct box b = track->last;
	int64_t ms = (now_us - track->last_us) / 1000;

	if (track->has_speed) {
		b.x += (int32_t)(track->speed_x * ms / 1024);
		b.y += (int32_t)(track->speed_y * ms / 1024);
	}
	return b;
}

/* How far off, in thousandths of a plate width; -1 when it cannot be the same plate. */
static int64_t
misfit(const struct follow *f, const struct follow_track *track, const struct box *b, int64_t now_us)
{
	struct box at = predict(track, now_us);
	int64_t large = b->w > at.w ? b->w : at.w, small = b->w > at.w ? at.w : b->w;
	int64_t dx = distance(centre_x(&at), centre_x(b)), dy = distance(centre_y(&at), centre_y(b));
	int64_t off = (dx > dy ? dx + dy / 2 : dy + dx / 2) * 500 / large;
	int64_t reach = (track->has_speed ? NEAR_TENTHS : NEAR_TENTHS_NEW) * 100;

	reach += (NEAR_TENTHS_MOST * 100 - reach) * (now_us - track->last_us) / f->rule.gap_us;
	if (large * 10 > small * SIZE_CHANGE_TENTHS || off > reach)
		return -1;
	/* of two that fit, the one of the same size */
	return off + (large - small) * 500 / large;
}

static void
update(struct follow_track *track, const struct frame *frame, const struct box *b)
{
	int64_t ms = (frame->at_us - track->last_us) / 1000;
	int64_t dx = distance(centre_x(b), centre_x(&track->first)) / 2, dy = distance(centre_y(b), centre_y(&track->first)) / 2;

	if (ms > 0) {
		int64_t x = (centre_x(b) - centre_x(&track->last)) * 512 / ms, y = (centre_y(b) - centre_y(&track->last)) * 512 / ms;

		track->speed_x = track->has_speed ? (track->speed_x + x) / 2 : x;
		track->speed_y = track->has_speed ? (track->speed_y + y) / 2 : y;
		track->has_speed = 1;
	}
	track->moved_px = dx > track->moved_px ? dx : track->moved_px;
	track->moved_px = dy > track->moved_px ? dy : track->moved_px;
	track->last = *b;
	track->last_us = frame->at_us;
	/* the unit's clock may be set back while a vehicle passes */
	if (frame->utc_us > track->last_utc_us)
		track->last_utc_us = frame->utc_us;
	track->frames_seen++;
	track->matched = 1;
	/* a higher kind is trusted less */
	if (frame->source > track->source)
		track->source = frame->source;
}

static void
begin(struct follow_track *track, const struct frame *frame, const struct box *b)
{
	struct follow_view views[CONFIG_LOCATE_VIEWS_MAX];

	memcpy(views, track->views, sizeof(views));
	memset(track, 0, sizeof(*track));
	memcpy(track->views, views, sizeof(views));
	track->state = FOLLOW_OPEN;
	track->source = frame->source;
	track->first = track->last = *b;
	track->first_us = track->last_us = frame->at_us;
	track->first_utc_us = track->last_utc_us = frame->utc_us;
	track->frame_width_px = frame->width_px;
	track->frame_height_px = frame->height_px;
	track->frames_seen = 1;
	track->matched = 1;
}

/* Two plates are never in one place: of boxes that overlap in one frame, the second is the first seen askew. */
static int
doubled(const struct follow *f, const struct box *b)
{
	for (int t = 0; t < FOLLOW_TRACKS; t++) {
		const struct follow_track *track = &f->tracks[t];

		if (track->state == FOLLOW_OPEN && track->matched &&
		    distance(centre_x(&track->last), centre_x(b)) < (int64_t)track->last.w + b->w &&
		    distance(centre_y(&track->last), centre_y(b)) < (int64_t)track->last.h + b->h)
			return 1;
	}
	return 0;
}

/* A free place, or that of the least seen track which is not sure yet. NULL: all vehicles here are real. */
static struct follow_track *
place(struct follow *f)
{
	struct follow_track *least = NULL;

	for (int t = 0; t < FOLLOW_TRACKS; t++) {
		struct follow_track *track = &f->tracks[t];

		if (track->state == FOLLOW_FREE)
			return track;
		if (track->state == FOLLOW_OPEN && !track->matched && !is_sure(f, track) &&
		    (!least || track->frames_seen < least->frames_seen))
			least = track;
	}
	if (least)
		clear_track(least);
	return least;
}

static void
keep_view(struct follow *f, struct follow_track *track, const struct frame *frame, const struct luma *luma,
	  const struct plate *plate)
{
	if (plate->score_permille > FOLLOW_DOUBT_PERMILLE)
		track->sure_permille += plate->score_permille - FOLLOW_DOUBT_PERMILLE;
	if (track->told)
		return;
	if (view_keep(track->views, f->rule.views, &f->rule.cut, frame, luma, plate) < 0)
		track->frames_refused++;
}

/* The best fitting pair of all that are left, until none fits. */
static int
match_one(struct follow *f, const struct frame *frame, const struct luma *luma, const struct plate *plates, int n, uint32_t *taken)
{
	int64_t best = -1;
	int best_track = 0, best_plate = 0;

	for (int t = 0; t < FOLLOW_TRACKS; t++) {
		if (f->tracks[t].state != FOLLOW_OPEN || f->tracks[t].matched)
			continue;
		for (int p = 0; p < n; p++) {
			int64_t m = *taken >> p & 1 ? -1 : misfit(f, &f->tracks[t], &plates[p].box, frame->at_us);

			if (m >= 0 && (best < 0 || m < best)) {
				best = m;
				best_track = t;
				best_plate = p;
			}
		}
	}
	if (best < 0)
		return 0;
	*taken |= (uint32_t)1 << best_plate;
	update(&f->tracks[best_track], frame, &plates[best_plate].box);
	keep_view(f, &f->tracks[best_track], frame, luma, &plates[best_plate]);
	return 1;
}

void
follow_frame(struct follow *f, const struct frame *frame, const struct luma *luma, const struct plate *plates, int n)
{
	uint32_t taken = 0;
	int jumped = f->started && (frame->at_us < f->last_us || frame->at_us - f->last_us > f->rule.gap_us);

	CHECK(n >= 0 && n <= FIND_PLATES_MAX);
	if (jumped || luma->width_px != f->width_px || luma->height_px != f->height_px) {
		close_all(f);
		memset(f->spots, 0, sizeof(f->spots));
	}
	f->started = 1;
	f->width_px = luma->width_px;
	f->height_px = luma->height_px;
	f->last_us = frame->at_us;
	close_passed(f, frame->at_us);
	for (int t = 0; t < FOLLOW_TRACKS; t++)
		f->tracks[t].matched = 0;
	while (match_one(f, frame, luma, plates, n, &taken))
		;
	for (int p = 0; p < n; p++) {
		struct follow_track *track = taken >> p & 1 || doubled(f, &plates[p].box) ? NULL : place(f);

		if (!track)
			continue;
		begin(track, frame, &plates[p].box);
		keep_view(f, track, frame, luma, &plates[p]);
	}
	tell_held(f, frame->at_us);
}

void
follow_finish(struct follow *f)
{
	close_all(f);
}

static const struct follow_track *
oldest_closed(const struct follow *f)
{
	const struct follow_track *oldest = NULL;

	for (int t = 0; t < FOLLOW_TRACKS; t++)
		if (f->tracks[t].state == FOLLOW_CLOSED && (!oldest || f->tracks[t].last_us < oldest->last_us))
			oldest = &f->tracks[t];
	return oldest;
}

static uint8_t
direction(const struct follow_track *track)
{
	if ((int64_t)track->last.w * 100 >= (int64_t)track->first.w * GREW_PERCENT)
		return CROP_APPROACHING;
	if ((int64_t)track->first.w * 100 >= (int64_t)track->last.w * GREW_PERCENT)
		return CROP_RECEDING;
	return CROP_DIRECTION_UNKNOWN;
}

int
follow_peek(const struct follow *f, struct crop *passage)
{
	const struct follow_track *track = oldest_closed(f);

	if (!track)
		return 0;
	memset(passage, 0, sizeof(*passage));
	passage->source = track->source;
	passage->direction = direction(track);
	passage->frame_width_px = track->frame_width_px;
	passage->frame_height_px = track->frame_height_px;
	passage->frames_seen = track->frames_seen;
	passage->first_utc_us = track->first_utc_us;
	passage->last_utc_us = track->last_utc_us;
	for (uint32_t v = 0; v < f->rule.views && track->views[v].quality > 0; v++)
		passage->views[passage->n_views++] = track->views[v].view;
	return 1;
}

void
follow_release(struct follow *f)
{
	struct follow_track *track = NULL;
	const struct follow_track *oldest = oldest_closed(f);

	for (int t = 0; t < FOLLOW_TRACKS; t++)
		if (&f->tracks[t] == oldest)
			track = &f->tracks[t];
	CHECK(track != NULL);
	clear_track(track);
	if (track->held) {
		track->held = 0;
		track->told = 1;
		track->state = FOLLOW_OPEN;
	}
}
