/*
 * The best views of a plate. Worth is size, sharpness and the detector's score,
 * less for pixels that are burnt out or black, and less near the frame's edge,
 * where a plate is seen at a slant and may be cut off.
 */
#include "locate/views.h"

#include <errno.h>
#include <string.h>

#include "base/wipe.h"

enum {
	ENOUGH_WIDTH_PX = 240,   /* more pixels do not read better */
	ENOUGH_SHARPNESS = 1500, /* mean squared gradient */
	SAMPLE_ROWS = 64,        /* rows of the plate that are measured, at most */
	BURNT = 250,
	BLACK = 6,
};

struct look {
	uint64_t sharpness_milli;
	uint32_t lost_permille; /* of the pixels burnt out or black */
};

static struct look
look_at(const struct luma *luma, const struct box *b)
{
	uint64_t squares = 0, n = 0, lost = 0;
	int32_t step = 1 + b->h / SAMPLE_ROWS;

	for (int32_t y = b->y; y + 1 < b->y + b->h; y += step) {
		const uint8_t *row = luma->pixels + (size_t)y * luma->stride_bytes + b->x;
		const uint8_t *next = row + luma->stride_bytes;

		for (int32_t x = 0; x + 1 < b->w; x++, n++) {
			int across = row[x + 1] - row[x], down = next[x] - row[x];

			squares += (uint64_t)(across * across + down * down);
			lost += row[x] >= BURNT || row[x] <= BLACK;
		}
	}
	if (n == 0)
		return (struct look){0, 0};
	return (struct look){squares * 1000 / n, (uint32_t)(lost * 1000 / n)};
}

static uint64_t
at_most(uint64_t value, uint64_t limit)
{
	return value < limit ? value : limit;
}

/* At least 1. Each factor is a share of 1000; none can bring a plate to nothing. */
static uint64_t
quality(const struct look *look, const struct plate *plate, const struct luma *luma)
{
	const struct box *b = &plate->box;
	uint64_t size = at_most((uint64_t)b->w, ENOUGH_WIDTH_PX) * 1000 / ENOUGH_WIDTH_PX;
	uint64_t sharp = 200 + at_most(look->sharpness_milli / 1000, ENOUGH_SHARPNESS) * 800 / ENOUGH_SHARPNESS;
	uint64_t light = 1000 - at_most(look->lost_permille, 900);
	uint64_t score = 500 + at_most(plate->score_permille, 1000) / 2;
	int64_t margin_x = b->w / 4, margin_y = b->h / 4;
	int edge = b->x < margin_x || b->y < margin_y || b->x + b->w + margin_x > (int64_t)luma->width_px ||
		   b->y + b->h + margin_y > (int64_t)luma->height_px;

	return 1 + size * sharp / 1000 * light * score / (edge ? 3 : 1);
}

static void
fill(struct follow_view *place, const struct frame *frame, const struct luma *luma, const struct plate *plate,
     const struct box *crop, const struct look *look)
{
	struct crop_view *view = &place->view;

	memset(view, 0, sizeof(*view));
	view->plate = plate->box;
	view->crop = *crop;
	view->utc_us = frame->utc_us;
	view->score_permille = plate->score_permille;
	view->sharpness_milli = (uint32_t)at_most(look->sharpness_milli, UINT32_MAX);
	view->exposure_us = frame->exposure_us;
	memcpy(view->name, frame->name, sizeof(view->name));
	for (int32_t y = 0; y < crop->h; y++)
		memcpy(place->pixels + (size_t)y * (size_t)crop->w,
		       luma->pixels + (size_t)(crop->y + y) * luma->stride_bytes + crop->x, (size_t)crop->w);
	view->bytes = SPAN(place->pixels, (size_t)crop->w * (size_t)crop->h);
}

int
view_keep(struct follow_view *views, uint32_t most, const struct cut_rule *rule, const struct frame *frame,
	  const struct luma *luma, const struct plate *plate)
{
	struct follow_view *last = &views[most - 1], kept;
	struct look look;
	struct box crop;
	uint64_t worth;
	int err;

	err = cut_box(&crop, &plate->box, rule, luma->width_px, luma->height_px);
	if (err < 0)
		return err;
	if ((int64_t)crop.w * crop.h > FOLLOW_VIEW_BYTES)
		return -EPERM;
	look = look_at(luma, &plate->box);
	worth = quality(&look, plate, luma);
	if (worth <= last->quality)
		return 0;
	view_wipe(last);
	fill(last, frame, luma, plate, &crop, &look);
	last->quality = worth;
	/* to its place among the better ones; the pixels stay where they are, their owners change */
	kept = *last;
	for (; last > views && last[-1].quality < worth; last--)
		*last = last[-1];
	*last = kept;
	return 1;
}

void
view_wipe(struct follow_view *view)
{
	wipe(view->pixels, view->view.bytes.n);
	memset(&view->view, 0, sizeof(view->view));
	view->quality = 0;
}
