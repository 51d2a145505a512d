/*
 * hal/camera.h, kept by the simulated cameras: formats, times, stills, sequences,
 * Y4M, and every kind of picture that cannot be used.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "capture/expose.h"
#include "cm.h"
#include "hal/camera.h"
#include "hal/picture.h"
#include "pictures.h"

enum { W = 160, H = 96, FILE_ROOM = 1 << 20 };

static uint8_t luma[2][W * H], file[FILE_ROOM], *slot;

static struct hal_camera_wish
wish_for(const char *name, int folder_fd)
{
	return (struct hal_camera_wish){.name = name, .folder_fd = folder_fd, .format = PIXEL_GREY, .width_px = W, .height_px = H,
					.rate_mhz = 25000, .still_frames = 3, .gap_ms = 500, .vehicles = 1};
}

static int
folder_with_two(void)
{
	int fd = pictures_folder();
	size_t n;

	picture_paint(luma[0], W, H, 0);
	picture_paint(luma[1], W, H, 3);
	n = picture_make_png(file, FILE_ROOM, luma[1], W, H);
	picture_store(fd, "b.PNG", file, n);
	n = picture_make_jpeg(file, FILE_ROOM, luma[0], W, H, JPEG_BASELINE);
	picture_store(fd, "a.jpg", file, n);
	picture_store(fd, "notes.txt", "no picture", 10);
	return fd;
}

/* Largest difference of luma, whatever the format the frame came in. */
static int
apart(const struct frame *f, const uint8_t *from)
{
	static uint8_t decoded[W * H];
	struct picture_info info;
	int most = 0;

	if (f->format == PIXEL_MJPEG)
		assert_int_equal(picture_luma(SPAN(slot, f->size_bytes), W, H, SPACE_OF(decoded), &info), 0);
	for (int i = 0; i < W * H; i++) {
		int at = f->format == PIXEL_MJPEG ? decoded[i] : f->format == PIXEL_YUYV ? slot[2 * i] : slot[i];
		int off = at > from[i] ? at - from[i] : from[i] - at;

		most = off > most ? off : most;
	}
	return most;
}

static void
check_frame(const struct frame *f, uint8_t format, uint8_t source, uint64_t sequence)
{
	assert_int_equal(f->format, format);
	assert_int_equal(f->source, source);
	assert_int_equal(f->width_px, W);
	assert_int_equal(f->height_px, H);
	assert_int_equal(f->sequence, sequence);
	assert_int_equal(f->slot, 5);
	assert_true(f->at_us >= 0 && f->utc_us > 1500000000000000);
	if (format == PIXEL_MJPEG)
		assert_int_equal(f->stride_bytes, 0);
	else
		assert_int_equal(f->size_bytes, frame_bytes(format, f->stride_bytes, H));
}

static void
each_format_shows_the_same_picture(void **state)
{
	static const uint8_t formats[] = {PIXEL_GREY, PIXEL_NV12, PIXEL_YUYV, PIXEL_MJPEG};
	int fd = folder_with_two();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		struct hal_camera_wish wish = wish_for("replay:", fd);
		struct hal_camera *cam;
		struct frame f = {.slot = 5};

		wish.format = formats[i];
		assert_int_equal(hal_camera_open(&cam, &wish), 0);
		for (uint64_t n = 0; n < 6; n++) {
			assert_int_equal(hal_camera_read(cam, SPACE(slot, FRAME_SLOT_BYTES), &f, 100), 1);
			check_frame(&f, formats[i], SOURCE_REPLAY, n);
			assert_true(apart(&f, luma[n / 3]) <= 12);
			assert_string_equal(f.name, n < 3 ? "a.jpg" : "b.PNG");
		}
		assert_int_equal(hal_camera_read(cam, SPACE(slot, FRAME_SLOT_BYTES), &f, 100), -ENODATA);
		assert_int_equal(hal_camera_skipped(cam), 0);
		hal_camera_close(cam);
	}
	pictures_gone(fd);
}

static void
stills_stand_and_leave_a_gap(void **state)
{
	int fd = folder_with_two();
	struct hal_camera_wish wish = wish_for("replay:", fd);
	struct hal_camera *cam;
	struct frame f = {.slot = 5};
	int64_t at[6], utc[6];

	(void)state;
	assert_int_equal(hal_camera_open(&cam, &wish), 0);
	for (int i = 0; i < 6; i++) {
		assert_int_equal(hal_camera_read(cam, SPACE(slot, FRAME_SLOT_BYTES), &f, 100), 1);
		at[i] = f.at_us;
		utc[i] = f.utc_us;
	}
	for (int i = 1; i < 6; i++) {
		assert_int_equal(at[i] - at[i - 1], i == 3 ? 540000 : 40000);
		assert_int_equal(utc[i] - utc[i - 1], at[i] - at[i - 1]);
	}
	hal_camera_close(cam);
	pictures_gone(fd);
}

