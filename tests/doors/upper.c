/*
 * The doors on which pixels are spoken of: frame and crop.
 */
#include <errno.h>

#include "doors/crop/crop.h"
#include "doors/frame/frame.h"
#include "doors/vitals/vitals.h"
#include "door.h"

static const struct frame example_frame = {
    .slot = 2,
    .size_bytes = 640 * 480,
    .width_px = 639,
    .height_px = 480,
    .stride_bytes = 640,
    .format = PIXEL_GREY,
    .source = SOURCE_SYNTHETIC,
    .sequence = 77,
    .at_us = 1000000,
    .utc_us = 1700000000000000,
    .exposure_us = 500,
    .gain_milli = 1000,
    .name = "lane 1.png",
};

static const uint8_t picture[] = {0xff, 0xd8, 0xff, 0xd9};

static const struct crop example_crop = {
    .passage = 5,
    .source = SOURCE_REPLAY,
    .direction = CROP_APPROACHING,
    .lane = 3,
    .frame_width_px = 1280,
    .frame_height_px = 720,
    .frames_seen = 12,
    .first_utc_us = 1700000000000000,
    .last_utc_us = 1700000000400000,
    .n_views = 2,
    .views =
	{
	    {.plate = {100, 200, 90, 30},
	     .crop = {90, 190, 110, 50},
	     .utc_us = 1700000000100000,
	     .score_permille = 930,
	     .sharpness_milli = 4000,
	     .exposure_us = 500,
	     .encoding = CROP_JPEG,
	     .name = "a.jpg",
	     .bytes = {picture, sizeof(picture)}},
	    {.plate = {1279, 719, 1, 1},
	     .crop = {0, 0, 1280, 720},
	     .utc_us = 1700000000100000,
	     .score_permille = 0,
	     .encoding = CROP_PNG,
	     .bytes = {picture, 1}},
	},
};

static int
frame_again(struct span bytes, struct space again, int64_t *n)
{
	struct frame f;
	int err = frame_decode(&f, bytes);

	if (err < 0)
		return err;
	assert_in_range(f.slot, 0, CONFIG_FRAME_SLOTS - 1);
	assert_in_range(f.format, PIXEL_GREY, PIXEL_MJPEG);
	assert_in_range(f.source, SOURCE_SENSOR, SOURCE_SYNTHETIC);
	assert_in_range(f.width_px, 1, CONFIG_FRAME_MAX_WIDTH_PX);
	assert_in_range(f.height_px, 1, CONFIG_FRAME_MAX_HEIGHT_PX);
	assert_in_range(f.size_bytes, 1, FRAME_SLOT_BYTES);
	assert_true(f.format == PIXEL_MJPEG || (uint64_t)f.stride_bytes * f.height_px <= f.size_bytes);
	assert_null(memchr(f.name, '/', sizeof(f.name)));
	*n = frame_encode(&f, again);
	return 0;
}

static int
release_again(struct span bytes, struct space again, int64_t *n)
{
	struct frame_release r;
	int err = frame_release_decode(&r, bytes);

	if (err < 0)
		return err;
	assert_in_range(r.slot, 0, CONFIG_FRAME_SLOTS - 1);
	*n = frame_release_encode(&r, again);
	return 0;
}

static int
light_again(struct span bytes, struct space again, int64_t *n)
{
	struct frame_light l;
	int err = frame_light_decode(&l, bytes);

	if (err < 0)
		return err;
	assert_in_range(l.of, LIGHT_PLATE, LIGHT_SCENE);
	*n = frame_light_encode(&l, again);
	return 0;
}

static void
assert_inside(const struct box *b, const struct crop *c)
{
	assert_true(b->x >= 0 && b->y >= 0 && b->w > 0 && b->h > 0);
	assert_true((int64_t)b->x + b->w <= c->frame_width_px && (int64_t)b->y + b->h <= c->frame_height_px);
}

static int
crop_again(struct span bytes, struct space again, int64_t *n)
{
	struct crop c;
	int err = crop_decode(&c, bytes);

	if (err < 0)
		return err;
	assert_in_range(c.n_views, 1, CROP_VIEWS_MAX);
	assert_true(c.first_utc_us >= 0 && c.first_utc_us <= c.last_utc_us);
	for (uint32_t i = 0; i < c.n_views; i++) {
		assert_inside(&c.views[i].plate, &c);
		assert_inside(&c.views[i].crop, &c);
		assert_in_range(c.views[i].encoding, CROP_JPEG, CROP_PNG);
		assert_true(c.views[i].bytes.n > 0 && c.views[i].bytes.p >= bytes.p);
		assert_true(c.views[i].bytes.p + c.views[i].bytes.n <= bytes.p + bytes.n);
	}
	*n = crop_encode(&c, again);
	return 0;
}

