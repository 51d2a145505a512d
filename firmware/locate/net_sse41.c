/*
 * The net's inner loops for x86-64 processors that have SSE4.1 but no AVX2, 16 bytes
 * at a time. pmaddubsw sums two products in 16 bits, which the range of the weights
 * keeps from saturating.
 */
#include "locate/net_kernels.h"

#ifdef __x86_64__

#include <smmintrin.h>
#include <string.h>

#define SSE41        __attribute__((target("sse4.1")))
#define SSE41_INLINE SSE41 __attribute__((always_inline)) static inline

enum { PIXELS = 4, CHANNELS = 16 };

SSE41_INLINE __m128i
load(const void *p)
{
	return _mm_loadu_si128(p);
}

SSE41_INLINE __m128i
load_four_times_four(const uint8_t *p)
{
	int32_t four;

	memcpy(&four, p, sizeof(four));
	return _mm_set1_epi32(four);
}

/* sums + the four products of each 32-bit lane. */
SSE41_INLINE __m128i
add_products(__m128i sums, __m128i bytes, __m128i weights)
{
	return _mm_add_epi32(sums, _mm_madd_epi16(_mm_maddubs_epi16(bytes, weights), _mm_set1_epi16(1)));
}

SSE41_INLINE __m128i
rescale(__m128i sums, const struct net_rescale *r, uint32_t channel)
{
	__m128i product = _mm_mullo_epi32(sums, load(r->scale + channel));

	return _mm_sra_epi32(_mm_add_epi32(product, load(r->bias + channel)),
			     _mm_cvtsi32_si128((int)r->shift));
}

/* The rescaled sums of eight outputs, two vectors a pixel. */
SSE41_INLINE void
sum_eight(__m128i *sums, const struct net_source *from, uint32_t pixel, uint32_t first,
	  const struct net_dot *layer, const uint32_t pixels)
{
	const int8_t *weights = layer->weights + (size_t)first * layer->rows * layer->run;

	for (uint32_t i = 0; i < 2 * pixels; i++)
		sums[i] = _mm_setzero_si128();
	for (uint32_t row = 0; row < layer->rows; row++) {
		const uint8_t *in = from->rows[row] + pixel * from->step;

		for (uint32_t i = 0; i < layer->run; i += 4, weights += 4 * NET_LANES)
			for (uint32_t p = 0; p < pixels; p++) {
				__m128i bytes = load_four_times_four(in + p * from->step + i);

				sums[2 * p] = add_products(sums[2 * p], bytes, load(weights));
				sums[2 * p + 1] = add_products(sums[2 * p + 1], bytes, load(weights + 16));
			}
	}
	for (uint32_t i = 0; i < 2 * pixels; i++)
		sums[i] = rescale(sums[i], &layer->rescale, first + i % 2 * 4);
}

SSE41_INLINE void
dot_eight(uint8_t *out, const struct net_source *from, const uint8_t *add, uint32_t pixel, uint32_t first,
	  const struct net_dot *layer, const uint32_t pixels)
{
	__m128i sums[2 * PIXELS];

	sum_eight(sums, from, pixel, first, layer, pixels);
	for (uint32_t p = 0; p < pixels; p++) {
		size_t at = (size_t)(pixel + p) * layer->outputs + first;
		__m128i words;

		if (add) {
			__m128i old = _mm_loadl_epi64((const void *)(add + at));

			sums[2 * p] = _mm_add_epi32(sums[2 * p], _mm_cvtepu8_epi32(old));
			sums[2 * p + 1] =
			    _mm_add_epi32(sums[2 * p + 1], _mm_cvtepu8_epi32(_mm_srli_si128(old, 4)));
		}
		words = _mm_packs_epi32(sums[2 * p], sums[2 * p + 1]);
		_mm_storel_epi64((void *)(out + at), _mm_packus_epi16(words, words));
	}
}

SSE41 static void
dot(uint8_t *out, const struct net_source *from, const uint8_t *add, uint32_t n, const struct net_dot *layer)
{
	uint32_t pixel = 0;

	for (; pixel + PIXELS <= n; pixel += PIXELS)
		for (uint32_t first = 0; first < layer->outputs; first += NET_LANES)
			dot_eight(out, from, add, pixel, first, layer, PIXELS);
	for (; pixel < n; pixel++)
		for (uint32_t first = 0; first < layer->outputs; first += NET_LANES)
			dot_eight(out, from, add, pixel, first, layer, 1);
}

SSE41 static void
dot_wide(int32_t *out, const struct net_source *from, uint32_t n, const struct net_dot *layer)
{
	for (uint32_t pixel = 0; pixel < n; pixel++, out += NET_LANES) {
		__m128i sums[2];

		sum_eight(sums, from, pixel, 0, layer, 1);
		_mm_storeu_si128((void *)out, sums[0]);
		_mm_storeu_si128((void *)(out + 4), sums[1]);
	}
}

/* Sixteen channels at one pixel; interleaved, each 32-bit lane holds a channel's three taps and a zero. */
SSE41_INLINE void
depth_pixel(uint8_t *out, const struct net_source *from, uint32_t pixel, uint32_t c,
	    const struct net_depth *layer)
{
	__m128i zero = _mm_setzero_si128(), sums[4] = {zero, zero, zero, zero};

	for (uint32_t row = 0; row < 3; row++) {
		const uint8_t *in = from->rows[row] + pixel * from->step + c;
		const int8_t *w = layer->weights + 4 * (size_t)(row * layer->channels + c);
		__m128i x = load(in), y = load(in + layer->channels),
			z = load(in + 2 * (size_t)layer->channels);
		__m128i low = _mm_unpacklo_epi8(x, y), high = _mm_unpackhi_epi8(x, y);
		__m128i last_low = _mm_unpacklo_epi8(z, zero), last_high = _mm_unpackhi_epi8(z, zero);

		sums[0] = add_products(sums[0], _mm_unpacklo_epi16(low, last_low), load(w));
		sums[1] = add_products(sums[1], _mm_unpackhi_epi16(low, last_low), load(w + 16));
		sums[2] = add_products(sums[2], _mm_unpacklo_epi16(high, last_high), load(w + 32));
		sums[3] = add_products(sums[3], _mm_unpackhi_epi16(high, last_high), load(w + 48));
	}
	for (uint32_t v = 0; v < 4; v++)
		sums[v] = rescale(sums[v], &layer->rescale, c + 4 * v);
	_mm_storeu_si128((void *)out, _mm_packus_epi16(_mm_packs_epi32(sums[0], sums[1]),
						       _mm_packs_epi32(sums[2], sums[3])));
}

SSE41 static void
depth(uint8_t *out, const struct net_source *from, uint32_t n, const struct net_depth *layer)
{
	for (uint32_t c = 0; c < layer->channels; c += CHANNELS)
		for (uint32_t pixel = 0; pixel < n; pixel++)
			depth_pixel(out + (size_t)pixel * layer->channels + c, from, pixel, c, layer);
}

static const struct net_kernels kernels = {
    .name = "sse4.1", .dot = dot, .dot_wide = dot_wide, .depth = depth};

const struct net_kernels *
net_sse41(void)
{
	return __builtin_cpu_supports("sse4.1") ? &kernels : NULL;
}

#else

const struct net_kernels *
net_sse41(void)
{
	return NULL;
}

#endif
