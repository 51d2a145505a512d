/*
 * The net's inner loops for AVX2, 32 bytes at a time. vpmaddubsw sums two
 * products in 16 bits, which the range of the weights keeps from saturating. Newer
 * processors do that, the sum of four and the addition in one (AVX-VNNI).
 */
#include "locate/net_kernels.h"

#ifdef __x86_64__

#include <cpuid.h>
#include <immintrin.h>
#include <string.h>

#define AVX2        __attribute__((target("avx2")))
#define AVX2_INLINE AVX2 __attribute__((always_inline)) static inline

enum { GROUP = 32 }; /* outputs or channels in a full step: four vectors of eight sums */

/* Vectors of eight 32-bit numbers; eight pixels of one vector or three of four are summed together. */
enum { SUMS_MAX = 12 };

AVX2_INLINE __m256i
load(const void *p)
{
	return _mm256_loadu_si256((const __m256i *)p);
}

AVX2_INLINE __m256i
load_four_times_eight(const uint8_t *p)
{
	int32_t four;

	memcpy(&four, p, sizeof(four));
	return _mm256_set1_epi32(four);
}

/* sums + the four products of each 32-bit lane. As text: a compiler shows the intrinsic to AVX-VNNI builds alone. */
AVX2_INLINE __m256i
add_products(__m256i sums, __m256i bytes, __m256i weights, const int vnni)
{
	__m256i pairs;

	if (vnni) {
		__asm__("%{vex%} vpdpbusd %2, %1, %0" : "+x"(sums) : "x"(bytes), "xm"(weights));
		return sums;
	}
	pairs = _mm256_maddubs_epi16(bytes, weights);

	return _mm256_add_epi32(sums, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

AVX2_INLINE __m256i
rescale(__m256i sums, const struct net_rescale *r, uint32_t channel)
{
	__m256i product = _mm256_mullo_epi32(sums, load(r->scale + channel));

	return _mm256_sra_epi32(_mm256_add_epi32(product, load(r->bias + channel)),
				_mm_cvtsi32_si128((int)r->shift));
}

/* The sums of `vectors` x 8 outputs, from `first` on, at `pixels` pixels from `pixel` on. */
AVX2_INLINE void
sum(__m256i sums[SUMS_MAX], const struct net_source *from, const struct net_dot *layer, uint32_t pixel,
    uint32_t first, const uint32_t pixels, const uint32_t vectors, const int vnni)
{
	size_t apart = (size_t)layer->rows * layer->run * NET_LANES;
	const int8_t *weights = layer->weights + first / NET_LANES * apart;

	for (uint32_t i = 0; i < pixels * vectors; i++)
		sums[i] = _mm256_setzero_si256();
	for (uint32_t row = 0; row < layer->rows; row++) {
		const uint8_t *in = from->rows[row] + pixel * from->step;

		for (uint32_t i = 0; i < layer->run; i += 4, weights += 4 * NET_LANES) {
			__m256i bytes[8];

			for (uint32_t p = 0; p < pixels; p++)
				bytes[p] = load_four_times_eight(in + p * from->step + i);
			for (uint32_t v = 0; v < vectors; v++) {
				__m256i w = load(weights + v * apart);

				for (uint32_t p = 0; p < pixels; p++)
					sums[p * vectors + v] =
					    add_products(sums[p * vectors + v], bytes[p], w, vnni);
			}
		}
	}
}

/* Clamps four vectors of eight to 32 bytes, in order. */
AVX2_INLINE void
store_group(uint8_t *out, const __m256i v[4])
{
	__m256i bytes = _mm256_packus_epi16(_mm256_packs_epi32(v[0], v[1]), _mm256_packs_epi32(v[2], v[3]));
	__m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);

	_mm256_storeu_si256((__m256i *)(void *)out, _mm256_permutevar8x32_epi32(bytes, order));
}

AVX2_INLINE void
store_eight(uint8_t *out, __m256i v)
{
	__m256i words = _mm256_packs_epi32(v, v);
	__m256i bytes = _mm256_packus_epi16(words, words);
	uint32_t low = (uint32_t)_mm256_extract_epi32(bytes, 0),
		 high = (uint32_t)_mm256_extract_epi32(bytes, 4);

	memcpy(out, &low, sizeof(low));
	memcpy(out + 4, &high, sizeof(high));
}

AVX2_INLINE void
dot_group(uint8_t *out, const struct net_source *from, const uint8_t *add, uint32_t pixel, uint32_t first,
	  const struct net_dot *layer, const uint32_t pixels, const int vnni)
{
	__m256i sums[SUMS_MAX];

	sum(sums, from, layer, pixel, first, pixels, 4, vnni);
	for (uint32_t p = 0; p < pixels; p++) {
		size_t at = (size_t)(pixel + p) * layer->outputs + first;

		for (uint32_t v = 0; v < 4; v++) {
			__m256i *s = &sums[p * 4 + v];

			*s = rescale(*s, &layer->rescale, first + v * NET_LANES);
			if (add) {
				const __m128i *old =
				    (const __m128i *)(const void *)(add + at + v * NET_LANES);

				*s = _mm256_add_epi32(*s, _mm256_cvtepu8_epi32(_mm_loadl_epi64(old)));
			}
		}
		store_group(out + at, &sums[p * 4]);
	}
}

AVX2_INLINE void
dot_groups(uint8_t *out, const struct net_source *from, const uint8_t *add, uint32_t n,
	   const struct net_dot *layer, const int vnni)
{
	uint32_t pixel = 0;

	for (; pixel + 3 <= n; pixel += 3)
		for (uint32_t first = 0; first < layer->outputs; first += GROUP)
			dot_group(out, from, add, pixel, first, layer, 3, vnni);
	for (; pixel < n; pixel++)
		for (uint32_t first = 0; first < layer->outputs; first += GROUP)
			dot_group(out, from, add, pixel, first, layer, 1, vnni);
}

AVX2_INLINE void
dot_eight(uint8_t *out, const struct net_source *from, uint32_t pixel, const struct net_dot *layer,
	  const uint32_t pixels, const int vnni)
{
	__m256i sums[SUMS_MAX];

	sum(sums, from, layer, pixel, 0, pixels, 1, vnni);
	for (uint32_t p = 0; p < pixels; p++)
		store_eight(out + (size_t)(pixel + p) * NET_LANES, rescale(sums[p], &layer->rescale, 0));
}

/* A layer has eight outputs and adds nothing, or a multiple of GROUP. */
AVX2_INLINE void
dot_any(uint8_t *out, const struct net_source *from, const uint8_t *add, uint32_t n,
	const struct net_dot *layer, const int vnni)
{
	uint32_t pixel = 0;

	if (layer->outputs != NET_LANES) {
		dot_groups(out, from, add, n, layer, vnni);
		return;
	}
	for (; pixel + 8 <= n; pixel += 8)
		dot_eight(out, from, pixel, layer, 8, vnni);
	for (; pixel < n; pixel++)
		dot_eight(out, from, pixel, layer, 1, vnni);
}

AVX2_INLINE void
dot_wide_any(int32_t *out, const struct net_source *from, uint32_t n, const struct net_dot *layer,
	     const int vnni)
{
	__m256i sums[SUMS_MAX];

	for (uint32_t pixel = 0; pixel < n; pixel++, out += NET_LANES) {
		sum(sums, from, layer, pixel, 0, 1, 1, vnni);
		_mm256_storeu_si256((__m256i *)(void *)out, rescale(sums[0], &layer->rescale, 0));
	}
}

/*
 * Interleaving bytes keeps to the two halves of a vector, so a vector of eight
 * quads holds channels c..c+3 and c+16..c+19; weights and scales are gathered alike.
 */
AVX2_INLINE __m256i
two_halves(const void *low, const void *high)
{
	return _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128(low)), _mm_loadu_si128(high),
				       1);
}