static int
crop_ack_again(struct span bytes, struct space again, int64_t *n)
{
	struct crop_ack a;
	int err = crop_ack_decode(&a, bytes);

	if (err < 0)
		return err;
	*n = crop_ack_encode(&a, again);
	return 0;
}

static int
vital_again(struct span bytes, struct space again, int64_t *n)
{
	struct vital_message m;
	int err = vitals_decode(&m, bytes);

	if (err < 0)
		return err;
	assert_in_range(m.vital, 0, VITAL_COUNT - 1);
	*n = vitals_encode(&m, again);
	return 0;
}

static void
a_frame_is_whole_or_refused(void **state)
{
	uint8_t bytes[FRAME_MESSAGE_MAX];
	struct frame f = example_frame;
	int n;

	(void)state;
	n = frame_encode(&f, SPACE_OF(bytes));
	assert_int_equal(n, 114);
	door_test(frame_again, bytes, (size_t)n);
	assert_int_equal(frame_encode(&f, SPACE(bytes, 113)), -ENOSPC);
}

/* One field wrong at a time: the encoder of a room that made the mistake is what ends. */
static void
encode_frame(void *arg)
{
	uint8_t bytes[FRAME_MESSAGE_MAX];

	if (frame_encode(arg, SPACE_OF(bytes)) < 0)
		_exit(1);
}

