/*
 * Each way a picture may lie in a file is planted and found; noise is not.
 */
#include "cm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hal/canary.h"
#include "hal/picture.h"
#include "../../tools/leakscan/search.h"

enum { W = 320, H = 90, NOISE = 60000, AT = 20011 };

static uint8_t noise[NOISE], planted[NOISE], picture[W * H];

static uint32_t
roll(void)
{
	static uint64_t state = 20;

	state = state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(state >> 33);
}

/* A windscreen of 64 cells, `cell` sixteenths of a pixel each, in a dull picture. */
static void
draw(uint32_t cell, int light, int dark)
{
	uint8_t row[CANARY_CELLS];

	scene_canary_row(row);
	for (uint32_t y = 0; y < H; y++)
		for (uint32_t x = 0; x < W; x++) {
			uint32_t i = (x - 20) * 16 / cell;
			int inside = x >= 20 && i < CANARY_CELLS && y >= 20 && y < 60;

			picture[y * W + x] = (uint8_t)((!inside  ? 90
							: row[i] ? light
								 : dark) +
						       (int)(roll() % 7));
		}
}

static void
plant(const void *bytes, size_t n)
{
	memcpy(planted, noise, NOISE);
	memcpy(planted + AT, bytes, n);
}

static size_t
found_in(struct needles *set, int want_scaled, struct span in, struct findings *all)
{
	struct scaled *scaled = want_scaled ? scaled_new() : NULL;
	uint8_t row[CANARY_CELLS];

	scene_canary_row(row);
	if (scaled != NULL)
		assert_int_equal(scaled_add(scaled, row), 0);
	memset(all, 0, sizeof(*all));
	assert_int_equal(search_all(&(struct search){set, scaled}, in, all), 0);
	scaled_free(scaled);
	return all->count;
}

/* What the only finding is, as "kind in within". */
static const char *
only(const struct findings *all)
{
	static char text[64];

	snprintf(text, sizeof(text), "%s%s%s", all->n ? finding_kinds[all->of[0].kind] : "nothing",
		 all->n && all->of[0].within[0] ? " in " : "", all->n ? all->of[0].within : "");
	return text;
}

static void
finds_a_row_as_it_is_and_spelled(void **state)
{
	static const char digits[] = "0123456789ABCDEF";
	struct needles *set = needles_new();
	struct findings all;
	char hex[64];

	(void)state;
	draw(40, 170, 60);
	assert_int_equal(needles_add(set, SPAN(picture + 30 * W + 40, 32)), 0);
	assert_int_equal(found_in(set, 0, SPAN_OF(noise), &all), 0);
	plant(picture + 30 * W, W);
	assert_int_equal(found_in(set, 0, SPAN_OF(planted), &all), 1);
	assert_int_equal(all.of[0].first, AT + 40);
	plant(picture + 30 * W + 40, 31);
	assert_int_equal(found_in(set, 0, SPAN_OF(planted), &all), 0);
	for (int i = 0; i < 32; i++) {
		hex[2 * i] = digits[picture[30 * W + 40 + i] >> 4];
		hex[2 * i + 1] = digits[picture[30 * W + 40 + i] & 15];
	}
	plant(hex, sizeof(hex));
	assert_int_equal(found_in(set, 0, SPAN_OF(planted), &all), 1);
	needles_free(set);
}

static void
finds_the_canary_at_any_scale_and_contrast(void **state)
{
	static const struct {
		uint32_t cell;
		int light, dark;
	} copies[] = {{26, 150, 60}, {33, 150, 60}, {40, 90, 120},
		      {47, 60, 52},  {64, 200, 20}, {71, 150, 60}};
	struct needles *set = needles_new();
	struct findings all;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(copies); i++) {
		draw(copies[i].cell, copies[i].light, copies[i].dark);
		plant(picture, sizeof(picture));
		if (found_in(set, 1, SPAN_OF(planted), &all) == 0 || all.of[0].kind != FOUND_SCALED)
			fail_msg("not found at %u/16 pixels a cell", copies[i].cell);
	}
	needles_free(set);
}

static void
finds_a_reduced_copy_and_a_yuyv_row(void **state)
{
	struct needles *set = needles_new();
	static uint8_t other[W * H];
	struct findings all;

	(void)state;
	draw(71, 150, 60);
	for (size_t i = 0; i < sizeof(picture) / 4; i++)
		other[i] = picture[i / (W / 2) * 2 * W + i % (W / 2) * 2];
	plant(other, sizeof(picture) / 4);
	assert_true(found_in(set, 1, SPAN_OF(planted), &all) > 0);
	for (size_t i = 0; i < W; i++) {
		other[2 * i] = picture[40 * W + i];
		other[2 * i + 1] = 128;
	}
	plant(other, 2 * W);
	assert_true(found_in(set, 1, SPAN_OF(planted), &all) > 0);
	needles_free(set);
}

