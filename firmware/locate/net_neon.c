/*
 * The net's inner loops for NEON, which every arm64 processor has, and with the dot
 * product instructions of newer ones. Both multiply signed bytes, so 128 is taken off
 * every activation, and what that takes off a sum is part of the bias here. Products
 * and sums wrap as 32-bit numbers do, so the results are those of plain C.
 */
#include "locate/net_kernels.h"

#ifdef __aarch64__

#include <arm_neon.h>
#include <string.h>
#include <sys/auxv.h>

#define INLINE __attribute__((always_inline)) static inline

#ifdef __clang__
#define WITH_DOT_PRODUCT __attribute__((target("dotprod")))
#else
#define WITH_DOT_PRODUCT __attribute__((target("arch=armv8.2-a+dotprod")))
#endif

enum {
	PIXELS = 4,    /* summed together */
	CHUNK = 16,    /* bytes of a run in a full step */
	CHANNELS = 16, /* of a depthwise step */
	OFF = 128,
	HWCAP_DOT_PRODUCT = 1 << 20, /* asm/hwcap.h has it as HWCAP_ASIMDDP */
};

INLINE int8x16_t
load_signed(const uint8_t *p)
{
	return vreinterpretq_s8_u8(veorq_u8(vld1q_u8(p), vdupq_n_u8(OFF)));
}

/* Four bytes, four times. */
INLINE int8x16_t
four_times_four(const uint8_t *p)
{
	uint32_t four;

	memcpy(&four, p, sizeof(four));
	return vreinterpretq_s8_u32(vdupq_n_u32(four ^ 0x80808080U));
}

/* Four outputs' sums at up to PIXELS pixels; each product is at most 128 * 63, so four of them fit 16 bits. */
INLINE void
sum_four(int32x4_t *sums, const uint32_t apart, const struct net_source *from, size_t at,
	 const int8_t *weights, const struct net_dot *layer, const uint32_t pixels)
{
	int32x4_t low[PIXELS], high[PIXELS];

	for (uint32_t p = 0; p < pixels; p++)
		low[p] = high[p] = vdupq_n_s32(0);
	for (uint32_t row = 0; row < layer->rows; row++) {
		const uint8_t *in = from->rows[row] + at;
		uint32_t i = 0;

		for (; i + CHUNK <= layer->run; i += CHUNK, weights += CHUNK * NET_LANES) {
			int16x8_t a[PIXELS], b[PIXELS];

			for (uint32_t k = 0; k < CHUNK / 4; k++) {
				int8x16_t w = vld1q_s8(weights + k * 4 * NET_LANES);

				for (uint32_t p = 0; p < pixels; p++) {
					int8x16_t x = four_times_four(in + p * from->step + i + 4 * k);

					a[p] = k == 0 ? vmull_s8(vget_low_s8(x), vget_low_s8(w))
						      : vmlal_s8(a[p], vget_low_s8(x), vget_low_s8(w));
					b[p] = k == 0 ? vmull_high_s8(x, w) : vmlal_high_s8(b[p], x, w);
				}
			}
			for (uint32_t p = 0; p < pixels; p++) {
				low[p] = vpadalq_s16(low[p], a[p]);
				high[p] = vpadalq_s16(high[p], b[p]);
			}
		}
		for (; i < layer->run; i += 4, weights += 4 * NET_LANES) {
			int8x16_t w = vld1q_s8(weights);

			for (uint32_t p = 0; p < pixels; p++) {
				int8x16_t x = four_times_four(in + p * from->step + i);

				low[p] = vpadalq_s16(low[p], vmull_s8(vget_low_s8(x), vget_low_s8(w)));
				high[p] = vpadalq_s16(high[p], vmull_high_s8(x, w));
			}
		}
	}
	for (uint32_t p = 0; p < pixels; p++)
		sums[p * apart] = vpaddq_s32(low[p], high[p]);
}

