/*
 * The drawn lane keeps what it promises to every test that stands on it: the same
 * seed is the same bytes, the truth is true, the canary is where people sit.
 */
#include <stdlib.h>
#include <string.h>

#include "cm.h"
#include "hal/canary.h"
#include "hal/scene.h"

enum { W = 1280, H = 720, SMALL_W = 320, SMALL_H = 180 };

struct lane {
	struct scene *scene;
	struct space work;
	uint8_t *luma;
	struct scene_wish wish;
};

static void
lane_open(struct lane *l, const char *name, uint32_t w, uint32_t h, uint32_t vehicles)
{
	const char *why, *at;

	memset(l, 0, sizeof(*l));
	assert_int_equal(scene_parse(&l->wish, name, &why, &at), 0);
	l->wish.width_px = w;
	l->wish.height_px = h;
	l->wish.vehicles = vehicles;
	l->wish.rate_mhz = 30000;
	l->work = SPACE(aligned_alloc(64, scene_bytes(w, h)), scene_bytes(w, h));
	l->luma = malloc((size_t)w * h);
	assert_int_equal(scene_init(&l->scene, l->work, &l->wish), 0);
}

static void
lane_close(struct lane *l)
{
	free(l->work.p);
	free(l->luma);
}

static uint64_t
hash_more(uint64_t hash, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		hash = (hash ^ p[i]) * 0x100000001b3u;
	return hash;
}

/* Of some frames of day, rain and night. */
static uint64_t
hash_of(const char *name, uint32_t restarts)
{
	struct lane l;
	uint64_t hash = 0xcbf29ce484222325u;

	lane_open(&l, name, SMALL_W, SMALL_H, 20);
	l.wish.restarts = restarts;
	assert_int_equal(scene_init(&l.scene, l.work, &l.wish), 0);
	for (uint64_t i = 0; i < 1300; i += 37) {
		assert_int_equal(scene_draw(l.scene, i, l.luma, NULL), 1);
		hash = hash_more(hash, l.luma, (size_t)SMALL_W * SMALL_H);
	}
	lane_close(&l);
	return hash;
}

static void
assert_hash(const char *name, uint32_t restarts, uint64_t golden)
{
	uint64_t hash = hash_of(name, restarts);

	if (hash != golden)
		fail_msg("synthetic:%s after %u restarts: 0x%016llx", name, restarts, (unsigned long long)hash);
}

/*
 * The numbers are the same with gcc and clang at every level. They change when the lane is drawn
 * differently, and then on purpose; a difference between machines is a fault.
 */
static void
same_seed_same_bytes(void **state)
{
	(void)state;
	assert_hash("7", 0, 0x69dd89706132debe);
	assert_hash("7", 1, 0x5dcc77654abec87b);
	assert_hash("8,night", 0, 0x252917be33ae44fd);
}

static void
other_seed_other_bytes(void **state)
{
	(void)state;
	assert_true(hash_of("7,day", 0) != hash_of("8,day", 0));
	assert_true(hash_of("7,day", 0) != hash_of("7,night", 0));
	assert_true(hash_of("7,dry", 0) != hash_of("7,rain", 0));
}

static void
any_order_of_frames_is_the_same_lane(void **state)
{
	struct lane l;
	uint8_t *kept = malloc((size_t)SMALL_W * SMALL_H);

	(void)state;
	lane_open(&l, "3", SMALL_W, SMALL_H, 0);
	for (uint64_t i = 0; i <= 150; i++)
		assert_int_equal(scene_draw(l.scene, i, l.luma, NULL), 1);
	memcpy(kept, l.luma, (size_t)SMALL_W * SMALL_H);
	assert_int_equal(scene_draw(l.scene, 20, l.luma, NULL), 1);
	assert_int_equal(scene_draw(l.scene, 150, l.luma, NULL), 1);
	assert_memory_equal(kept, l.luma, (size_t)SMALL_W * SMALL_H);
	lane_close(&l);
	free(kept);
}

static void
check_box(const struct box *b)
{
	assert_true(b->x >= 0 && b->y >= 0 && b->w >= 0 && b->h >= 0 && b->x + b->w <= W && b->y + b->h <= H);
}

/* Geometry does not hang on the size of the picture drawn, but here it must be the usual one. */
static void
whole_frames_of(const char *name, uint32_t whole[21])
{
	struct lane l;
	struct scene_truth truth;

	memset(whole, 0, 21 * sizeof(*whole));
	lane_open(&l, name, W, H, 20);
	for (uint64_t i = 0; scene_draw(l.scene, i, l.luma, &truth); i += 4)
		for (uint32_t k = 0; k < truth.n; k++) {
			const struct scene_plate *p = &truth.plates[k];

			check_box(&p->box);
			check_box(&p->windscreen);
			assert_in_range(p->vehicle, 1, 20);
			whole[p->vehicle] += p->box.w >= 50 && p->visible_permille == 1000;
		}
	for (uint32_t v = 1; v <= 20; v++) {
		struct scene_passage passage;

		scene_passage(l.scene, v, &passage);
		if (passage.plate && whole[v] * 4 < 8)
			fail_msg("%s: vehicle %u shows its whole plate in about %u frames", name, v, whole[v] * 4);
	}
	lane_close(&l);
}