static void
a_given_row_is_found_too_and_a_flat_one_left_out(void **state)
{
	struct scaled *scaled = scaled_new();
	uint8_t row[SCALED_CELLS];
	size_t first = 0;

	(void)state;
	memset(row, 77, sizeof(row));
	assert_int_equal(scaled_add(scaled, row), 1);
	for (size_t i = 0; i < sizeof(row); i++)
		row[i] = (uint8_t)roll();
	assert_int_equal(scaled_add(scaled, row), 0);
	assert_int_equal(scaled_find(scaled, SPAN_OF(noise), &first), 0);
	memcpy(planted, noise, NOISE);
	for (size_t i = 0; i < SCALED_CELLS * 5; i++)
		planted[AT + i] = (uint8_t)(40 + row[i / 5] / 3);
	assert_true(scaled_find(scaled, SPAN_OF(planted), &first) > 0);
	assert_in_range(first, AT - 5, AT + 5);
	for (size_t i = 1; i < SCALED_ROWS_MAX; i++) {
		row[0] ^= 255;
		assert_int_equal(scaled_add(scaled, row), 0);
	}
	assert_true(scaled_add(scaled, row) < 0);
	scaled_free(scaled);
}

static size_t
to_base64(char *out, const uint8_t *p, size_t n)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t have = 0;

	for (size_t i = 0; i + 3 <= n; i += 3)
		for (int shift = 18; shift >= 0; shift -= 6)
			out[have++] = digits[(p[i] << 16 | p[i + 1] << 8 | p[i + 2]) >> shift & 63];
	return have;
}

static void
looks_into_pictures_and_text(void **state)
{
	struct needles *set = needles_new();
	static uint8_t file[20000];
	static char text[30000];
	struct findings all;
	int64_t n;

	(void)state;
	draw(64, 150, 60);
	n = picture_to_jpeg(picture, W, H, W, 90, SPACE_OF(file));
	assert_true(n > 0);
	plant(file, (size_t)n);
	assert_true(found_in(set, 1, SPAN_OF(planted), &all) > 1);
	assert_string_equal(only(&all), "jpeg");
	assert_int_equal(all.of[0].first, AT);
	assert_int_equal(all.of[1].kind, FOUND_SCALED);
	assert_string_equal(all.of[1].within, "jpeg 320x90");
	plant(text, to_base64(text, file, (size_t)n + 2));
	assert_true(found_in(set, 1, SPAN_OF(planted), &all) > 1);
	assert_string_equal(only(&all), "jpeg in base64");
	plant(text, to_base64(text, picture + 30 * W, 10 * W));
	assert_true(found_in(set, 1, SPAN_OF(planted), &all) > 0);
	assert_string_equal(all.of[all.n - 1].within, "base64");
	assert_int_equal(all.of[all.n - 1].kind, FOUND_SCALED);
	needles_free(set);
}

static void
finds_a_png_and_no_broken_header(void **state)
{
	static const uint8_t png[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'},
			     soi[] = {0xff, 0xd8, 0xff, 0xdb, 0, 9, 1};
	struct needles *set = needles_new();
	struct findings all;

	(void)state;
	plant(png, sizeof(png));
	assert_int_equal(found_in(set, 0, SPAN_OF(planted), &all), 1);
	assert_string_equal(only(&all), "png");
	plant(png, sizeof(png) - 1);
	assert_int_equal(found_in(set, 0, SPAN_OF(planted), &all), 0);
	plant(soi, sizeof(soi));
	assert_int_equal(found_in(set, 0, SPAN_OF(planted), &all), 0);
	needles_free(set);
}

/* Noise as ciphertext is, the words of this program, and small buffers of every length. */
static void
finds_nothing_where_nothing_is(void **state)
{
	struct needles *set = needles_new();
	struct findings all;
	uint8_t needle[32];
	static char text[NOISE * 4 / 3 + 4];

	(void)state;
	for (int i = 0; i < 2000; i++) {
		for (size_t k = 0; k < sizeof(needle); k++)
			needle[k] = (uint8_t)roll();
		assert_int_equal(needles_add(set, SPAN_OF(needle)), 0);
	}
	assert_int_equal(found_in(set, 1, SPAN_OF(noise), &all), 0);
	assert_int_equal(found_in(set, 1, SPAN((const uint8_t *)text, to_base64(text, noise, NOISE)), &all),
			 0);
	draw(64, 92, 90); /* no contrast: a windscreen in which nobody can be seen */
	for (size_t n = 0; n < 200; n++)
		assert_int_equal(found_in(set, 1, SPAN(picture, n), &all), 0);
	memset(planted, 0, NOISE);
	assert_int_equal(found_in(set, 1, SPAN_OF(planted), &all), 0);
	needles_free(set);
}

static int
set_up(void **state)
{
	(void)state;
	for (size_t i = 0; i < NOISE; i++)
		noise[i] = (uint8_t)(roll() >> 7);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(finds_a_row_as_it_is_and_spelled),
	    cmocka_unit_test(finds_the_canary_at_any_scale_and_contrast),
	    cmocka_unit_test(finds_a_reduced_copy_and_a_yuyv_row),
	    cmocka_unit_test(a_given_row_is_found_too_and_a_flat_one_left_out),
	    cmocka_unit_test(looks_into_pictures_and_text),
	    cmocka_unit_test(finds_a_png_and_no_broken_header),
	    cmocka_unit_test(finds_nothing_where_nothing_is),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
