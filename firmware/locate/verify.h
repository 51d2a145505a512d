/*
 * locate/verify.h - the second look: what the search found is cut from the picture
 * at a size of its own, and another net says how sure it is and where the plate ends.
 */
#ifndef LOCATE_VERIFY_H
#define LOCATE_VERIFY_H

#include "locate/boxes.h"
#include "locate/levels.h"

enum {
	VERIFY_W_PX = 128,
	VERIFY_H_PX = 64,
	VERIFY_COLUMNS = VERIFY_W_PX / NET_CELL_PX,
	VERIFY_CELLS = VERIFY_COLUMNS * VERIFY_H_PX / NET_CELL_PX
};

/* The candidate's box fills half of the window's width or half of its height, whichever is reached first. */
struct verify_window {
	uint8_t *pixels;            /* the picture's own */
	struct net_picture picture; /* VERIFY_W_PX x VERIFY_H_PX, in the work memory */
	int64_t left, top, step;    /* where it lies, and how wide its pixel is: in 65536ths of a frame pixel */
	uint32_t source;            /* 0: cut from the frame; n: from level n - 1 */
};

/* Work memory, 64-byte aligned; the net's own is not in it. */
size_t verify_bytes(void);
/* Beyond the frame lies NET_PAD_GREY. `picture` is what `levels` was built of. */
struct verify_window verify_cut(struct space work, const struct luma *picture, const struct levels *levels,
                                const struct candidate *about);
/* Mirrors the window, left for right, so that the net can be asked once more about the same. */
void verify_mirror(struct verify_window *window);

/* Each answer becomes the mean of itself and of what was answered about the same place of the mirrored window. */
void verify_mean(struct net_answer answers[VERIFY_CELLS], const struct net_answer mirrored[VERIFY_CELLS]);

/*
 * The surest of what the net's answers about a window say of the same thing as `about`,
 * in the frame, with the vote of those that agree. Its permille is 0 when there is none.
 */
struct candidate verify_read(const struct verify_window *window, const struct net_answer *answers,
                             const struct candidate *about, struct candidates *cells);

#endif
