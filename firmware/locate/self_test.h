/*
 * locate/self_test.h - a passage of a plate that this room draws: the unit's test of itself.
 *
 * It is found, cut out and handed on like a vehicle's, so that its record shows that the whole way behind
 * the camera works and that the recipients can open what comes of it. Its source says that no vehicle passed.
 */
#ifndef LOCATE_SELF_TEST_H
#define LOCATE_SELF_TEST_H

#include "doors/crop/crop.h"
#include "locate/cut.h"
#include "locate/find.h"

enum { SELF_TEST_WIDTH_PX = 640, SELF_TEST_HEIGHT_PX = 360 };

/* Rows without gaps. The same picture each time. Returns where its plate is. */
struct box self_test_draw(uint8_t pixels[SELF_TEST_WIDTH_PX * SELF_TEST_HEIGHT_PX]);

/*
 * Fills *passage but for number and lane; its one view's bytes are raw pixels, lent until the next call.
 *   -ENODATA  the finder does not see the plate, or sees others: it is broken
 *   -EPERM    the rule allows no crop of it
 */
int self_test_passage(struct crop *passage, struct find *finder, const struct cut_rule *rule,
		      int64_t utc_us) MUST_CHECK;

#endif
