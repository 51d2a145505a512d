/*
 * The plate that locate draws for its self-test is found where it is, is cut out under every rule a policy may
 * have for real plates, and a finder that sees nothing, or more, fails the test.
 */
#include "cm.h"

#include <errno.h>
#include <string.h>

#include "locate/self_test.h"

static const struct cut_rule usual = {CUT_RULE_DEFAULT_X, CUT_RULE_DEFAULT_Y, CUT_RULE_DEFAULT_SHARE};
static struct find *finder;
static int blind, doubled;

int __real_find(struct find *f, const struct luma *picture, struct plate plates[FIND_PLATES_MAX]);
int __wrap_find(struct find *f, const struct luma *picture, struct plate plates[FIND_PLATES_MAX]);

int
__wrap_find(struct find *f, const struct luma *picture, struct plate plates[FIND_PLATES_MAX])
{
	int n = __real_find(f, picture, plates);

	if (blind)
		return 0;
	if (doubled && n == 1)
		plates[n++] = plates[0];
	return n;
}

static int
begin(void **state)
{
	static uint8_t work[8 << 20] __attribute__((aligned(64)));

	(void)state;
	assert_in_range(find_bytes(SELF_TEST_WIDTH_PX, SELF_TEST_HEIGHT_PX), 1, sizeof(work));
	return find_init(&finder, SPACE_OF(work), SELF_TEST_WIDTH_PX, SELF_TEST_HEIGHT_PX);
}

static void
it_is_found_and_cut_out(void **state)
{
	static uint8_t pixels[SELF_TEST_WIDTH_PX * SELF_TEST_HEIGHT_PX];
	const struct box drawn = self_test_draw(pixels);
	struct crop passage;
	const struct crop_view *v = &passage.views[0];

	(void)state;
	assert_int_equal(self_test_passage(&passage, finder, &usual, 1234567), 0);
	assert_int_equal(passage.source, CROP_SOURCE_SELF_TEST);
	assert_int_equal(passage.n_views, 1);
	assert_int_equal(v->utc_us, 1234567);
	/* Well over what a lane calls a plate: other weights that are as good see it as well. */
	assert_in_range(v->score_permille, 680, 1000);
	assert_true(v->crop.x <= drawn.x && v->crop.y <= drawn.y);
	assert_true(v->crop.x + v->crop.w >= drawn.x + drawn.w && v->crop.y + v->crop.h >= drawn.y + drawn.h);
	assert_int_equal(v->bytes.n, v->crop.w * v->crop.h);
	for (int32_t y = 0; y < v->crop.h; y++)
		assert_memory_equal(v->bytes.p + y * v->crop.w,
				    pixels + (v->crop.y + y) * SELF_TEST_WIDTH_PX + v->crop.x,
				    (size_t)v->crop.w);
}

static void
it_keeps_to_the_policy(void **state)
{
	const struct cut_rule widest = {1000, 1000, 250}, narrow = {0, 0, 6}, none = {0, 0, 1};
	struct crop passage;

	(void)state;
	assert_int_equal(self_test_passage(&passage, finder, &widest, 0), 0);
	assert_int_equal(self_test_passage(&passage, finder, &narrow, 0), 0);
	assert_int_equal(self_test_passage(&passage, finder, &none, 0), -EPERM);
}

static void
a_broken_finder_fails(void **state)
{
	struct crop passage;

	(void)state;
	blind = 1;
	assert_int_equal(self_test_passage(&passage, finder, &usual, 0), -ENODATA);
	blind = 0;
	doubled = 1;
	assert_int_equal(self_test_passage(&passage, finder, &usual, 0), -ENODATA);
	doubled = 0;
	assert_int_equal(self_test_passage(&passage, finder, &usual, 0), 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(it_is_found_and_cut_out),
	    cmocka_unit_test(it_keeps_to_the_policy),
	    cmocka_unit_test(a_broken_finder_fails),
	};

	return cmocka_run_group_tests_name("self-test", tests, begin, NULL);
}
