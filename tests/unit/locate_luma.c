/*
 * The luma of a frame is the camera's, in every format; a broken frame is refused and harms nobody.
 */
#include "cm.h"

#include <errno.h>
#include <string.h>

#include "doors/crop/crop.h"
#include "locate/cut.h"
#include "locate/luma.h"

enum { SLOT = 1 << 20 };

static uint8_t memory[LUMA_BYTES];
static uint8_t slot[SLOT];

static int
begin(void **state)
{
	(void)state;
	luma_init(SPACE_OF(memory));
	for (size_t i = 0; i < sizeof(slot); i++)
		slot[i] = (uint8_t)(i * 2654435761u >> 13);
	return 0;
}

static struct frame
frame_of(uint8_t format, uint16_t w, uint16_t h, uint32_t stride)
{
	struct frame f;

	memset(&f, 0, sizeof(f));
	f.format = format;
	f.width_px = w;
	f.height_px = h;
	f.stride_bytes = stride;
	f.size_bytes = (uint32_t)frame_bytes(format, stride, h);
	return f;
}

static void
compare(const struct frame *f, uint32_t step)
{
	struct luma luma;

	assert_int_equal(luma_of(&luma, f, SPAN_OF(slot)), 0);
	assert_int_equal(luma.width_px, f->width_px);
	assert_int_equal(luma.height_px, f->height_px);
	for (uint32_t y = 0; y < f->height_px; y++)
		for (uint32_t x = 0; x < f->width_px; x++)
			assert_int_equal(luma.pixels[y * luma.stride_bytes + x], slot[y * f->stride_bytes + step * x]);
	assert_int_equal(luma_in_place(f->format), luma.pixels == slot);
	luma_done();
}

static void
every_format_and_odd_size(void **state)
{
	static const uint16_t sizes[][2] = {{1, 1}, {2, 1}, {1, 2}, {3, 5}, {17, 31}, {64, 48}, {641, 363}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		for (uint32_t extra = 0; extra <= 6; extra += 2) {
			uint16_t w = sizes[i][0], h = sizes[i][1], even = (uint16_t)(w + w % 2);
			const struct frame frames[] = {
				frame_of(PIXEL_GREY, w, h, w + extra),
				frame_of(PIXEL_NV12, even, (uint16_t)(h + h % 2), even + extra),
				frame_of(PIXEL_YUYV, even, h, 2 * even + extra),
			};

			for (size_t k = 0; k < ARRAY_SIZE(frames); k++)
				compare(&frames[k], frames[k].format == PIXEL_YUYV ? 2 : 1);
		}
}

static void
is_wiped_when_done(void **state)
{
	struct frame f = frame_of(PIXEL_YUYV, 64, 48, 128);
	struct luma luma;

	(void)state;
	assert_int_equal(luma_of(&luma, &f, SPAN_OF(slot)), 0);
	luma_done();
	for (size_t i = 0; i < 64 * 48; i++)
		assert_int_equal(memory[i], 0);
}

static struct frame
jpeg_frame(uint16_t w, uint16_t h)
{
	static uint8_t pixels[640 * 480];
	struct frame f = frame_of(PIXEL_MJPEG, w, h, 0);
	int64_t n;

	for (size_t i = 0; i < (size_t)w * h; i++)
		pixels[i] = (uint8_t)(i % w * 3 + i / w);
	n = cut_encode(pixels, w, h, CROP_JPEG, 95, SPACE_OF(slot));
	assert_true(n > 0);
	f.size_bytes = (uint32_t)n;
	return f;
}

static void
mjpeg_is_what_was_encoded(void **state)
{
	struct frame f = jpeg_frame(61, 47);
	struct luma luma;

	(void)state;
	assert_int_equal(luma_of(&luma, &f, SPAN_OF(slot)), 0);
	for (int y = 0; y < 47; y++)
		for (int x = 0; x < 61; x++)
			assert_true(abs(luma.pixels[y * 61 + x] - (x * 3 + y)) < 12);
	luma_done();
}

static void
mjpeg_cut_short_anywhere_is_refused(void **state)
{
	struct frame f = jpeg_frame(40, 24), cut = f;
	struct luma luma;

	(void)state;
	/* the last two bytes say that it ends; nothing is lost without them but the certainty */
	for (uint32_t n = 0; n < f.size_bytes; n++) {
		cut.size_bytes = n;
		if (luma_of(&luma, &cut, SPAN_OF(slot)) != -EBADMSG)
			fail_msg("taken with %u of %u bytes", n, f.size_bytes);
	}
	assert_int_equal(luma_of(&luma, &f, SPAN_OF(slot)), 0);
	luma_done();
}

static void
mjpeg_with_any_byte_changed_harms_nobody(void **state)
{
	struct frame f = jpeg_frame(40, 24);
	struct luma luma;

	(void)state;
	for (uint32_t i = 0; i < f.size_bytes; i++)
		for (int bit = 0; bit < 8; bit += 3) {
			int err;

			slot[i] ^= (uint8_t)(1 << bit);
			err = luma_of(&luma, &f, SPAN_OF(slot));
			assert_true(err == 0 || err == -EBADMSG);
			luma_done();
			slot[i] ^= (uint8_t)(1 << bit);
		}
	assert_int_equal(luma_of(&luma, &f, SPAN_OF(slot)), 0);
	luma_done();
}

static void
mjpeg_of_another_size_is_refused(void **state)
{
	struct frame f = jpeg_frame(40, 24);
	struct luma luma;

	(void)state;
	f.height_px = 23;
	assert_int_equal(luma_of(&luma, &f, SPAN_OF(slot)), -EBADMSG);
	f.height_px = 24;
	f.width_px = 80;
	assert_int_equal(luma_of(&luma, &f, SPAN_OF(slot)), -EBADMSG);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(every_format_and_odd_size, begin),
		cmocka_unit_test_setup(is_wiped_when_done, begin),
		cmocka_unit_test_setup(mjpeg_is_what_was_encoded, begin),
		cmocka_unit_test_setup(mjpeg_cut_short_anywhere_is_refused, begin),
		cmocka_unit_test_setup(mjpeg_with_any_byte_changed_harms_nobody, begin),
		cmocka_unit_test_setup(mjpeg_of_another_size_is_refused, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
