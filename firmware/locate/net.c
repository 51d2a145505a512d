/*
 * Walks the net over a picture, layer by layer, with the kernels of this
 * processor. Every row has a pixel of zeros at both ends, so that no kernel asks
 * where the edge is. Of the two large first layers only three rows are kept.
 */
#include "locate/net.h"

#include <string.h>

#include "locate/net_kernels.h"

enum { ROWS_HELD = 3 };

/*
 * Rows of bytes, channels side by side. A whole plane holds all of them; a first
 * layer holds the last three that were made, each where the one three before it was.
 */
struct plane {
	uint8_t *base; /* a row of zeros, then the rows, then a row of zeros */
	uint32_t width, height, channels;
	uint32_t held, made;
};

struct net {
	const struct net_weights *weights;
	const struct net_kernels *kernels;
	const struct net_picture *picture;
	struct space left;
	struct plane stem, middle;
};

static uint32_t
half(uint32_t px)
{
	return (px + 1) / 2;
}

uint32_t
net_cells(uint32_t px)
{
	return half(half(half(px)));
}

static size_t
rounded(size_t n)
{
	return (n + 63) / 64 * 64;
}

static size_t
row_bytes(const struct plane *p)
{
	return (size_t)(p->width + 2) * p->channels;
}

static size_t
plane_bytes(uint32_t width, uint32_t rows, uint32_t channels)
{
	/* Kernels may read, not use, a vector's length behind the last pixel. */
	return rounded((size_t)(width + 2) * (rows + 2) * channels + 64);
}

static uint8_t *
row_of(const struct plane *p, int64_t y)
{
	int64_t slot = y < 0 ? 0 : y >= p->height ? p->held + 1 : y % p->held + 1;

	return p->base + (size_t)slot * row_bytes(p) + p->channels;
}

static uint8_t *
take(struct net *net, size_t n)
{
	uint8_t *p = net->left.p;

	CHECK(n <= net->left.n);
	net->left = SPACE(p + n, net->left.n - n);
	return p;
}

static struct plane
new_plane(struct net *net, uint32_t width, uint32_t height, uint32_t held, uint32_t channels)
{
	struct plane p = {.width = width, .height = height, .channels = channels, .held = held};
	size_t row = row_bytes(&p);

	p.base = take(net, plane_bytes(width, held, channels));
	memset(p.base, 0, row);
	memset(p.base + (held + 1) * row, 0, row);
	for (uint32_t y = 1; y <= held; y++) {
		memset(p.base + y * row, 0, channels);
		memset(p.base + (y + 1) * row - channels, 0, channels);
	}
	return p;
}

size_t
net_bytes(const struct net_weights *weights, uint32_t width_px, uint32_t height_px)
{
	uint32_t w = half(width_px), columns = net_cells(width_px), rows = net_cells(height_px);

	return plane_bytes(w, ROWS_HELD, weights->stem.outputs) +
	       plane_bytes(half(w), ROWS_HELD, weights->middle.outputs) +
	       2 * plane_bytes(columns, rows, weights->wide) + rounded((size_t)columns * weights->wide) +
	       (size_t)columns * rows * sizeof(struct net_answer);
}

/* The three rows about row y of `in`, from one pixel left of x = 0. */
static struct net_source
rows_about(const struct plane *in, uint32_t y, uint32_t step_px)
{
	struct net_source from = {.step = (size_t)step_px * in->channels};

	for (int i = 0; i < 3; i++)
		from.rows[i] = row_of(in, (int64_t)y + i - 1) - in->channels;
	return from;
}

static void
make_stem_until(struct net *net, uint32_t end)
{
	struct plane *out = &net->stem;
	size_t stride = net->picture->stride_bytes;

	for (; out->made < end && out->made < out->height; out->made++) {
		const uint8_t *middle = net->picture->pixels + (size_t)(2 * out->made) * stride - 1;
		struct net_source from = {.rows = {middle - stride, middle, middle + stride}, .step = 2};

		net->kernels->dot(row_of(out, out->made), &from, NULL, out->width, &net->weights->stem);
	}
}

static void
make_middle_until(struct net *net, uint32_t end)
{
	struct plane *out = &net->middle;

	for (; out->made < end && out->made < out->height; out->made++) {
		struct net_source from;

		make_stem_until(net, 2 * out->made + 2);
		from = rows_about(&net->stem, 2 * out->made, 2);
		net->kernels->dot(row_of(out, out->made), &from, NULL, out->width, &net->weights->middle);
	}
}

/* One row of a block: each channel by itself into `line`, then all channels together. */
static void
run_block_row(struct net *net, struct plane *out, const struct plane *in, uint32_t y, uint32_t stride,
	      const struct net_block *block, uint8_t *line)
{
	struct net_source from = rows_about(in, stride * y, stride);
	struct net_source flat = {.rows = {line}, .step = in->channels};

	net->kernels->depth(line, &from, out->width, &block->depth);
	net->kernels->dot(row_of(out, y), &flat, stride == 1 ? row_of(in, y) : NULL, out->width,
			  &block->point);
}

static const struct net_answer *
run_head(struct net *net, const struct plane *in)
{
	size_t n = (size_t)in->width * in->height;
	struct net_answer *answers = (struct net_answer *)(void *)take(net, n * sizeof(*answers));

	for (uint32_t y = 0; y < in->height; y++) {
		struct net_source from = {.rows = {row_of(in, y)}, .step = in->channels};

		net->kernels->dot_wide(&answers[(size_t)y * in->width].heat, &from, in->width,
				       &net->weights->head);
	}
	return answers;
}

const struct net_kernels *
net_kernels_at(uint32_t i)
{
	const struct net_kernels *const all[] = {net_avx_vnni(), net_avx2(), net_sse41(),
						 net_dotprod(),  net_neon(), &net_plain};

	for (size_t k = 0; k < ARRAY_SIZE(all); k++)
		if (all[k] && i-- == 0)
			return all[k];
	return NULL;
}

const struct net_answer *
net_run(const struct net_weights *weights, const struct net_picture *picture, struct space work,
	const struct net_kernels *kernels)
{
	struct net net = {weights, kernels ? kernels : net_kernels_at(0), picture, .left = work};
	uint32_t w = half(picture->width_px), h = half(picture->height_px);
	struct plane here = new_plane(&net, half(half(w)), half(half(h)), half(half(h)), weights->wide);
	struct plane next = new_plane(&net, here.width, here.height, here.height, weights->wide);
	uint8_t *line = take(&net, rounded((size_t)here.width * weights->wide));

	net.stem = new_plane(&net, w, h, ROWS_HELD, weights->stem.outputs);
	net.middle = new_plane(&net, half(w), half(h), ROWS_HELD, weights->middle.outputs);
	for (uint32_t y = 0; y < here.height; y++) {
		make_middle_until(&net, 2 * y + 2);
		run_block_row(&net, &here, &net.middle, y, 2, &weights->blocks[0], line);
	}
	for (uint32_t i = 1; i < weights->n_blocks; i++) {
		struct plane last = here;

		for (uint32_t y = 0; y < here.height; y++)
			run_block_row(&net, &next, &here, y, 1, &weights->blocks[i], line);
		here = next;
		next = last;
	}
	return run_head(&net, &here);
}