/* As text: the intrinsic is hidden from a compiler that is not told that every processor has it. */
#define DOT_PRODUCT(sums, w, x, lane)                                                                        \
	__asm__("sdot %0.4s, %1.16b, %2.4b[" #lane "]" : "+w"(sums) : "w"(w), "w"(x))

INLINE void
sum_eight_dot(int32x4_t *sums, const struct net_source *from, size_t at, const int8_t *weights,
	      const struct net_dot *layer, const uint32_t pixels)
{
	for (uint32_t i = 0; i < 2 * pixels; i++)
		sums[i] = vdupq_n_s32(0);
	for (uint32_t row = 0; row < layer->rows; row++) {
		const uint8_t *in = from->rows[row] + at;
		uint32_t i = 0;

		for (; i + CHUNK <= layer->run; i += CHUNK, weights += CHUNK * NET_LANES) {
			int8x16_t w[8];

			for (uint32_t k = 0; k < 8; k++)
				w[k] = vld1q_s8(weights + k * 16);
			for (uint32_t p = 0; p < pixels; p++) {
				int8x16_t x = load_signed(in + p * from->step + i);

				DOT_PRODUCT(sums[2 * p], w[0], x, 0);
				DOT_PRODUCT(sums[2 * p + 1], w[1], x, 0);
				DOT_PRODUCT(sums[2 * p], w[2], x, 1);
				DOT_PRODUCT(sums[2 * p + 1], w[3], x, 1);
				DOT_PRODUCT(sums[2 * p], w[4], x, 2);
				DOT_PRODUCT(sums[2 * p + 1], w[5], x, 2);
				DOT_PRODUCT(sums[2 * p], w[6], x, 3);
				DOT_PRODUCT(sums[2 * p + 1], w[7], x, 3);
			}
		}
		for (; i < layer->run; i += 4, weights += 4 * NET_LANES) {
			int8x16_t w = vld1q_s8(weights), next = vld1q_s8(weights + 16);

			for (uint32_t p = 0; p < pixels; p++) {
				int8x16_t x = four_times_four(in + p * from->step + i);

				DOT_PRODUCT(sums[2 * p], w, x, 0);
				DOT_PRODUCT(sums[2 * p + 1], next, x, 0);
			}
		}
	}
}

/* Eight outputs, how they are brought back, and what OFF took off them. */
struct eight {
	const int8_t *weights;
	int32x4_t scale[2], bias[2], right;
};

INLINE int32x4_t
with_off(int32x4_t bias, int32x4_t weights, int32x4_t scale)
{
	return vmlaq_s32(bias, vshlq_n_s32(weights, 7), scale);
}

INLINE struct eight
eight_of(const struct net_dot *layer, uint32_t first)
{
	size_t n = (size_t)layer->rows * layer->run * NET_LANES;
	struct eight e = {.weights = layer->weights + first / NET_LANES * n};
	int32x4_t sums[2] = {vdupq_n_s32(0), vdupq_n_s32(0)};

	for (size_t i = 0; i < n; i += 4 * NET_LANES)
		for (uint32_t v = 0; v < 2; v++)
			sums[v] = vpadalq_s16(sums[v], vpaddlq_s8(vld1q_s8(e.weights + i + 16 * v)));
	for (uint32_t v = 0; v < 2; v++) {
		e.scale[v] = vld1q_s32(layer->rescale.scale + first + 4 * v);
		e.bias[v] = with_off(vld1q_s32(layer->rescale.bias + first + 4 * v), sums[v], e.scale[v]);
	}
	e.right = vdupq_n_s32(-(int32_t)layer->rescale.shift);
	return e;
}

/* The rescaled sums of eight outputs, two vectors a pixel. */
INLINE void
sum_eight(int32x4_t *sums, const struct net_source *from, size_t at, const struct eight *e,
	  const struct net_dot *layer, const uint32_t pixels, const int dot_product)
{
	if (dot_product) {
		sum_eight_dot(sums, from, at, e->weights, layer, pixels);
	} else {
		sum_four(sums, 2, from, at, e->weights, layer, pixels);
		sum_four(sums + 1, 2, from, at, e->weights + 16, layer, pixels);
	}
	for (uint32_t i = 0; i < 2 * pixels; i++)
		sums[i] = vshlq_s32(vmlaq_s32(e->bias[i % 2], sums[i], e->scale[i % 2]), e->right);
}

INLINE void
dot_eight(uint8_t *out, const struct net_source *from, const uint8_t *add, uint32_t pixel, uint32_t first,
	  const struct eight *e, const struct net_dot *layer, const uint32_t pixels, const int dot_product)
{
	int32x4_t sums[2 * PIXELS];

	sum_eight(sums, from, pixel * from->step, e, layer, pixels, dot_product);
	for (uint32_t p = 0; p < pixels; p++) {
		size_t at = (size_t)(pixel + p) * layer->outputs + first;

		if (add) {
			int16x8_t old = vreinterpretq_s16_u16(vmovl_u8(vld1_u8(add + at)));

			sums[2 * p] = vaddw_s16(sums[2 * p], vget_low_s16(old));
			sums[2 * p + 1] = vaddw_s16(sums[2 * p + 1], vget_high_s16(old));
		}
		vst1_u8(out + at,
			vqmovn_u16(vcombine_u16(vqmovun_s32(sums[2 * p]), vqmovun_s32(sums[2 * p + 1]))));
	}
}

INLINE void
dot_any(uint8_t *out, const struct net_source *from, const uint8_t *add, uint32_t n,
	const struct net_dot *layer, const int dot_product)
{
	for (uint32_t first = 0; first < layer->outputs; first += NET_LANES) {
		struct eight e = eight_of(layer, first);
		uint32_t pixel = 0;

		for (; pixel + PIXELS <= n; pixel += PIXELS)
			dot_eight(out, from, add, pixel, first, &e, layer, PIXELS, dot_product);
		for (; pixel < n; pixel++)
			dot_eight(out, from, add, pixel, first, &e, layer, 1, dot_product);
	}
}

INLINE void
dot_wide_any(int32_t *out, const struct net_source *from, uint32_t n, const struct net_dot *layer,
	     const int dot_product)
{
	struct eight e = eight_of(layer, 0);

	for (uint32_t pixel = 0; pixel < n; pixel++, out += NET_LANES) {
		int32x4_t sums[2];

		sum_eight(sums, from, pixel * from->step, &e, layer, 1, dot_product);
		vst1q_s32(out, sums[0]);
		vst1q_s32(out + 4, sums[1]);
	}
}

static void
dot(uint8_t *out, const struct net_source *from, const uint8_t *add, uint32_t n, const struct net_dot *layer)
{
	dot_any(out, from, add, n, layer, 0);
}

static void
dot_wide(int32_t *out, const struct net_source *from, uint32_t n, const struct net_dot *layer)
{
	dot_wide_any(out, from, n, layer, 0);
}

WITH_DOT_PRODUCT static void
dot_product(uint8_t *out, const struct net_source *from, const uint8_t *add, uint32_t n,
	    const struct net_dot *layer)
{
	dot_any(out, from, add, n, layer, 1);
}

WITH_DOT_PRODUCT static void
dot_product_wide(int32_t *out, const struct net_source *from, uint32_t n, const struct net_dot *layer)
{
	dot_wide_any(out, from, n, layer, 1);
}

/* Sixteen channels of a depthwise layer. */
struct depth_group {
	int8x16_t taps[9];
	int32x4_t scale[4], bias[4], right;
};

INLINE struct depth_group
depth_group_of(const struct net_depth *layer, uint32_t c)
{
	struct depth_group g = {.right = vdupq_n_s32(-(int32_t)layer->rescale.shift)};
	int16x8_t low = vdupq_n_s16(0), high = vdupq_n_s16(0);
	int32x4_t sums[4];

	for (uint32_t row = 0; row < 3; row++) {
		int8x16x4_t w = vld4q_s8(layer->weights + 4 * (size_t)(row * layer->channels + c));

		for (uint32_t i = 0; i < 3; i++) {
			g.taps[3 * row + i] = w.val[i];
			low = vaddw_s8(low, vget_low_s8(w.val[i]));
			high = vaddw_high_s8(high, w.val[i]);
		}
	}
	sums[0] = vmovl_s16(vget_low_s16(low));
	sums[1] = vmovl_high_s16(low);
	sums[2] = vmovl_s16(vget_low_s16(high));
	sums[3] = vmovl_high_s16(high);
	for (uint32_t v = 0; v < 4; v++) {
		g.scale[v] = vld1q_s32(layer->rescale.scale + c + 4 * v);
		g.bias[v] = with_off(vld1q_s32(layer->rescale.bias + c + 4 * v), sums[v], g.scale[v]);
	}
	return g;
}

INLINE uint16x4_t
depth_four(int32x4_t sums, const struct depth_group *g, uint32_t v)
{
	return vqmovun_s32(vshlq_s32(vmlaq_s32(g->bias[v], sums, g->scale[v]), g->right));
}

INLINE void
depth_pixel(uint8_t *out, const uint8_t *const rows[3], size_t channels, const struct depth_group *g)
{
	int16x8_t low[3], high[3];
	uint16x8_t a, b;

	/* Row by row: three products fit 16 bits. */
	for (uint32_t row = 0; row < 3; row++) {
		const int8x16_t *w = &g->taps[3 * row];
		int8x16_t x = load_signed(rows[row]), y = load_signed(rows[row] + channels);
		int8x16_t z = load_signed(rows[row] + 2 * channels);

		low[row] = vmull_s8(vget_low_s8(x), vget_low_s8(w[0]));
		low[row] = vmlal_s8(low[row], vget_low_s8(y), vget_low_s8(w[1]));
		low[row] = vmlal_s8(low[row], vget_low_s8(z), vget_low_s8(w[2]));
		high[row] = vmull_high_s8(x, w[0]);
		high[row] = vmlal_high_s8(high[row], y, w[1]);
		high[row] = vmlal_high_s8(high[row], z, w[2]);
	}
	a = vcombine_u16(
	    depth_four(vaddw_s16(vaddl_s16(vget_low_s16(low[0]), vget_low_s16(low[1])), vget_low_s16(low[2])),
		       g, 0),
	    depth_four(vaddw_high_s16(vaddl_high_s16(low[0], low[1]), low[2]), g, 1));
	b = vcombine_u16(depth_four(vaddw_s16(vaddl_s16(vget_low_s16(high[0]), vget_low_s16(high[1])),
					      vget_low_s16(high[2])),
				    g, 2),
			 depth_four(vaddw_high_s16(vaddl_high_s16(high[0], high[1]), high[2]), g, 3));
	vst1q_u8(out, vcombine_u8(vqmovn_u16(a), vqmovn_u16(b)));
}

static void
depth(uint8_t *out, const struct net_source *from, uint32_t n, const struct net_depth *layer)
{
	for (uint32_t c = 0; c < layer->channels; c += CHANNELS) {
		struct depth_group g = depth_group_of(layer, c);

		for (uint32_t pixel = 0; pixel < n; pixel++) {
			size_t at = pixel * from->step + c;
			const uint8_t *rows[3] = {from->rows[0] + at, from->rows[1] + at, from->rows[2] + at};

			depth_pixel(out + (size_t)pixel * layer->channels + c, rows, layer->channels, &g);
		}
	}
}

static const struct net_kernels neon = {.name = "neon", .dot = dot, .dot_wide = dot_wide, .depth = depth};
static const struct net_kernels with_dot_product = {
    .name = "dotprod", .dot = dot_product, .dot_wide = dot_product_wide, .depth = depth};

const struct net_kernels *
net_neon(void)
{
	return &neon;
}

const struct net_kernels *
net_dotprod(void)
{
	return getauxval(AT_HWCAP) & HWCAP_DOT_PRODUCT ? &with_dot_product : NULL;
}

#else

const struct net_kernels *
net_neon(void)
{
	return NULL;
}

const struct net_kernels *
net_dotprod(void)
{
	return NULL;
}

#endif
