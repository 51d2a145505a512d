/*
 * The drawn lane. Stops and rolling back are made by showing frames again: the
 * whole queue stands, with fresh noise, or goes back through what was shown.
 */
#include "drawn.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../common/say.h"

enum {
	BACK_FRAMES = 6,       /* that can be gone back through: some two metres */
	NOISE = 1 << 16,
	WHOLE_FRAMES = 8,      /* fewer, and nobody promises to find the plate; as lanesim has it */
	STOP_EVERY_S = 6,      /* at most */
	STOP_LONGEST_S = 8,
	BAR_TOP_PERMILLE = 560, BAR_PERMILLE = 90, BAR_LUMA = 150,
};

enum motion { GOES, STANDS, GOES_BACK };

struct shown {
	uint8_t *luma;
	struct scene_truth truth;
};

struct lane {
	const struct drawn_wish *wish;
	struct scene *scene;
	struct space work;
	size_t bytes;
	struct shown last[BACK_FRAMES];
	uint8_t *picture;
	int8_t noise[NOISE];
	uint64_t drawn, dice;
	uint32_t back; /* how far behind the last drawn frame */
	enum motion motion;
	int64_t until_us;
	uint32_t *whole;
	uint32_t vehicles;
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

static int
lane_open(struct lane *l, const struct drawn_wish *wish)
{
	const struct scene_wish *s = &wish->scene;

	memset(l, 0, sizeof(*l));
	l->wish = wish;
	l->bytes = (size_t)s->width_px * s->height_px;
	l->vehicles = s->vehicles;
	l->dice = s->seed;
	l->work.n = scene_bytes(s->width_px, s->height_px);
	if (l->work.n == 0 || s->vehicles == 0)
		return -EINVAL;
	l->work.p = need(aligned_alloc(64, l->work.n));
	l->picture = need(malloc(l->bytes));
	l->whole = need(calloc(l->vehicles, sizeof(*l->whole)));
	for (int i = 0; i < BACK_FRAMES; i++)
		l->last[i].luma = need(malloc(l->bytes));
	for (int i = 0; i < NOISE; i++)
		l->noise[i] = (int8_t)((int)watch_dice(&l->dice, 5) - 2);
	return scene_init(&l->scene, l->work, s);
}

static void
lane_close(struct lane *l)
{
	for (int i = 0; i < BACK_FRAMES; i++)
		free(l->last[i].luma);
	free(l->whole);
	free(l->picture);
	free(l->work.p);
}

static void
choose_motion(struct lane *l, int64_t at_us)
{
	uint32_t what = watch_dice(&l->dice, 4);

	if (!l->wish->stops || at_us < l->until_us)
		return;
	if (l->motion == GOES)
		l->motion = what == 0 ? GOES_BACK : STANDS;
	else
		l->motion = l->motion == GOES_BACK ? STANDS : GOES;
	l->until_us = at_us + (l->motion == GOES ? 1000000 + (int64_t)watch_dice(&l->dice, STOP_EVERY_S * 1000000)
	                                         : 200000 + (int64_t)watch_dice(&l->dice, STOP_LONGEST_S * 1000000));
}

/* Draws one more, or goes back, or stands. 0 when the lane is empty and stays so. */
static int
move(struct lane *l)
{
	if (l->motion == GOES_BACK && l->back + 1 < BACK_FRAMES && l->back + 1 < l->drawn) {
		l->back++;
	} else if (l->motion == GOES && l->back > 0) {
		l->back--;
	} else if (l->motion == GOES || l->drawn == 0) {
		struct shown *next = &l->last[l->drawn % BACK_FRAMES];

		if (!scene_draw(l->scene, l->drawn, next->luma, &next->truth))
			return 0;
		l->drawn++;
	}
	return 1;
}

static void
paint(struct lane *l, const struct shown *from)
{
	const struct scene_wish *s = &l->wish->scene;
	size_t top = s->height_px * BAR_TOP_PERMILLE / 1000, rows = s->height_px * BAR_PERMILLE / 1000;

	for (size_t done = 0; done < l->bytes;) {
		size_t at = watch_dice(&l->dice, NOISE / 2), n = NOISE - at < l->bytes - done ? NOISE - at : l->bytes - done;

		for (size_t i = 0; i < n; i++, done++) {
			int v = from->luma[done] + l->noise[at + i];

			l->picture[done] = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
		}
	}
	if (l->wish->bar)
		memset(l->picture + top * s->width_px, BAR_LUMA, rows * s->width_px);
}

static void
tell(struct lane *l, const struct shown *from, struct watch_truth *truth)
{
	truth->n = 0;
	for (uint32_t i = 0; i < from->truth.n; i++) {
		const struct scene_plate *p = &from->truth.plates[i];

		if (p->box.w == 0)
			continue;
		truth->plates[truth->n++] = (struct watch_plate){p->vehicle, p->box};
		l->whole[p->vehicle - 1] += p->visible_permille == 1000;
	}
}

static void
settle(struct watch *w, const struct lane *l)
{
	uint8_t *must = need(calloc(l->vehicles, 1));

	for (uint32_t i = 0; i < l->vehicles; i++) {
		struct scene_passage p;

		scene_passage(l->scene, i + 1, &p);
		must[i] = p.legible && p.plate && l->whole[i] >= WHOLE_FRAMES;
	}
	watch_end(w, must, l->vehicles);
	free(must);
}

int
drawn_run(struct watch *w, const struct drawn_wish *wish)
{
	static struct lane l;
	struct watch_truth truth;
	struct luma luma;
	uint32_t exposure_us, gain_milli;
	char name[64];
	int err = lane_open(&l, wish);

	if (err < 0) {
		lane_close(&l);
		return err;
	}
	snprintf(name, sizeof(name), "lane %llu", (unsigned long long)wish->scene.seed);
	luma = (struct luma){l.picture, wish->scene.width_px, wish->scene.height_px, wish->scene.width_px};
	watch_begin(w, name, wish->scene.seed);
	for (uint64_t i = 0;; i++) {
		int64_t at_us = (int64_t)(i * 1000000000 / wish->scene.rate_mhz);
		const struct shown *from;

		choose_motion(&l, at_us);
		if (!move(&l))
			break;
		from = &l.last[(l.drawn - 1 - l.back) % BACK_FRAMES];
		paint(&l, from);
		tell(&l, from, &truth);
		scene_exposure(l.scene, &exposure_us, &gain_milli);
		watch_frame(w, &luma, at_us, exposure_us, &truth);
	}
	settle(w, &l);
	lane_close(&l);
	return 0;
}
