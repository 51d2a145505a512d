/*
 * One vehicle, one passage, however badly the finder sees: whole lanes of boxes
 * without pictures, with faults thrown in by fixed seeds.
 */
#include "cm.h"

#include <string.h>

#include "locate/follow.h"

enum {
	W = 1280, H = 720,
	FRAME_US = 33333,
	GAP_US = 500000,
	VEHICLES = 100,      /* of one lane */
	SEEDS = 3,
	FOCAL_PX = 1200,
	HORIZON_PX = 300,
	FAR_MM = 18000,
	SCORE_LEAST = 720, SCORE_MOST = 950,
};

struct fault {
	const char *what;
	uint32_t miss_permille, burst_permille; /* plates overlooked; the beginnings of eight frames overlooked in a row */
	uint32_t false_permille;                /* frames with a box more */
	uint32_t jitter_permille;               /* of its width, that a box is off, and larger or smaller */
	uint32_t wild_permille;                 /* boxes of twice their width */
	uint32_t headway_ms;
	int32_t speed_mmps;
	int stops, bar, two_lanes;
	uint32_t once_least, false_most;        /* of SEEDS x VEHICLES, twice that for two lanes */
};

static const struct fault faults[] = {
	{.what = "nothing wrong", .headway_ms = 1500, .speed_mmps = 7000, .once_least = 300, .false_most = 0},
	{.what = "every third missed", .miss_permille = 330, .headway_ms = 1500, .speed_mmps = 7000, .once_least = 300, .false_most = 0},
	{.what = "every second missed", .miss_permille = 500, .headway_ms = 1500, .speed_mmps = 7000, .once_least = 299, .false_most = 0},
	{.what = "long gaps", .burst_permille = 40, .headway_ms = 1500, .speed_mmps = 7000, .once_least = 299, .false_most = 0},
	{.what = "false boxes", .false_permille = 100, .headway_ms = 1500, .speed_mmps = 7000, .once_least = 299, .false_most = 3},
	{.what = "shaking boxes", .jitter_permille = 150, .headway_ms = 1500, .speed_mmps = 7000, .once_least = 299, .false_most = 0},
	{.what = "wild widths", .wild_permille = 100, .jitter_permille = 50, .headway_ms = 1500, .speed_mmps = 7000, .once_least = 299, .false_most = 0},
	{.what = "a second close behind", .miss_permille = 200, .jitter_permille = 50, .headway_ms = 700, .speed_mmps = 7000, .once_least = 298, .false_most = 0},
	{.what = "fast", .miss_permille = 200, .jitter_permille = 50, .headway_ms = 800, .speed_mmps = 22000, .once_least = 298, .false_most = 0},
	{.what = "stops and rolls back", .miss_permille = 200, .jitter_permille = 50, .headway_ms = 1500, .speed_mmps = 5000, .stops = 1, .once_least = 296, .false_most = 0},
	{.what = "behind a bar", .miss_permille = 200, .jitter_permille = 50, .headway_ms = 1500, .speed_mmps = 4000, .bar = 1, .once_least = 294, .false_most = 0},
	{.what = "stops behind a bar", .miss_permille = 100, .jitter_permille = 50, .headway_ms = 1500, .speed_mmps = 5000, .bar = 1, .stops = 1, .once_least = 296, .false_most = 0},
	{.what = "two lanes, one each way", .miss_permille = 200, .jitter_permille = 50, .headway_ms = 1200, .speed_mmps = 7000, .two_lanes = 1, .once_least = 598, .false_most = 0},
	{.what = "all of it", .miss_permille = 250, .burst_permille = 10, .false_permille = 50, .jitter_permille = 80, .wild_permille = 30, .headway_ms = 1000, .speed_mmps = 6000, .stops = 1, .bar = 1, .once_least = 255, .false_most = 20},
};

static uint8_t views[FOLLOW_BYTES];
static uint8_t pixels[W * H];
static struct follow follow;
static struct frame frame;

