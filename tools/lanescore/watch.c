/*
 * The finder and the follower over frames whose truth is known.
 */
#include "watch.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#include "../common/say.h"

enum { FRAME_UTC_US = 1000, HELD_PERMILLE = 950, TIMES_MOST = 4, SAME_PERMILLE = 300, FAR_PERMILLE = 100 };
static const int64_t begin_us = 1000000, between_us = 600000000, utc_begin_us = 1700000000000000;

struct record { /* what became of a vehicle */
	uint32_t records, frames_seen, in_sight;
	int covered;
	uint32_t sure;
	int64_t first;
};

struct watch {
	struct watch_wish wish;
	struct find *find;
	struct follow follow;
	struct space find_work, follow_work;
	struct frame frame;
	struct watch_truth *truths; /* of each frame of this run */
	size_t n_truths, room;
	struct record *of; /* each vehicle of this run */
	uint32_t n_of;
	struct watch_count count;
	const char *name;
	uint64_t dice;
	int64_t run_us;
};

static void *
need(void *p)
{
	if (!p) {
		say_trouble("out of memory");
		exit(1);
	}
	return p;
}

static struct space
take_memory(size_t n)
{
	n = (n + 63) / 64 * 64;
	return SPACE(need(aligned_alloc(64, n)), n);
}

uint32_t
watch_dice(uint64_t *state, uint32_t below)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (uint32_t)((z ^ z >> 31) >> 32) % below;
}

struct watch *
watch_open(const struct watch_wish *wish)
{
	struct watch *w = need(calloc(1, sizeof(*w)));

	w->wish = *wish;
	w->find_work = take_memory(find_bytes(CONFIG_FRAME_MAX_WIDTH_PX, CONFIG_FRAME_MAX_HEIGHT_PX));
	w->follow_work = take_memory(FOLLOW_BYTES);
	CHECK(find_init(&w->find, w->find_work, CONFIG_FRAME_MAX_WIDTH_PX, CONFIG_FRAME_MAX_HEIGHT_PX) == 0);
	follow_init(&w->follow, w->follow_work, &wish->rule);
	if (wish->csv)
		fputs("run,vehicle,must,records,frames_in_sight,frames_seen,covered,first_frame,sure_permille,score,x,y,w,h\n", wish->csv);
	if (wish->boxes)
		fputs("run,frame,vehicle,far,score,x,y,w,h\n", wish->boxes);
	w->run_us = begin_us;
	return w;
}

void
watch_close(struct watch *w)
{
	free(w->find_work.p);
	free(w->follow_work.p);
	free(w->truths);
	free(w->of);
	free(w);
}

const struct watch_count *
watch_count(const struct watch *w)
{
	return &w->count;
}

void
watch_begin(struct watch *w, const char *name, uint64_t seed)
{
	w->name = name;
	w->dice = seed;
	w->n_truths = w->n_of = 0;
}

/* ---- boxes ---- */

static int64_t
area(const struct box *b)
{
	return (int64_t)b->w * b->h;
}

static int64_t
shared(const struct box *a, const struct box *b)
{
	int64_t left = a->x > b->x ? a->x : b->x, top = a->y > b->y ? a->y : b->y;
	int64_t right = a->x + a->w < b->x + b->w ? a->x + a->w : b->x + b->w;
	int64_t low = a->y + a->h < b->y + b->h ? a->y + a->h : b->y + b->h;

	return right > left && low > top ? (right - left) * (low - top) : 0;
}

static int
is_far(const struct box *b, const struct watch_truth *truth)
{
	for (uint32_t i = 0; i < truth->n; i++)
		if (shared(b, &truth->plates[i].box) * 1000 >= area(&truth->plates[i].box) * FAR_PERMILLE)
			return 0;
	return 1;
}

static const struct watch_plate *
owner_of(const struct watch_truth *truth, const struct box *plate)
{
	const struct watch_plate *owner = NULL;
	int64_t most = 0;

	for (uint32_t i = 0; i < truth->n; i++) {
		const struct box *b = &truth->plates[i].box;
		int64_t both = shared(b, plate), all = area(b) + area(plate) - both;

		if (both * 1000 >= all * SAME_PERMILLE && both * 1000 / all > most) {
			most = both * 1000 / all;
			owner = &truth->plates[i];
		}
	}
	return owner;
}

static int
is_covered(const struct box *crop, const struct box *plate)
{
	return shared(crop, plate) * 1000 >= area(plate) * HELD_PERMILLE && area(crop) <= TIMES_MOST * area(plate);
}

/* What stood there when this view was taken. */
static const struct watch_plate *
shown_in(const struct watch *w, const struct crop_view *view)
{
	return owner_of(&w->truths[(view->utc_us - utc_begin_us) / FRAME_UTC_US], &view->plate);
}

/* ---- records ---- */

static struct record *
record_of(struct watch *w, uint32_t vehicle)
{
	if (vehicle > w->n_of) {
		w->of = need(realloc(w->of, vehicle * sizeof(*w->of)));
		memset(w->of + w->n_of, 0, (vehicle - w->n_of) * sizeof(*w->of));
		w->n_of = vehicle;
	}
	return &w->of[vehicle - 1];
}

static void
tell_false(const struct watch *w, const struct crop *c, uint32_t sure)
{
	const struct crop_view *v = &c->views[0];

	if (w->wish.csv)
		fprintf(w->wish.csv, "%s,0,0,1,0,%u,0,%lld,%u,%u,%d,%d,%d,%d\n", w->name, c->frames_seen,
			(long long)(c->first_utc_us - utc_begin_us) / FRAME_UTC_US, sure, v->score_permille, v->plate.x,
			v->plate.y, v->plate.w, v->plate.h);
}

