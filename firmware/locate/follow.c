/*
 * Following plates. A track is predicted with constant speed and takes the plate
 * nearest to where it should be; it lives on unseen for the gap, so a plate that
 * is missed for some frames, or hidden for a moment, stays one vehicle. One that
 * should still be in the picture is waited for longer: it stands behind something.
 */
#include "locate/follow.h"

#include <string.h>

#include "base/wipe.h"
#include "locate/views.h"

enum {
	NEAR_TENTHS_NEW = 15,  /* of the plate's width: how far a track of unknown speed may have gone */
	NEAR_TENTHS = 7,       /* ... off its prediction, when its speed is known */
	NEAR_TENTHS_MOST = 20, /* ... and when it was not seen for the whole gap */
	TRAVEL_TENTHS = 5,     /* of the way it was to go: it may have braked, and what comes nearer gets faster */
	SIZE_CHANGE_TENTHS = 25, /* larger over smaller width, from one sight to the next: widths are what the finder errs in most */
	SPEED_MS = 80,         /* over which speed is smoothed */
	SAME_SIZE_TENTHS = 15, /* ... that give a view of it */
	WAIT_GAPS = 20,        /* how long one is waited for that should still be in the picture */
	NEAR_TENTHS_WAITED = 10, /* ... and how far off it may come back */
	THIN = 6,              /* a plate is seen in one of so many frames, from its first to its last */
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

static int64_t
larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t
smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
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

static int64_t
within(int64_t v, int64_t most)
{
	return v < -most ? -most : v > most ? most : v;
}

/* Where it should be by now. Of one that is not seen for the gap, only that it did not go far. */
static struct box
predict(const struct follow *f, const struct follow_track *track, int64_t now_us)
{
	int64_t unseen_us = now_us - track->last_us, ms = smaller(unseen_us, f->rule.gap_us) / 1000;
	int64_t most = unseen_us > f->rule.gap_us ? track->last.w : INT32_MAX / 2;
	struct box b = track->last;

	b.x += (int32_t)within(track->speed_x * ms / 1024, most);
	b.y += (int32_t)within(track->speed_y * ms / 1024, most);
	return b;
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
	return track->frames_seen >= f->rule.confirm_frames && track->frames_seen * THIN >= track->frames_open &&
	       track->sure_permille >= f->rule.sure_permille;
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

/* Not seen for the gap, and either gone from the picture or not seen for long. What is not sure is not waited for. */
static int
has_passed(const struct follow *f, const struct follow_track *track, int crowded, int64_t now_us)
{
	struct box at = predict(f, track, track->last_us + f->rule.gap_us);
	int64_t unseen_us = now_us - track->last_us;

	if (unseen_us <= f->rule.gap_us)
		return 0;
	return unseen_us > WAIT_GAPS * f->rule.gap_us || crowded || !is_sure(f, track) || centre_x(&at) < 0 ||
	       centre_y(&at) < 0 || centre_x(&at) > 2 * (int64_t)f->width_px || centre_y(&at) > 2 * (int64_t)f->height_px;
}

static void
close_passed(struct follow *f, int64_t now_us)
{
	int crowded = 1;

	for (int t = 0; t < FOLLOW_TRACKS; t++)
		crowded &= f->tracks[t].state != FOLLOW_FREE;
	for (int t = 0; t < FOLLOW_TRACKS; t++)
		if (f->tracks[t].state == FOLLOW_OPEN && has_passed(f, &f->tracks[t], crowded, now_us))
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
			if (stood_still(track))
				remember_spot(f, track);
			track->held = 1;
			track->state = FOLLOW_CLOSED;
		}
	}
}

/* ---- which plate belongs to which track ---- */

/* How far off, in thousandths of a plate width; -1 when it cannot be the same plate. */
static int64_t
misfit(const struct follow *f, const struct follow_track *track, const struct box *b, int64_t now_us)
{
	struct box at = predict(f, track, now_us);
	int64_t large = larger(b->w, at.w), small = smaller(b->w, at.w);
	int64_t dx = distance(centre_x(&at), centre_x(b)), dy = distance(centre_y(&at), centre_y(b));
	int64_t off = (dx > dy ? dx + dy / 2 : dy + dx / 2) * 500 / large;
	int64_t travel = larger(distance(at.x, track->last.x), distance(at.y, track->last.y));
	int64_t unseen_us = now_us - track->last_us;
	int64_t reach = (track->has_speed ? NEAR_TENTHS : NEAR_TENTHS_NEW) * 100;

	if (unseen_us > f->rule.gap_us) {
		reach = NEAR_TENTHS_WAITED * 100;
	} else {
		reach += (NEAR_TENTHS_MOST * 100 - reach) * unseen_us / f->rule.gap_us;
		reach += smaller(travel * TRAVEL_TENTHS * 100 / large, NEAR_TENTHS_MOST * 100);
	}
	if (large * 10 > small * SIZE_CHANGE_TENTHS || off > reach)
		return -1;
	/* of two that fit, the one of the same size; and one in view before one that is waited for */
	return off + (large - small) * 500 / large + (unseen_us > f->rule.gap_us ? 10000 : 0);
}