static void
no_still_frames_makes_a_sequence(void **state)
{
	int fd = folder_with_two();
	struct hal_camera_wish wish = wish_for("replay:", fd);
	struct hal_camera *cam;
	struct frame f = {.slot = 5};
	int64_t first;

	(void)state;
	wish.still_frames = 0;
	assert_int_equal(hal_camera_open(&cam, &wish), 0);
	assert_int_equal(hal_camera_read(cam, SPACE(slot, FRAME_SLOT_BYTES), &f, 100), 1);
	first = f.at_us;
	assert_int_equal(hal_camera_read(cam, SPACE(slot, FRAME_SLOT_BYTES), &f, 100), 1);
	assert_int_equal(f.at_us - first, 40000);
	assert_int_equal(hal_camera_read(cam, SPACE(slot, FRAME_SLOT_BYTES), &f, 100), -ENODATA);
	hal_camera_close(cam);
	pictures_gone(fd);
}

static void
by_the_clock_a_frame_comes_when_it_is_due(void **state)
{
	int fd = folder_with_two();
	struct hal_camera_wish wish = wish_for("replay:", fd);
	struct hal_camera *cam;
	struct frame f = {.slot = 5};
	int64_t began_us;
	int waits = 0, got;

	(void)state;
	wish.real_time = 1;
	wish.gap_ms = 100;
	began_us = clock_us(CLOCK_MONOTONIC);
	assert_int_equal(hal_camera_open(&cam, &wish), 0);
	while ((got = hal_camera_read(cam, SPACE(slot, FRAME_SLOT_BYTES), &f, 10)) >= 0)
		waits += got == 0;
	assert_int_equal(got, -ENODATA);
	/* 4 periods of 40 ms and a gap of 100, in steps of 10, of which a busy machine makes fewer and longer ones. */
	assert_true(clock_us(CLOCK_MONOTONIC) - began_us >= 260000);
	assert_true(waits >= 3);
	hal_camera_close(cam);
	pictures_gone(fd);
}

static void
store_y4m(int fd, const char *name, const char *colour, size_t chroma, size_t cut)
{
	size_t n = (size_t)snprintf((char *)file, FILE_ROOM, "YUV4MPEG2 W%d H%d F25:1 Ip A1:1%s\n", W, H, colour);

	for (int i = 0; i < 2; i++) {
		n += (size_t)snprintf((char *)file + n, FILE_ROOM - n, "FRAME%s\n", i ? " Ip" : "");
		memcpy(file + n, luma[i], sizeof(luma[i]));
		memset(file + n + sizeof(luma[i]), 128, chroma);
		n += sizeof(luma[i]) + chroma;
	}
	picture_store(fd, name, file, n - cut);
}

static void
y4m_of_every_shape_plays(void **state)
{
	static const struct {
		const char *colour;
		size_t chroma;
	} shapes[] = {{"", W * H / 2}, {" Cmono", 0}, {" C420jpeg", W * H / 2}, {" C422", W * H}, {" C444", 2 * W * H}};
	int fd = folder_with_two();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(shapes); i++) {
		struct hal_camera_wish wish = wish_for("replay:film.y4m", fd);
		struct hal_camera *cam;
		struct frame f = {.slot = 5};

		store_y4m(fd, "film.y4m", shapes[i].colour, shapes[i].chroma, 0);
		assert_int_equal(hal_camera_open(&cam, &wish), 0);
		for (int k = 0; k < 2; k++) {
			assert_int_equal(hal_camera_read(cam, SPACE(slot, FRAME_SLOT_BYTES), &f, 100), 1);
			assert_int_equal(apart(&f, luma[k]), 0);
		}
		assert_int_equal(hal_camera_read(cam, SPACE(slot, FRAME_SLOT_BYTES), &f, 100), -ENODATA);
		hal_camera_close(cam);
	}
	pictures_gone(fd);
}

static void
y4m_that_ends_early_keeps_its_whole_frames(void **state)
{
	int fd = folder_with_two();
	struct hal_camera_wish wish = wish_for("replay:film.y4m", fd);
	struct hal_camera *cam;
	struct frame f = {.slot = 5};

	(void)state;
	store_y4m(fd, "film.y4m", " Cmono", 0, 7);
	assert_int_equal(hal_camera_open(&cam, &wish), 0);
	assert_int_equal(hal_camera_read(cam, SPACE(slot, FRAME_SLOT_BYTES), &f, 100), 1);
	assert_int_equal(hal_camera_read(cam, SPACE(slot, FRAME_SLOT_BYTES), &f, 100), -ENODATA);
	assert_int_equal(hal_camera_skipped(cam), 1);
	hal_camera_close(cam);
	pictures_gone(fd);
}

