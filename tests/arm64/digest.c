/*
 * Says what the locator makes of drawn pictures, as text that must be the same on
 * every machine: answers of both nets by every kernel, levels, windows, boxes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drawn.h"
#include "locate/find.h"
#include "locate/levels.h"
#include "locate/net_kernels.h"
#include "locate/verify.h"

enum { W_MAX = 1280, H_MAX = 720, STRIDE = W_MAX + 5 };

static uint8_t picture[STRIDE * H_MAX];
static struct levels levels;
static struct candidates cells;

static struct space
memory(size_t n)
{
	struct space s = SPACE(aligned_alloc(64, (n + 63) / 64 * 64), (n + 63) / 64 * 64);

	if (!s.p)
		exit(1);
	return s;
}

/* FNV-1a */
static uint64_t
digest(uint64_t so_far, const void *bytes, size_t n)
{
	const uint8_t *p = bytes;

	for (size_t i = 0; i < n; i++)
		so_far = (so_far ^ p[i]) * 1099511628211U;
	return so_far;
}

static uint64_t
digest_of_picture(const struct net_picture *p)
{
	uint64_t d = 14695981039346656037U;

	for (uint32_t y = 0; y < p->height_px; y++)
		d = digest(d, p->pixels + y * p->stride_bytes, p->width_px);
	return d;
}

/* Every kernel of this machine must say the same; what they say is printed once. */
static void
say_net(const char *what, const struct net_weights *weights, const struct net_picture *p)
{
	struct space work = memory(net_bytes(weights, p->width_px, p->height_px));
	size_t n = net_cells(p->width_px) * net_cells(p->height_px) * sizeof(struct net_answer);
	uint64_t first = 0;

	for (uint32_t i = 0; net_kernels_at(i); i++) {
		uint64_t d = digest(1, net_run(weights, p, work, net_kernels_at(i)), n);

		if (i > 0 && d != first) {
			printf("%s differs from %s\n", net_kernels_at(i)->name, net_kernels_at(0)->name);
			exit(1);
		}
		first = d;
	}
	printf(" %s %016llx", what, (unsigned long long)first);
	free(work.p);
}

static void
say_levels(const struct luma *luma)
{
	struct space work = memory(levels_bytes(W_MAX, H_MAX)), cutting = memory(verify_bytes());

	levels_build(&levels, work, luma);
	for (uint32_t i = 0; i < levels.n; i++) {
		printf(" level %016llx", (unsigned long long)digest_of_picture(&levels.pictures[i]));
		say_net("search", &net_search, &levels.pictures[i]);
	}
	printf("\n");
	for (int64_t wide = 16; wide < luma->width_px; wide = wide * 7 / 4) {
		int64_t sub = BOXES_SUB, x = luma->width_px * sub / 5, y = luma->height_px * sub / 7;
		struct candidate about = {x, y, x + wide * sub, y + wide * sub * 2 / 7, 500};
		struct verify_window w = verify_cut(cutting, luma, &levels, &about);

		printf(" window %016llx", (unsigned long long)digest_of_picture(&w.picture));
		say_net("verify", &net_verify, &w.picture);
	}
	printf("\n");
	free(work.p);
	free(cutting.p);
}

static void
say_boxes(struct find *f, const struct luma *luma)
{
	struct plate plates[FIND_PLATES_MAX];
	int n = find(f, luma, plates);

	printf(" %d boxes:", n);
	for (int i = 0; i < n; i++)
		printf(" %d,%d %dx%d %u;", plates[i].box.x, plates[i].box.y, plates[i].box.w, plates[i].box.h,
		       plates[i].score_permille);
	printf("\n");
}

int
main(void)
{
	static const uint32_t sizes[][2] = {{320, 180}, {1280, 720}, {97, 61}, {31, 700}, {1, 1}};
	struct space work = memory(find_bytes(W_MAX, H_MAX));
	struct find *f;

	if (find_init(&f, work, W_MAX, H_MAX) < 0)
		return 1;
	fprintf(stderr, "kernels:");
	for (uint32_t i = 0; net_kernels_at(i); i++)
		fprintf(stderr, " %s", net_kernels_at(i)->name);
	fprintf(stderr, "\n");
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		for (int what = 0; what < DRAWN_KINDS; what++) {
			struct luma luma = {picture, sizes[i][0], sizes[i][1], STRIDE};

			drawn_fill(picture, luma.width_px, luma.height_px, STRIDE, (enum drawn)what);
			printf("%s %ux%u:", drawn_names[what], luma.width_px, luma.height_px);
			say_boxes(f, &luma);
			/* The rest costs seconds for a large picture on a machine that is only played. */
			if (what == DRAWN_LANE ? i != 1 : what == DRAWN_NOISE && i > 1)
				say_levels(&luma);
		}
	free(work.p);
	return 0;
}

_Noreturn void
check_failed(const char *file, int line)
{
	fprintf(stderr, "%s:%d\n", file, line);
	abort();
}