static uint32_t
sureness(const struct plate *plate)
{
	return plate->score_permille > FOLLOW_DOUBT_PERMILLE
		       ? (plate->score_permille - FOLLOW_DOUBT_PERMILLE) * 1000 / (1000 - FOLLOW_DOUBT_PERMILLE)
		       : 0;
}

static void
update(struct follow_track *track, const struct frame *frame, const struct plate *plate)
{
	const struct box *b = &plate->box;
	int64_t ms = (frame->at_us - track->last_us) / 1000;
	int64_t dx = distance(centre_x(b), centre_x(&track->first)) / 2, dy = distance(centre_y(b), centre_y(&track->first)) / 2;

	if (ms > 0) {
		int64_t x = (centre_x(b) - centre_x(&track->last)) * 512 / ms, y = (centre_y(b) - centre_y(&track->last)) * 512 / ms;

		/* boxes shake: of one step between frames little can be told */
		track->speed_x = track->has_speed ? track->speed_x + (x - track->speed_x) * ms / (ms + SPEED_MS) : x;
		track->speed_y = track->has_speed ? track->speed_y + (y - track->speed_y) * ms / (ms + SPEED_MS) : y;
		track->has_speed = 1;
	}
	track->moved_px = larger(track->moved_px, larger(dx, dy));
	track->last = *b;
	track->last_us = frame->at_us;
	/* the unit's clock may be set back while a vehicle passes */
	if (frame->utc_us > track->last_utc_us)
		track->last_utc_us = frame->utc_us;
	track->sure_permille += sureness(plate);
	track->frames_seen++;
	track->frames_open += track->frames_unseen + 1;
	track->frames_unseen = 0;
	track->matched = 1;
	/* a higher kind is trusted less */
	if (frame->source > track->source)
		track->source = frame->source;
}

static void
begin(struct follow_track *track, const struct frame *frame, const struct plate *plate)
{
	struct follow_view views[CONFIG_LOCATE_VIEWS_MAX];

	memcpy(views, track->views, sizeof(views));
	memset(track, 0, sizeof(*track));
	memcpy(track->views, views, sizeof(views));
	track->state = FOLLOW_OPEN;
	track->source = frame->source;
	track->first = track->last = plate->box;
	track->sure_permille = sureness(plate);
	track->first_us = track->last_us = frame->at_us;
	track->first_utc_us = track->last_utc_us = frame->utc_us;
	track->frame_width_px = frame->width_px;
	track->frame_height_px = frame->height_px;
	track->frames_seen = track->frames_open = 1;
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
	if (track->told)
		return;
	if (view_keep(track->views, f->rule.views, &f->rule.cut, frame, luma, plate) < 0)
		track->frames_refused++;
}

/* What is suddenly larger or smaller is followed, but no view: it may be something else, found near the plate. */
static int
is_same_size(const struct follow_track *track, const struct box *b)
{
	return larger(b->w, track->last.w) * 10 <= smaller(b->w, track->last.w) * SAME_SIZE_TENTHS;
}

/* The best fitting pair of all that are left, until none fits. */
static int
match_one(struct follow *f, const struct frame *frame, const struct luma *luma, const struct plate *plates, int n, uint32_t *taken)
{
	int64_t best = -1;
	int best_track = 0, best_plate = 0, same;

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
	same = is_same_size(&f->tracks[best_track], &plates[best_plate].box);
	update(&f->tracks[best_track], frame, &plates[best_plate]);
	if (same)
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
	for (int t = 0; t < FOLLOW_TRACKS; t++)
		f->tracks[t].frames_unseen += !f->tracks[t].matched && frame->at_us - f->tracks[t].last_us <= f->rule.gap_us;
	for (int p = 0; p < n; p++) {
		struct follow_track *track = taken >> p & 1 || doubled(f, &plates[p].box) ? NULL : place(f);

		if (!track)
			continue;
		begin(track, frame, &plates[p]);
		keep_view(f, track, frame, luma, &plates[p]);
	}
	tell_held(f, frame->at_us);
}

void
follow_finish(struct follow *f)
{
	close_all(f);
}

int
follow_finish_one(struct follow *f)
{
	struct follow_track *widest = NULL;
	int left_out = 0;

	close_all(f);
	for (int t = 0; t < FOLLOW_TRACKS; t++) {
		struct follow_track *track = &f->tracks[t], *other = track;

		if (track->state != FOLLOW_CLOSED)
			continue;
		track->held = 0;
		if (widest == NULL) {
			widest = track;
			continue;
		}
		if (larger(track->first.w, track->last.w) > larger(widest->first.w, widest->last.w)) {
			other = widest;
			widest = track;
		}
		clear_track(other);
		left_out++;
	}
	return left_out;
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