static void
what_cannot_be_used_is_skipped_and_counted(void **state)
{
	/* a header of 65500 x 65500, and nothing behind it */
	static const uint8_t absurd[] = {0xff, 0xd8, 0xff, 0xc0, 0, 11, 8, 0xff, 0xdc, 0xff, 0xdc, 1, 1, 0x11, 0, 0xff, 0xd9};
	int fd = folder_with_two();
	struct hal_camera_wish wish = wish_for("replay:", fd);
	struct hal_camera *cam;
	struct frame f = {.slot = 5};
	size_t n;
	int frames = 0, got;

	(void)state;
	n = picture_make_jpeg(file, FILE_ROOM, luma[0], W, H, JPEG_BASELINE);
	picture_store(fd, "0-cut.jpg", file, n / 2);
	picture_store(fd, "1-empty.png", "", 0);
	picture_store(fd, "2-text.jpeg", "hello", 5);
	picture_store(fd, "3-absurd.jpg", absurd, sizeof(absurd));
	n = picture_make_png(file, FILE_ROOM, luma[0], W, H);
	picture_store(fd, "b-cut.png", file, n - 40);
	picture_store(fd, "c-deep.y4m", "YUV4MPEG2 W8 H8 C420p10\nFRAME\n", 30);
	picture_store(fd, "d-wide.y4m", "YUV4MPEG2 W60000 H8 Cmono\nFRAME\n", 32);
	picture_store(fd, "e-short.y4m", "YUV4MPEG2 W8 H8 Cmono\nFRAME\nxx", 30);
	assert_int_equal(symlinkat("/nonexistent", fd, "f-nowhere.png"), 0);
	assert_int_equal(mkdirat(fd, "g-folder.jpg", 0700), 0);
	assert_int_equal(mkfifoat(fd, "h-pipe.jpg", 0600), 0);
	n = picture_make_jpeg(file, FILE_ROOM, luma[0], W, H, JPEG_CMYK);
	picture_store(fd, "i-print.jpg", file, n);
	assert_int_equal(hal_camera_open(&cam, &wish), 0);
	while ((got = hal_camera_read(cam, SPACE(slot, FRAME_SLOT_BYTES), &f, 100)) == 1)
		frames++;
	assert_int_equal(got, -ENODATA);
	assert_int_equal(frames, 6);
	assert_int_equal(hal_camera_skipped(cam), 12);
	hal_camera_close(cam);
	pictures_gone(fd);
}

static void
refused(const char *name, int fd, int expected)
{
	struct hal_camera_wish wish = wish_for(name, fd);
	struct hal_camera *cam;
	int err = hal_camera_open(&cam, &wish);

	if (err != expected)
		fail_msg("'%s': %d, not %d", name, err, expected);
}

static void
what_cannot_be_a_camera_is_refused(void **state)
{
	int fd = pictures_folder();

	(void)state;
	refused("replay:", fd, -ENODEV);
	refused("replay:", -1, -ENODEV);
	picture_store(fd, "a.jpg", "hello", 5);
	refused("replay:", fd, -ENODEV);
	refused("replay:film.y4m", fd, -ENODEV);
	refused("replay:../film.y4m", fd, -EINVAL);
	refused("replay:film.mp4", fd, -EINVAL);
	refused("webcam", fd, -ENODEV);
	refused("synthetic:", -1, -EINVAL);
	refused("synthetic:7,fog", -1, -EINVAL);
	pictures_gone(fd);
}

static void
names_are_made_harmless(void **state)
{
	int fd = pictures_folder();
	struct hal_camera_wish wish = wish_for("replay:", fd);
	struct hal_camera *cam;
	struct frame f = {.slot = 5};
	size_t n;

	(void)state;
	n = picture_make_png(file, FILE_ROOM, luma[0], W, H);
	picture_store(fd, "a\nb\x1b[2J.png", file, n);
	picture_store(fd, "z0123456789012345678901234567890123456789012345678901234567890123456789.png", file, n);
	wish.still_frames = 0;
	assert_int_equal(hal_camera_open(&cam, &wish), 0);
	assert_int_equal(hal_camera_read(cam, SPACE(slot, FRAME_SLOT_BYTES), &f, 100), 1);
	assert_string_equal(f.name, "a_b_[2J.png");
	assert_int_equal(hal_camera_read(cam, SPACE(slot, FRAME_SLOT_BYTES), &f, 100), 1);
	assert_int_equal(strlen(f.name), FRAME_NAME_BYTES - 1);
	hal_camera_close(cam);
	pictures_gone(fd);
}