struct depth_group {
	__m256i weights[3][4], scale[4], bias[4];
};

AVX2_INLINE void
gather_group(struct depth_group *g, const struct net_depth *layer, uint32_t c)
{
	for (uint32_t v = 0; v < 4; v++, c += 4) {
		g->scale[v] = two_halves(layer->rescale.scale + c, layer->rescale.scale + c + 16);
		g->bias[v] = two_halves(layer->rescale.bias + c, layer->rescale.bias + c + 16);
		for (uint32_t row = 0; row < 3; row++) {
			const int8_t *w = layer->weights + 4 * (size_t)(row * layer->channels + c);

			g->weights[row][v] = two_halves(w, w + 64);
		}
	}
}

AVX2_INLINE void
depth_pixel(uint8_t *out, const uint8_t *const in[3], size_t channels, const struct depth_group *g,
	    __m128i shift, const int vnni)
{
	__m256i sums[4] = {_mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256(),
			   _mm256_setzero_si256()};

	for (uint32_t row = 0; row < 3; row++) {
		__m256i a = load(in[row]), b = load(in[row] + channels), c = load(in[row] + 2 * channels);
		__m256i ab_low = _mm256_unpacklo_epi8(a, b), ab_high = _mm256_unpackhi_epi8(a, b);
		__m256i c_low = _mm256_unpacklo_epi8(c, _mm256_setzero_si256());
		__m256i c_high = _mm256_unpackhi_epi8(c, _mm256_setzero_si256());
		const __m256i *w = g->weights[row];

		sums[0] = add_products(sums[0], _mm256_unpacklo_epi16(ab_low, c_low), w[0], vnni);
		sums[1] = add_products(sums[1], _mm256_unpackhi_epi16(ab_low, c_low), w[1], vnni);
		sums[2] = add_products(sums[2], _mm256_unpacklo_epi16(ab_high, c_high), w[2], vnni);
		sums[3] = add_products(sums[3], _mm256_unpackhi_epi16(ab_high, c_high), w[3], vnni);
	}
	for (uint32_t v = 0; v < 4; v++)
		sums[v] = _mm256_sra_epi32(
		    _mm256_add_epi32(_mm256_mullo_epi32(sums[v], g->scale[v]), g->bias[v]), shift);
	_mm256_storeu_si256(
	    (__m256i *)(void *)out,
	    _mm256_packus_epi16(_mm256_packs_epi32(sums[0], sums[1]), _mm256_packs_epi32(sums[2], sums[3])));
}

