/*
 * A bright plate on a dark bumper. The letters are cells of 5x7 dots, as on a display.
 */
#include "locate/self_test.h"

#include <errno.h>
#include <string.h>

#include "locate/boxes.h"
#include "locate/views.h"

enum {
	W = SELF_TEST_WIDTH_PX,
	H = SELF_TEST_HEIGHT_PX,
	LETTERS = 4,
	ROWS = 7,
	DOTS = 5,
	DOT_PX = 2,
	CELL_PX = (DOTS + 1) * DOT_PX,
	BORDER_PX = 4
};

static const struct box plate = {290, 220, LETTERS * CELL_PX + 2 * BORDER_PX, ROWS * DOT_PX + 2 * BORDER_PX};

/* "TEST": seven rows a letter, its leftmost dot is 16. */
static const uint8_t letters[LETTERS][ROWS] = {
    {31, 4, 4, 4, 4, 4, 4},
    {31, 16, 16, 30, 16, 16, 31},
    {15, 16, 16, 14, 1, 1, 30},
    {31, 4, 4, 4, 4, 4, 4},
};

static void
fill(uint8_t *pixels, struct box b, uint8_t luma)
{
	for (int32_t y = b.y; y < b.y + b.h; y++)
		memset(pixels + y * W + b.x, luma, (size_t)b.w);
}

struct box
self_test_draw(uint8_t pixels[SELF_TEST_WIDTH_PX * SELF_TEST_HEIGHT_PX])
{
	fill(pixels, (struct box){0, 0, W, H}, 120);
	fill(pixels, (struct box){170, 60, 300, 210}, 80);
	fill(pixels, (struct box){180, 200, 280, 60}, 50);
	fill(pixels, plate, 210);
	for (int32_t i = 0; i < LETTERS * ROWS * DOTS; i++) {
		int32_t letter = i / (ROWS * DOTS), row = i / DOTS % ROWS, dot = i % DOTS;
		int32_t x = plate.x + BORDER_PX + DOT_PX / 2 + letter * CELL_PX + dot * DOT_PX;

		if (letters[letter][row] & 16 >> dot)
			fill(pixels, (struct box){x, plate.y + BORDER_PX + row * DOT_PX, DOT_PX, DOT_PX}, 30);
	}
	return plate;
}

static int
same(const struct box *a, const struct box *b)
{
	const struct candidate edges[] = {{a->x, a->y, a->x + a->w, a->y + a->h, 0},
					  {b->x, b->y, b->x + b->w, b->y + b->h, 0}};

	return boxes_overlap_permille(&edges[0], &edges[1]) >= 500;
}

int
self_test_passage(struct crop *passage, struct find *finder, const struct cut_rule *rule, int64_t utc_us)
{
	static uint8_t pixels[W * H], cut[W * H / 4]; /* a rule lets a crop have no more */
	static const struct luma picture = {pixels, W, H, W};
	const struct frame frame = {.width_px = W, .height_px = H, .utc_us = utc_us};
	struct follow_view view = {.pixels = cut};
	struct plate plates[FIND_PLATES_MAX];
	struct box drawn = self_test_draw(pixels);
	int err;

	_Static_assert(CONFIG_FRAME_MAX_WIDTH_PX >= W && CONFIG_FRAME_MAX_HEIGHT_PX >= H,
		       "the finder takes the picture");
	CHECK(rule->share_max_permille <= CUT_RULE_MOST_SHARE);
	if (find(finder, &picture, plates) != 1 || !same(&plates[0].box, &drawn))
		return -ENODATA;
	err = view_keep(&view, 1, rule, &frame, &picture, &plates[0]);
	if (err < 0)
		return err;
	*passage = (struct crop){
	    .source = CROP_SOURCE_SELF_TEST,
	    .frame_width_px = W,
	    .frame_height_px = H,
	    .frames_seen = 1,
	    .first_utc_us = utc_us,
	    .last_utc_us = utc_us,
	    .n_views = 1,
	    .views = {view.view},
	};
	return 0;
}