/* One run of a lane. */
static const struct fault *fault;
static uint64_t dice;
static int64_t queue_us; /* the queue's own time, which stands when it does */
static int64_t stand_until_us, back_until_us, next_stop_us;
static int32_t speed_permille;
static uint32_t overlooked[2 * VEHICLES], records[2 * VEHICLES];
static struct box truth[2 * VEHICLES];
static uint32_t false_records;

static uint32_t
roll(uint32_t below)
{
	uint64_t z = dice += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (uint32_t)((z ^ z >> 31) >> 32) % below;
}

static int32_t
off(int32_t most)
{
	return most > 0 ? (int32_t)roll((uint32_t)(2 * most + 1)) - most : 0;
}

/* Where the plate of vehicle v is; empty when out of sight. */
static struct box
plate_of(int v)
{
	int64_t since_us = queue_us - (int64_t)(v % VEHICLES) * fault->headway_ms * 1000;
	int64_t gone_mm = since_us * fault->speed_mmps / 1000000;
	int64_t z = v < VEHICLES ? FAR_MM - gone_mm : 2000 + gone_mm;
	struct box b = {0, 0, 0, 0};

	if (since_us < 0 || z < 1500 || z > FAR_MM)
		return b;
	b.w = (int32_t)(520 * FOCAL_PX / z);
	b.h = b.w / 4;
	b.x = (int32_t)(W / 2 + (v < VEHICLES ? 500 : -1700) * FOCAL_PX / z) - b.w / 2;
	b.y = (int32_t)(HORIZON_PX + 1000 * FOCAL_PX / z);
	if (b.x < 0 || b.y + b.h > H)
		b.w = 0;
	return b;
}

static int
is_behind_bar(const struct box *b)
{
	return fault->bar && b->y + b->h > 470 && b->y < 510;
}

static struct plate
seen_as(const struct box *b)
{
	int32_t most = b->w * (int32_t)fault->jitter_permille / 1000;
	struct plate p = {.box = *b, .score_permille = SCORE_LEAST + roll(SCORE_MOST - SCORE_LEAST)};

	if (roll(1000) < fault->wild_permille) {
		p.box.x -= b->w / 2;
		p.box.w *= 2;
	}
	p.box.x += off(most);
	p.box.y += off(most / 2);
	p.box.w += off(most);
	p.box.x = p.box.x < 0 ? 0 : p.box.x;
	p.box.w = p.box.x + p.box.w > W ? W - p.box.x : p.box.w;
	p.box.y = p.box.y + p.box.h > H ? H - p.box.h : p.box.y;
	return p;
}

/* What the finder reports, in any order. */
static int
find_plates(struct plate plates[FIND_PLATES_MAX])
{
	int n = 0;

	for (int v = 0; v < (fault->two_lanes ? 2 : 1) * VEHICLES; v++) {
		truth[v] = plate_of(v);
		if (truth[v].w == 0 || is_behind_bar(&truth[v]))
			continue;
		if (overlooked[v] == 0 && roll(1000) < fault->burst_permille)
			overlooked[v] = 8;
		if (overlooked[v] > 0)
			overlooked[v]--;
		else if (roll(1000) >= fault->miss_permille && n < FIND_PLATES_MAX)
			plates[n++] = seen_as(&truth[v]);
	}
	if (roll(1000) < fault->false_permille && n < FIND_PLATES_MAX) {
		int32_t w = 40 + (int32_t)roll(150);

		plates[n++] = (struct plate){.box = {(int32_t)roll(1000), (int32_t)roll(650), w, w / 4}, .score_permille = SCORE_LEAST + roll(100)};
	}
	for (int i = 1; i < n; i++) {
		uint32_t k = roll((uint32_t)i + 1);
		struct plate swap = plates[i];

		plates[i] = plates[k];
		plates[k] = swap;
	}
	return n;
}

/* Whose plate a view shows is written in its time: the frame number is, and boxes are where the truth was. */
static struct { struct box box[2 * VEHICLES]; } history[1 << 14];