static void
a_frame_fits_its_slot(void **state)
{
	static const struct {
		uint8_t format;
		uint16_t width, height;
		uint32_t stride, size;
		int good;
	} rows[] = {
	    {PIXEL_GREY, 640, 480, 640, 640 * 480, 1},
	    {PIXEL_GREY, 641, 480, 640, 641 * 480, 0},
	    {PIXEL_GREY, 640, 480, 640, 640 * 480 - 1, 0},
	    {PIXEL_GREY, 640, 480, UINT32_MAX, 640 * 480, 0},
	    {PIXEL_GREY, CONFIG_FRAME_MAX_WIDTH_PX, CONFIG_FRAME_MAX_HEIGHT_PX, CONFIG_FRAME_MAX_WIDTH_PX,
	     CONFIG_FRAME_MAX_WIDTH_PX * CONFIG_FRAME_MAX_HEIGHT_PX, 1},
	    {PIXEL_GREY, CONFIG_FRAME_MAX_WIDTH_PX + 1, 10, CONFIG_FRAME_MAX_WIDTH_PX + 1, FRAME_SLOT_BYTES,
	     0},
	    {PIXEL_GREY, 10, CONFIG_FRAME_MAX_HEIGHT_PX + 1, 10, FRAME_SLOT_BYTES, 0},
	    {PIXEL_GREY, 640, 480, 640, FRAME_SLOT_BYTES + 1U, 0},
	    {PIXEL_GREY, 0, 480, 640, 640 * 480, 0},
	    {PIXEL_GREY, 640, 0, 640, 640 * 480, 0},
	    {PIXEL_NV12, 640, 480, 640, 640 * 720, 1},
	    {PIXEL_NV12, 640, 480, 640, 640 * 720 - 1, 0},
	    {PIXEL_NV12, 640, 481, 640, 640 * (481 + 241), 1},
	    {PIXEL_NV12, 640, 481, 640, 640 * (481 + 240), 0},
	    {PIXEL_YUYV, 640, 480, 1280, 1280 * 480, 1},
	    {PIXEL_YUYV, 640, 480, 1279, 1280 * 480, 0},
	    {PIXEL_MJPEG, 640, 480, 0, 1, 1},
	    {PIXEL_MJPEG, 640, 480, 640, 1000, 0},
	    {PIXEL_MJPEG, 640, 480, 0, 0, 0},
	    {0, 640, 480, 640, 640 * 480, 0},
	    {5, 640, 480, 640, 640 * 480, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct frame f = example_frame;

		f.format = rows[i].format;
		f.width_px = rows[i].width;
		f.height_px = rows[i].height;
		f.stride_bytes = rows[i].stride;
		f.size_bytes = rows[i].size;
		assert_int_equal(aborts(encode_frame, &f), !rows[i].good);
	}
}

static void
a_release_is_whole_or_refused(void **state)
{
	const struct frame_release r = {.slot = 1, .sequence = 9};
	uint8_t bytes[12];

	(void)state;
	assert_int_equal(frame_release_encode(&r, SPACE_OF(bytes)), sizeof(bytes));
	door_test(release_again, bytes, sizeof(bytes));
}

static void
a_light_is_whole_or_refused(void **state)
{
	const struct frame_light l = {.sequence = 9, .of = LIGHT_SCENE, .luma = 200};
	uint8_t bytes[10];

	(void)state;
	assert_int_equal(frame_light_encode(&l, SPACE_OF(bytes)), sizeof(bytes));
	door_test(light_again, bytes, sizeof(bytes));
}

static void
a_crop_is_whole_or_refused(void **state)
{
	uint8_t bytes[2048];
	int64_t n;

	(void)state;
	n = crop_encode(&example_crop, SPACE_OF(bytes));
	assert_int_equal(n, 37 + 2 * 121 + 5);
	door_test(crop_again, bytes, (size_t)n);
	assert_int_equal(crop_encode(&example_crop, SPACE(bytes, (size_t)n - 1)), -ENOSPC);
}

static void
encode_crop(void *arg)
{
	uint8_t bytes[2048];

	if (crop_encode(arg, SPACE_OF(bytes)) < 0)
		_exit(1);
}

static void
a_crop_out_of_range_ends_the_room_that_made_it(void **state)
{
	struct crop c = example_crop;

	(void)state;
	assert_false(aborts(encode_crop, &c));
	c.n_views = 0;
	assert_true(aborts(encode_crop, &c));
	c.n_views = CROP_VIEWS_MAX + 1;
	assert_true(aborts(encode_crop, &c));
	c.n_views = CROP_VIEWS_MAX;
	for (uint32_t i = 1; i < CROP_VIEWS_MAX; i++)
		c.views[i] = c.views[0];
	assert_false(aborts(encode_crop, &c));
	c = example_crop;
	c.last_utc_us = c.first_utc_us - 1;
	assert_true(aborts(encode_crop, &c));
	c = example_crop;
	c.views[1].crop.w++;
	assert_true(aborts(encode_crop, &c));
	c = example_crop;
	c.views[0].plate.x = -1;
	assert_true(aborts(encode_crop, &c));
	c = example_crop;
	c.views[0].plate.h = 0;
	assert_true(aborts(encode_crop, &c));
	c = example_crop;
	c.views[0].score_permille = 1001;
	assert_true(aborts(encode_crop, &c));
	c = example_crop;
	c.views[0].bytes.n = 0;
	assert_true(aborts(encode_crop, &c));
	c = example_crop;
	memset(c.views[0].name, 'a', sizeof(c.views[0].name));
	assert_true(aborts(encode_crop, &c));
}

static void
a_passage_over_the_limit_is_not_encoded(void **state)
{
	struct crop c = example_crop;
	uint8_t *large = calloc(1, CROP_MESSAGE_MAX), *into = malloc(CROP_MESSAGE_MAX * 2);

	(void)state;
	assert_true(large && into);
	c.views[0].bytes = SPAN(large, CROP_MESSAGE_MAX - 37 - 2 * 121 - 1);
	assert_int_equal(crop_encode(&c, SPACE(into, CROP_MESSAGE_MAX * 2)), CROP_MESSAGE_MAX);
	c.views[0].bytes.n++;
	assert_int_equal(crop_encode(&c, SPACE(into, CROP_MESSAGE_MAX * 2)), -ENOSPC);
	free(large);
	free(into);
}

static void
a_crop_ack_is_whole_or_refused(void **state)
{
	const struct crop_ack a = {.passage = 0x0102030405060708, .stored = 1};
	uint8_t bytes[CROP_ACK_BYTES];

	(void)state;
	assert_int_equal(crop_ack_encode(&a, SPACE_OF(bytes)), sizeof(bytes));
	door_test(crop_ack_again, bytes, sizeof(bytes));
}

static void
a_vital_is_whole_or_refused(void **state)
{
	const struct vital_message m = {.vital = VITAL_COUNT - 1, .value = -3};
	uint8_t bytes[VITALS_MESSAGE_BYTES];

	(void)state;
	assert_int_equal(vitals_encode(&m, SPACE_OF(bytes)), sizeof(bytes));
	door_test(vital_again, bytes, sizeof(bytes));
	assert_string_equal(vitals_name(VITAL_ready), "ready");
	assert_string_equal(vitals_name(VITAL_COUNT), "unknown");
}

int
main(void)
{
	const struct CMUnitTest all[] = {
	    cmocka_unit_test(a_frame_is_whole_or_refused),
	    cmocka_unit_test(a_frame_fits_its_slot),
	    cmocka_unit_test(a_release_is_whole_or_refused),
	    cmocka_unit_test(a_light_is_whole_or_refused),
	    cmocka_unit_test(a_crop_is_whole_or_refused),
	    cmocka_unit_test(a_crop_out_of_range_ends_the_room_that_made_it),
	    cmocka_unit_test(a_passage_over_the_limit_is_not_encoded),
	    cmocka_unit_test(a_crop_ack_is_whole_or_refused),
	    cmocka_unit_test(a_vital_is_whole_or_refused),
	};

	return cmocka_run_group_tests(all, NULL, NULL);
}
