/*
 * Walks the net over a picture, layer by layer, with the kernels of this
 * processor. Every plane has a border of zeros, so that no kernel asks where
 * the edge is.
 */
#include "locate/net.h"

#include <string.h>

#include "locate/net_kernels.h"

/* A plane of bytes, channels side by side, with one pixel of zeros about it. */
struct plane {
	uint8_t *base;
	uint32_t width, height, channels;
};

struct net {
	const struct net_kernels *kernels;
	struct space left;
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
row_bytes(const struct plane *p)
{
	return (size_t)(p->width + 2) * p->channels;
}

static size_t
plane_bytes(uint32_t width, uint32_t height, uint32_t channels)
{
	/* Kernels may read, not use, up to 64 bytes behind the last pixel. */
	return ((size_t)(width + 2) * (height + 2) * channels + 64 + 63) / 64 * 64;
}

static uint8_t *
pixel(const struct plane *p, uint32_t x, uint32_t y)
{
	return p->base + (y + 1) * row_bytes(p) + (size_t)(x + 1) * p->channels;
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
new_plane(struct net *net, uint32_t width, uint32_t height, uint32_t channels)
{
	struct plane p = {.width = width, .height = height, .channels = channels};
	size_t row = row_bytes(&p);

	p.base = take(net, plane_bytes(width, height, channels));
	memset(p.base, 0, row);
	memset(p.base + (height + 1) * row, 0, row);
	for (uint32_t y = 1; y <= height; y++) {
		memset(p.base + y * row, 0, channels);
		memset(p.base + (y + 1) * row - channels, 0, channels);
	}
	return p;
}

size_t
net_bytes(uint32_t width_px, uint32_t height_px)
{
	uint32_t w = half(width_px), h = half(height_px);
	size_t stem = plane_bytes(w, h, NET_STEM), middle = plane_bytes(half(w), half(h), NET_MIDDLE);
	uint32_t columns = net_cells(width_px), rows = net_cells(height_px);
	size_t wide = plane_bytes(columns, rows, NET_WIDE);
	size_t line = ((size_t)columns * NET_WIDE + 63) / 64 * 64;

	return stem + middle + 2 * wide + line + (size_t)columns * rows * sizeof(struct net_answer);
}

static void
run_stem(struct net *net, struct plane *out, const struct net_picture *picture)
{
	for (uint32_t y = 0; y < out->height; y++) {
		const uint8_t *middle = picture->pixels + (size_t)(2 * y) * picture->stride_bytes - 1;
		struct net_source from = {
			.rows = {middle - picture->stride_bytes, middle, middle + picture->stride_bytes},
			.step = 2,
		};

		net->kernels->dot(pixel(out, 0, y), &from, NULL, out->width, &net_weights.stem);
	}
}

/* The three rows about row y of `in`, from one pixel left of x = 0. */
static struct net_source
rows_about(const struct plane *in, uint32_t y, uint32_t step_px)
{
	const uint8_t *middle = pixel(in, 0, y) - in->channels;

	return (struct net_source){
		.rows = {middle - row_bytes(in), middle, middle + row_bytes(in)},
		.step = (size_t)step_px * in->channels,
	};
}

static void
run_middle(struct net *net, struct plane *out, const struct plane *in)
{
	for (uint32_t y = 0; y < out->height; y++) {
		struct net_source from = rows_about(in, 2 * y, 2);

		net->kernels->dot(pixel(out, 0, y), &from, NULL, out->width, &net_weights.middle);
	}
}

static void
run_block(struct net *net, struct plane *out, const struct plane *in, const struct net_block *block,
          uint8_t *line)
{
	uint32_t stride = in->width == out->width && in->channels == out->channels ? 1 : 2;

	for (uint32_t y = 0; y < out->height; y++) {
		struct net_source from = rows_about(in, stride * y, stride);
		struct net_source flat = {.rows = {line}, .step = in->channels};

		net->kernels->depth(line, &from, out->width, &block->depth);
		net->kernels->dot(pixel(out, 0, y), &flat, stride == 1 ? pixel(in, 0, y) : NULL, out->width,
		                  &block->point);
	}
}

static const struct net_answer *
run_head(struct net *net, const struct plane *in)
{
	size_t n = (size_t)in->width * in->height;
	struct net_answer *answers = (struct net_answer *)(void *)take(net, n * sizeof(*answers));

	for (uint32_t y = 0; y < in->height; y++) {
		struct net_source from = {.rows = {pixel(in, 0, y)}, .step = in->channels};

		net->kernels->dot_wide(&answers[(size_t)y * in->width].heat, &from, in->width, &net_weights.head);
	}
	return answers;
}

const struct net_answer *
net_run(const struct net_picture *picture, struct space work, enum net_kind kind)
{
	const struct net_kernels *fast = kind == NET_BEST ? net_avx2() : NULL;
	struct net net = {.kernels = fast ? fast : &net_plain, .left = work};
	uint32_t w = half(picture->width_px), h = half(picture->height_px);
	struct plane stem = new_plane(&net, w, h, NET_STEM);
	struct plane middle = new_plane(&net, half(w), half(h), NET_MIDDLE);
	struct plane here = new_plane(&net, half(half(w)), half(half(h)), NET_WIDE);
	struct plane next = new_plane(&net, here.width, here.height, NET_WIDE);
	uint8_t *line = take(&net, ((size_t)here.width * NET_WIDE + 63) / 64 * 64);

	run_stem(&net, &stem, picture);
	run_middle(&net, &middle, &stem);
	run_block(&net, &here, &middle, &net_weights.blocks[0], line);
	for (uint32_t i = 1; i < NET_BLOCKS; i++) {
		struct plane last = here;

		run_block(&net, &next, &here, &net_weights.blocks[i], line);
		here = next;
		next = last;
	}
	return run_head(&net, &here);
}