static int
owner_of(const struct crop *passage)
{
	const struct crop_view *v = &passage->views[0];
	const struct box *boxes = history[v->utc_us - 1].box;
	int64_t nearest = INT64_MAX;
	int owner = -1;

	for (int i = 0; i < 2 * VEHICLES; i++) {
		int64_t dx = 2 * (boxes[i].x - v->plate.x) + boxes[i].w - v->plate.w, dy = 2 * (boxes[i].y - v->plate.y);

		dx = (dx < 0 ? -dx : dx) + (dy < 0 ? -dy : dy);
		if (boxes[i].w > 0 && dx < boxes[i].w && dx < nearest) {
			nearest = dx;
			owner = i;
		}
	}
	return owner;
}

static void
take_all(void)
{
	struct crop passage;

	while (follow_peek(&follow, &passage)) {
		int owner = owner_of(&passage);


		if (owner < 0)
			false_records++;
		else
			records[owner]++;
		follow_release(&follow);
	}
}

/* It brakes and starts within a second, and may roll back, slowly, in between. */
static void
move_queue(void)
{
	int32_t wanted = 1000;

	if (fault->stops && frame.at_us > next_stop_us) {
		stand_until_us = frame.at_us + 1000000 + roll(8000000);
		back_until_us = roll(3) == 0 ? frame.at_us + 2000000 : 0;
		next_stop_us = stand_until_us + 2000000 + roll(4000000);
	}
	if (frame.at_us < stand_until_us)
		wanted = frame.at_us < back_until_us && frame.at_us > back_until_us - 1500000 ? -100 : 0;
	speed_permille += wanted > speed_permille ? 50 : wanted < speed_permille ? -50 : 0;
	queue_us += FRAME_US * speed_permille / 1000;
}

static void
drive(uint64_t seed)
{
	const struct follow_rule rule = {
		.cut = {150, 300, 150}, .confirm_frames = 3, .sure_permille = 1000, .gap_us = GAP_US, .views = 3,
	};
	const struct luma luma = {pixels, W, H, W};
	int64_t end_us = (int64_t)VEHICLES * fault->headway_ms * 1000 + (int64_t)FAR_MM * 1000000 / fault->speed_mmps + 2 * GAP_US;
	struct plate plates[FIND_PLATES_MAX];
	size_t n = 0;

	dice = seed;
	queue_us = stand_until_us = back_until_us = next_stop_us = 0;
	speed_permille = 1000;
	memset(overlooked, 0, sizeof(overlooked));
	memset(records, 0, sizeof(records));
	memset(&frame, 0, sizeof(frame));
	frame.width_px = W;
	frame.height_px = H;
	frame.source = SOURCE_SENSOR;
	follow_init(&follow, SPACE_OF(views), &rule);
	while (queue_us < end_us) {
		int found = find_plates(plates);

		assert_true(n < ARRAY_SIZE(history));
		memcpy(history[n++].box, truth, sizeof(truth));
		frame.utc_us = (int64_t)n;
		follow_frame(&follow, &frame, &luma, plates, found);
		take_all();
		frame.at_us += FRAME_US;
		move_queue();
	}
	follow_finish(&follow);
	take_all();
}

static void
every_vehicle_is_recorded_once_whatever_goes_wrong(void **state)
{
	int bad = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(pixels); i++)
		pixels[i] = (uint8_t)(60 + i % 7 * 20);
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		uint32_t once = 0, none = 0;

		fault = &faults[i];
		false_records = 0;
		for (uint64_t seed = 1; seed <= SEEDS; seed++) {
			drive(seed * 1000 + i);
			for (int v = 0; v < (fault->two_lanes ? 2 : 1) * VEHICLES; v++) {
				once += records[v] == 1;
				none += records[v] == 0;
			}
		}
		print_message("%-26s %u once, %u never, %u false\n", fault->what, once, none, false_records);
		if (once < fault->once_least || false_records > fault->false_most)
			bad++;
	}
	assert_int_equal(bad, 0); /* the lines above say which */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_vehicle_is_recorded_once_whatever_goes_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