AVX2_INLINE void
depth_any(uint8_t *out, const struct net_source *from, uint32_t n, const struct net_depth *layer,
	  const int vnni)
{
	__m128i shift = _mm_cvtsi32_si128((int)layer->rescale.shift);

	for (uint32_t c = 0; c < layer->channels; c += GROUP) {
		struct depth_group group;

		gather_group(&group, layer, c);
		for (uint32_t pixel = 0; pixel < n; pixel++) {
			size_t at = pixel * from->step + c;
			const uint8_t *in[3] = {from->rows[0] + at, from->rows[1] + at, from->rows[2] + at};

			depth_pixel(out + (size_t)pixel * layer->channels + c, in, layer->channels, &group,
				    shift, vnni);
		}
	}
}

AVX2 static void
dot(uint8_t *out, const struct net_source *from, const uint8_t *add, uint32_t n, const struct net_dot *layer)
{
	dot_any(out, from, add, n, layer, 0);
}

AVX2 static void
dot_wide(int32_t *out, const struct net_source *from, uint32_t n, const struct net_dot *layer)
{
	dot_wide_any(out, from, n, layer, 0);
}

AVX2 static void
depth(uint8_t *out, const struct net_source *from, uint32_t n, const struct net_depth *layer)
{
	depth_any(out, from, n, layer, 0);
}

AVX2 static void
dot_vnni(uint8_t *out, const struct net_source *from, const uint8_t *add, uint32_t n,
	 const struct net_dot *layer)
{
	dot_any(out, from, add, n, layer, 1);
}

AVX2 static void
dot_wide_vnni(int32_t *out, const struct net_source *from, uint32_t n, const struct net_dot *layer)
{
	dot_wide_any(out, from, n, layer, 1);
}

AVX2 static void
depth_vnni(uint8_t *out, const struct net_source *from, uint32_t n, const struct net_depth *layer)
{
	depth_any(out, from, n, layer, 1);
}

static const struct net_kernels kernels = {.name = "avx2", .dot = dot, .dot_wide = dot_wide, .depth = depth};
static const struct net_kernels with_vnni = {
    .name = "avx-vnni", .dot = dot_vnni, .dot_wide = dot_wide_vnni, .depth = depth_vnni};

const struct net_kernels *
net_avx2(void)
{
	return __builtin_cpu_supports("avx2") ? &kernels : NULL;
}

const struct net_kernels *
net_avx_vnni(void)
{
	unsigned int a = 0, b, c, d;

	/* Intel's manual, CPUID leaf 7, subleaf 1: bit 4 of EAX */
	return net_avx2() && __get_cpuid_count(7, 1, &a, &b, &c, &d) && (a >> 4 & 1) ? &with_vnni : NULL;
}

#else

const struct net_kernels *
net_avx2(void)
{
	return NULL;
}

const struct net_kernels *
net_avx_vnni(void)
{
	return NULL;
}

#endif
