/*
 * How bright a plate is: its ground when it is light, its letters when it is dark, and nothing beside it.
 */
#include <string.h>

#include "cm.h"
#include "locate/light.h"

enum { W = 64, H = 48, STRIDE = 80 };

static uint8_t pixels[STRIDE * H];
static const struct luma picture = {pixels, W, H, STRIDE};
static const struct box plate = {20, 16, 24, 8};

static void
fill(const struct box *b, uint8_t luma)
{
	for (int32_t y = b->y; y < b->y + b->h; y++)
		memset(pixels + y * STRIDE + b->x, luma, (size_t)b->w);
}

/* Letters that take a third of it. */
static void
draw_plate(uint8_t ground, uint8_t letters)
{
	memset(pixels, 255, sizeof(pixels));
	fill(&(struct box){0, 0, W, H}, 3);
	fill(&plate, ground);
	for (int32_t x = plate.x; x < plate.x + plate.w; x += 3)
		fill(&(struct box){x, plate.y, 1, plate.h}, letters);
}

static void
light_is_that_of_the_plate(void **state)
{
	(void)state;
	draw_plate(180, 30);
	assert_int_equal(light_of_plate(&picture, &plate), 180);
	draw_plate(30, 180);
	assert_int_equal(light_of_plate(&picture, &plate), 180);
	draw_plate(255, 0);
	assert_int_equal(light_of_plate(&picture, &plate), 255);
	/* To the edge of the frame, and no further. */
	assert_int_equal(light_of_plate(&picture, &(struct box){W - 2, H - 2, 2, 2}), 3);
}

static void
light_of_a_scene_is_its_mean(void **state)
{
	(void)state;
	memset(pixels, 200, sizeof(pixels));
	fill(&(struct box){0, 0, W, H}, 100);
	assert_int_equal(light_of_scene(&picture), 100);
	fill(&(struct box){0, 0, W / 2, H}, 50);
	assert_int_equal(light_of_scene(&picture), 75);
	assert_int_equal(light_of_scene(&(struct luma){pixels, 4, 4, STRIDE}), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(light_is_that_of_the_plate),
		cmocka_unit_test(light_of_a_scene_is_its_mean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