static void
every_plate_is_whole_in_enough_frames(void **state)
{
	uint32_t whole[21];

	(void)state;
	whole_frames_of("7,dry", whole);
	whole_frames_of("1234567,day,dry", whole);
}

static int
best_canary(const struct lane *l, const struct box *b)
{
	int best = 0;

	for (int32_t y = b->y; y < b->y + b->h; y += 3) {
		int same = canary_in_row(SPAN(l->luma + (size_t)y * W + (size_t)b->x, (size_t)b->w));

		best = same > best ? same : best;
	}
	return best;
}

/* Looks at vehicles in the middle of the way; returns how many windscreens were looked at. */
static uint32_t
look_for_canary(const char *name)
{
	struct lane l;
	struct scene_truth truth;
	uint32_t looked = 0;

	lane_open(&l, name, W, H, 6);
	for (uint64_t i = 0; scene_draw(l.scene, i, l.luma, &truth); i += 10)
		for (uint32_t k = 0; k < truth.n; k++) {
			const struct scene_plate *p = &truth.plates[k];

			if (p->visible_permille < 1000 || p->box.w < 60)
				continue;
			assert_true(best_canary(&l, &p->box) < CANARY_SURE);
			if (p->windscreen.h < 40 || p->windscreen.w < 150 || p->windscreen.y == 0 || k + 1 != truth.n)
				continue;
			if (best_canary(&l, &p->windscreen) < CANARY_SURE)
				fail_msg("%s: frame %u, vehicle %u: no canary (%d)", name, (unsigned int)i, p->vehicle,
					 best_canary(&l, &p->windscreen));
			looked++;
		}
	lane_close(&l);
	return looked;
}

static void
canary_is_behind_the_windscreen_and_on_no_plate(void **state)
{
	(void)state;
	assert_true(look_for_canary("5,day") >= 5);
	assert_true(look_for_canary("6,night,dry") >= 5);
}

static void
canary_row_is_its_signature(void **state)
{
	uint8_t row[CANARY_CELLS], wide[CANARY_CELLS * 3 + 40];

	(void)state;
	scene_canary_row(row);
	assert_int_equal(canary_in_row(SPAN_OF(row)), 64);
	memset(wide, 90, sizeof(wide));
	for (size_t i = 0; i < CANARY_CELLS * 3; i++)
		wide[17 + i] = row[i / 3] ? 110 : 80;
	assert_int_equal(canary_in_row(SPAN_OF(wide)), 64);
	memset(wide, 90, sizeof(wide));
	assert_int_equal(canary_in_row(SPAN_OF(wide)), 0);
	assert_int_equal(canary_in_row(SPAN(row, 10)), 0);
}

static void
name_is_read_strictly(void **state)
{
	static const char *const bad[] = {"", "x", "-1", "7 ", "7,", "7,,", "7,speed", "7,speed=", "7,speed=0", "7,speed=151",
					  "7,speed=25kmh", "7,gap=99", "7,gap=600001", "7,nightly", "7,Night", "7;night",
					  "18446744073709551616", "7,gap=99999999999999999999"};
	struct scene_wish wish;
	const char *why, *at;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		why = NULL;
		if (scene_parse(&wish, bad[i], &why, &at) == 0)
			fail_msg("'%s' was taken", bad[i]);
		assert_non_null(why);
		assert_true(at >= bad[i] && at <= bad[i] + strlen(bad[i]));
	}
	assert_int_equal(scene_parse(&wish, "18446744073709551615,night,speed=50,gap=700,rain", &why, &at), 0);
	assert_true(wish.seed == UINT64_MAX && wish.light == SCENE_NIGHT && wish.rain == SCENE_RAIN_ALWAYS);
	assert_true(wish.speed_kmh == 50 && wish.gap_ms == 700);
	assert_int_equal(scene_parse(&wish, "7", &why, &at), 0);
	assert_true(wish.speed_kmh == 25 && wish.gap_ms == 1500 && wish.light == SCENE_MIXED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_seed_same_bytes),
		cmocka_unit_test(other_seed_other_bytes),
		cmocka_unit_test(any_order_of_frames_is_the_same_lane),
		cmocka_unit_test(every_plate_is_whole_in_enough_frames),
		cmocka_unit_test(canary_is_behind_the_windscreen_and_on_no_plate),
		cmocka_unit_test(canary_row_is_its_signature),
		cmocka_unit_test(name_is_read_strictly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