static void
take_record(struct watch *w, const struct crop *c, uint32_t sure)
{
	const struct watch_plate *best = shown_in(w, &c->views[0]);
	int mixed = 0;

	w->count.records++;
	for (uint32_t i = 0; i < c->n_views; i++) {
		const struct watch_plate *p = shown_in(w, &c->views[i]);

		w->count.views += p != NULL;
		w->count.views_covered += p && is_covered(&c->views[i].crop, &p->box);
		mixed |= p && best && p->vehicle != best->vehicle;
	}
	w->count.mixed += (uint64_t)mixed;
	if (best) {
		struct record *r = record_of(w, best->vehicle);

		r->records++;
		r->frames_seen = c->frames_seen;
		r->sure = sure;
		r->first = (c->first_utc_us - utc_begin_us) / FRAME_UTC_US;
		r->covered |= is_covered(&c->views[0].crop, &best->box);
	} else {
		w->count.false_records++;
		tell_false(w, c, sure);
	}
}

/* Of the passage that is told next. */
static uint32_t
sure_of(const struct watch *w)
{
	const struct follow_track *oldest = NULL;

	for (int t = 0; t < FOLLOW_TRACKS; t++) {
		const struct follow_track *track = &w->follow.tracks[t];

		if (track->state == FOLLOW_CLOSED && (!oldest || track->last_us < oldest->last_us))
			oldest = track;
	}
	return oldest ? oldest->sure_permille : 0;
}

static void
take_records(struct watch *w)
{
	struct crop c;

	while (follow_peek(&w->follow, &c)) {
		take_record(w, &c, sure_of(w));
		follow_release(&w->follow);
	}
}

void
watch_end(struct watch *w, const uint8_t *must, uint32_t n)
{
	follow_finish(&w->follow);
	take_records(w);
	for (uint32_t i = 0; i < n; i++) {
		const struct record *r = record_of(w, i + 1);

		w->count.passages += must[i];
		w->count.once += must[i] && r->records == 1;
		w->count.covered += must[i] && r->covered;
		w->count.more += r->records > 1;
		if (w->wish.csv)
			fprintf(w->wish.csv, "%s,%u,%d,%u,%u,%u,%d,%lld,%u,,,,,\n", w->name, i + 1, must[i], r->records,
				r->in_sight, r->frames_seen, r->covered, (long long)r->first, r->sure);
	}
	w->run_us += between_us;
}

/* ---- frames ---- */

/* A finder worse than ours: it overlooks plates and sees some where there are none. */
static int
disturb(struct watch *w, const struct luma *luma, struct plate *plates, int n)
{
	int kept = 0;

	for (int i = 0; i < n; i++)
		if (watch_dice(&w->dice, 1000) >= w->wish.miss_permille)
			plates[kept++] = plates[i];
	if (kept < FIND_PLATES_MAX && luma->width_px > 400 && luma->height_px > 200 &&
	    watch_dice(&w->dice, 1000) < w->wish.false_permille) {
		int32_t width = 40 + (int32_t)watch_dice(&w->dice, 160);

		plates[kept++] = (struct plate){
			.box = {(int32_t)watch_dice(&w->dice, luma->width_px - 200), (int32_t)watch_dice(&w->dice, luma->height_px - 100),
				width, width / 4},
			.score_permille = FOLLOW_DOUBT_PERMILLE + watch_dice(&w->dice, 1001 - FOLLOW_DOUBT_PERMILLE),
		};
	}
	return kept;
}

static void
tell_boxes(const struct watch *w, const struct plate *plates, int n, const struct watch_truth *truth)
{
	for (int i = 0; w->wish.boxes && i < n; i++) {
		const struct box *b = &plates[i].box;
		const struct watch_plate *owner = owner_of(truth, b);

		fprintf(w->wish.boxes, "%s,%zu,%u,%d,%u,%d,%d,%d,%d\n", w->name, w->n_truths, owner ? owner->vehicle : 0,
			is_far(b, truth), plates[i].score_permille, b->x, b->y, b->w, b->h);
	}
}

static void
remember(struct watch *w, const struct watch_truth *truth)
{
	if (w->n_truths == w->room) {
		w->room = w->room ? 2 * w->room : 1024;
		w->truths = need(realloc(w->truths, w->room * sizeof(*w->truths)));
	}
	w->truths[w->n_truths++] = *truth;
	for (uint32_t i = 0; i < truth->n; i++)
		record_of(w, truth->plates[i].vehicle)->in_sight++;
}

void
watch_frame(struct watch *w, const struct luma *luma, int64_t at_us, uint32_t exposure_us, const struct watch_truth *truth)
{
	struct plate plates[FIND_PLATES_MAX];
	int64_t began_us = clock_us(CLOCK_THREAD_CPUTIME_ID);
	int n = find(w->find, luma, plates);

	CHECK(n >= 0);
	w->count.find_ms += (double)(clock_us(CLOCK_THREAD_CPUTIME_ID) - began_us) / 1e3;
	w->count.frames++;
	for (int i = 0; i < n; i++)
		w->count.far += (uint64_t)is_far(&plates[i].box, truth);
	tell_boxes(w, plates, n, truth);
	n = disturb(w, luma, plates, n);
	w->frame.source = SOURCE_SYNTHETIC;
	w->frame.width_px = (uint16_t)luma->width_px;
	w->frame.height_px = (uint16_t)luma->height_px;
	w->frame.at_us = w->run_us + at_us;
	w->frame.utc_us = utc_begin_us + (int64_t)w->n_truths * FRAME_UTC_US;
	w->frame.exposure_us = exposure_us;
	remember(w, truth);
	follow_frame(&w->follow, &w->frame, luma, plates, n);
	take_records(w);
}
