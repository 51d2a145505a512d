/*
 * The picture decoder: what it shows, and all it refuses, cut and changed at every place.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cm.h"
#include "hal/picture.h"
#include "pictures.h"

enum { W = 72, H = 40, ROOM = 1 << 16 };

static uint8_t luma[W * H], back[W * H], file[ROOM];

static void
shown(size_t n, int tolerance)
{
	struct picture_info info;

	assert_int_equal(picture_luma(SPAN(file, n), W, H, SPACE_OF(back), &info), 0);
	assert_true(info.width_px == W && info.height_px == H);
	for (int i = 0; i < W * H; i++)
		assert_in_range(back[i] + tolerance, luma[i], luma[i] + 2 * tolerance);
}

static void
every_kind_shows_its_luma(void **state)
{
	int64_t n;

	(void)state;
	shown(picture_make_jpeg(file, ROOM, luma, W, H, JPEG_BASELINE), 12);
	shown(picture_make_jpeg(file, ROOM, luma, W, H, JPEG_PROGRESSIVE), 12);
	shown(picture_make_png(file, ROOM, luma, W, H), 0);
	n = picture_to_jpeg(luma, W, H, W, 95, SPACE_OF(file));
	assert_true(n > 0);
	shown((size_t)n, 10);
}

static void
header_tells_what_it_is(void **state)
{
	struct picture_info info;

	(void)state;
	assert_int_equal(picture_probe(SPAN(file, picture_make_jpeg(file, ROOM, luma, W, H, JPEG_PROGRESSIVE)), &info), 0);
	assert_true(info.kind == PICTURE_JPEG && !info.baseline && info.width_px == W);
	assert_int_equal(picture_probe(SPAN(file, picture_make_jpeg(file, ROOM, luma, W, H, JPEG_BASELINE)), &info), 0);
	assert_true(info.baseline);
	assert_int_equal(picture_probe(SPAN(file, picture_make_png(file, ROOM, luma, W, H)), &info), 0);
	assert_true(info.kind == PICTURE_PNG && info.height_px == H);
	assert_int_equal(picture_probe(SPAN((const uint8_t *)"GIF89a", 6), &info), -EBADMSG);
	assert_int_equal(picture_probe(SPAN(file, 0), &info), -EBADMSG);
}

static void
cut_pictures_are_broken(size_t n, size_t tail)
{
	struct picture_info info;

	for (size_t k = 0; k + tail < n; k += 3) {
		uint8_t *exact = malloc(k + 1); /* so that a read past the end is seen */

		memcpy(exact, file, k);
		if (picture_luma(SPAN(exact, k), W, H, SPACE_OF(back), &info) != -EBADMSG)
			fail_msg("cut to %u of %u bytes it was taken", (unsigned int)k, (unsigned int)n);
		free(exact);
	}
}

static void
a_picture_cut_anywhere_is_broken(void **state)
{
	(void)state;
	cut_pictures_are_broken(picture_make_jpeg(file, ROOM, luma, W, H, JPEG_BASELINE), 4);
	cut_pictures_are_broken(picture_make_jpeg(file, ROOM, luma, W, H, JPEG_PROGRESSIVE), 4);
	/* 12 bytes of IEND, and the check of the data before it */
	cut_pictures_are_broken(picture_make_png(file, ROOM, luma, W, H), 16);
}

static void
a_changed_byte_is_survived(void **state)
{
	struct picture_info info;
	size_t n = picture_make_jpeg(file, ROOM, luma, W, H, JPEG_PROGRESSIVE);

	(void)state;
	for (size_t k = 0; k < n; k++) {
		file[k] ^= 0x55;
		(void)!picture_luma(SPAN(file, n), W, H, SPACE_OF(back), &info);
		file[k] ^= 0x55;
	}
	n = picture_make_png(file, ROOM, luma, W, H);
	for (size_t k = 0; k < n; k++) {
		file[k] ^= 0x55;
		/* behind the last pixel the library looks no further; the picture must then be whole */
		if (picture_luma(SPAN(file, n), W, H, SPACE_OF(back), &info) == 0)
			assert_memory_equal(back, luma, sizeof(luma));
		file[k] ^= 0x55;
	}
}

static void
too_large_is_told_from_the_header(void **state)
{
	struct picture_info info;
	size_t n = picture_make_jpeg(file, ROOM, luma, W, H, JPEG_BASELINE);

	(void)state;
	assert_int_equal(picture_luma(SPAN(file, n), W - 1, H, SPACE_OF(back), &info), -EFBIG);
	assert_int_equal(picture_luma(SPAN(file, n), W, H - 1, SPACE_OF(back), &info), -EFBIG);
	assert_int_equal(picture_luma(SPAN(file, n), W, H, SPACE(back, sizeof(back) - 1), &info), -EFBIG);
	n = picture_make_png(file, ROOM, luma, W, H);
	assert_int_equal(picture_luma(SPAN(file, n), W - 1, H, SPACE_OF(back), &info), -EFBIG);
}

/* 4096 x 3072 of three full planes: more than the room's library memory could hold. */
static void
progressive_too_large_for_memory_is_refused(void **state)
{
	struct picture_info info;
	size_t n = picture_make_jpeg(file, ROOM, luma, W, H, JPEG_PROGRESSIVE), most = 4096u * 3072u;
	uint8_t *large = malloc(most), *p = file;

	(void)state;
	while (!(p[0] == 0xff && p[1] == 0xc2))
		p++;
	p[5] = 3072 >> 8;
	p[6] = 3072 & 255;
	p[7] = 4096 >> 8;
	p[8] = 4096 & 255;
	p[11] = 0x22; /* no plane is halved */
	p[14] = 0x22;
	p[17] = 0x22;
	assert_int_equal(picture_luma(SPAN(file, n), 4096, 3072, SPACE(large, most), &info), -ENOMEM);
	free(large);
}

static void
jpeg_that_does_not_fit_is_no_jpeg(void **state)
{
	uint8_t few[200];

	(void)state;
	assert_int_equal(picture_to_jpeg(luma, W, H, W, 90, SPACE_OF(few)), -ENOSPC);
	assert_int_equal(picture_to_jpeg(luma, 0, H, W, 90, SPACE_OF(file)), -EINVAL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_shows_its_luma),
		cmocka_unit_test(header_tells_what_it_is),
		cmocka_unit_test(a_picture_cut_anywhere_is_broken),
		cmocka_unit_test(a_changed_byte_is_survived),
		cmocka_unit_test(too_large_is_told_from_the_header),
		cmocka_unit_test(progressive_too_large_for_memory_is_refused),
		cmocka_unit_test(jpeg_that_does_not_fit_is_no_jpeg),
	};

	picture_paint(luma, W, H, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