static void
drawn_lane_comes_in_every_format_and_ends(void **state)
{
	static const uint8_t formats[] = {PIXEL_GREY, PIXEL_NV12, PIXEL_YUYV, PIXEL_MJPEG};
	static uint8_t first[W * H];
	uint64_t frames = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		struct hal_camera_wish wish = wish_for("synthetic:9,speed=60", -1);
		struct hal_camera *cam;
		struct frame f = {.slot = 5};
		uint64_t n = 0;
		int got;

		wish.format = formats[i];
		assert_int_equal(hal_camera_open(&cam, &wish), 0);
		while ((got = hal_camera_read(cam, SPACE(slot, FRAME_SLOT_BYTES), &f, 100)) == 1) {
			check_frame(&f, formats[i], SOURCE_SYNTHETIC, n);
			if (n == 20 && i == 0)
				memcpy(first, slot, sizeof(first));
			if (n == 20)
				assert_true(apart(&f, first) <= 14);
			n++;
		}
		assert_int_equal(got, -ENODATA);
		assert_true(n > 40 && (frames == 0 || n == frames));
		frames = n;
		hal_camera_close(cam);
	}
}

/* The luma that four fifths of a piece of road are darker than, as locate measures plates. */
static uint8_t
light_of_road(void)
{
	uint32_t many[256] = {0}, darker = 0, all = 0;
	int level = 0;

	for (int y = H * 3 / 4; y < H; y++)
		for (int x = W / 4; x < W * 3 / 4; x++, all++)
			many[slot[y * W + x]]++;
	while (level < 255 && (darker += many[level]) * 5 < all * 4)
		level++;
	return (uint8_t)level;
}

/* The whole loop that a plate is exposed in, with the drawn lane as sensor; pictures of files are what they are. */
static void
drawn_lane_is_exposed_as_it_is_told(void **state)
{
	static const uint32_t most_us[] = {1000, 16000};
	int fd = folder_with_two();
	struct hal_camera_wish wish = wish_for("replay:", fd);
	struct hal_camera *cam;
	struct frame f = {.slot = 5};

	(void)state;
	assert_int_equal(hal_camera_open(&cam, &wish), 0);
	assert_int_equal(hal_camera_expose(cam, 1000, 1000), -ENOTSUP);
	hal_camera_close(cam);
	pictures_gone(fd);
	for (size_t i = 0; i < ARRAY_SIZE(most_us); i++) {
		struct expose e;
		int changes = 0;

		expose_init(&e, most_us[i], 8000);
		wish = wish_for("synthetic:7,day,dry", -1);
		wish.vehicles = 0;
		wish.exposure_us = 1000;
		assert_int_equal(hal_camera_open(&cam, &wish), 0);
		assert_int_equal(hal_camera_expose(cam, e.exposure_us, e.gain_milli), 0);
		for (int n = 0; n < 100; n++) {
			struct frame_light light = {.of = LIGHT_PLATE};

			assert_int_equal(hal_camera_read(cam, SPACE(slot, FRAME_SLOT_BYTES), &f, 100), 1);
			assert_int_equal(f.exposure_us, e.exposure_us);
			assert_int_equal(f.gain_milli, e.gain_milli);
			light.sequence = f.sequence;
			light.luma = light_of_road();
			if (expose_take(&e, &light, f.sequence)) {
				assert_int_equal(hal_camera_expose(cam, e.exposure_us, e.gain_milli), 0);
				changes++;
			}
		}
		assert_in_range(light_of_road(), EXPOSE_PLATE_LUMA * 8 / 10, EXPOSE_PLATE_LUMA * 12 / 10);
		assert_in_range(changes, 1, 10);
		hal_camera_close(cam);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_format_shows_the_same_picture),
		cmocka_unit_test(stills_stand_and_leave_a_gap),
		cmocka_unit_test(no_still_frames_makes_a_sequence),
		cmocka_unit_test(by_the_clock_a_frame_comes_when_it_is_due),
		cmocka_unit_test(y4m_of_every_shape_plays),
		cmocka_unit_test(y4m_that_ends_early_keeps_its_whole_frames),
		cmocka_unit_test(what_cannot_be_used_is_skipped_and_counted),
		cmocka_unit_test(what_cannot_be_a_camera_is_refused),
		cmocka_unit_test(names_are_made_harmless),
		cmocka_unit_test(drawn_lane_comes_in_every_format_and_ends),
		cmocka_unit_test(drawn_lane_is_exposed_as_it_is_told),
	};

	slot = malloc(FRAME_SLOT_BYTES);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
