/*
 * The net's inner loops in plain C: what every other kernel must equal, and
 * what runs where there is no other.
 */
#include <string.h>
#include "locate/net_kernels.h"

static int32_t
rescale(const struct net_rescale *r, uint32_t channel, int32_t sum)
{
	return (sum * r->scale[channel] + r->bias[channel]) >> r->shift;
}

static uint8_t
to_byte(int32_t v)
{
	return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
}

/* The sums of eight outputs at one pixel. */
static void
sum_eight(int32_t sums[NET_LANES], const struct net_source *from, size_t at, const int8_t *weights,
          const struct net_dot *layer)
{
	int32_t parts[4 * NET_LANES] = {0};

	for (uint32_t row = 0; row < layer->rows; row++) {
		const uint8_t *in = from->rows[row] + at;

		for (uint32_t i = 0; i < layer->run; i += 4, weights += 4 * NET_LANES) {
			uint8_t four[4 * NET_LANES]; /* the same four for each lane: a shape that compilers make vectors of */

			for (uint32_t lane = 0; lane < NET_LANES; lane++)
				memcpy(four + 4 * lane, in + i, 4);
			for (uint32_t k = 0; k < 4 * NET_LANES; k++)
				parts[k] += four[k] * weights[k];
		}
	}
	for (uint32_t lane = 0; lane < NET_LANES; lane++)
		sums[lane] = parts[4 * lane] + parts[4 * lane + 1] + parts[4 * lane + 2] + parts[4 * lane + 3];
}

static size_t
weights_of_eight(const struct net_dot *layer)
{
	return (size_t)layer->rows * layer->run * NET_LANES;
}

static void
dot(uint8_t *out, const struct net_source *from, const uint8_t *add, uint32_t n, const struct net_dot *layer)
{
	int32_t sums[NET_LANES];

	for (uint32_t pixel = 0; pixel < n; pixel++) {
		const int8_t *weights = layer->weights;

		for (uint32_t first = 0; first < layer->outputs; first += NET_LANES) {
			sum_eight(sums, from, pixel * from->step, weights, layer);
			weights += weights_of_eight(layer);
			for (uint32_t lane = 0; lane < NET_LANES; lane++) {
				size_t at = (size_t)pixel * layer->outputs + first + lane;
				int32_t v = rescale(&layer->rescale, first + lane, sums[lane]);

				out[at] = to_byte(v + (add ? add[at] : 0));
			}
		}
	}
}

static void
dot_wide(int32_t *out, const struct net_source *from, uint32_t n, const struct net_dot *layer)
{
	int32_t sums[NET_LANES];

	for (uint32_t pixel = 0; pixel < n; pixel++) {
		sum_eight(sums, from, pixel * from->step, layer->weights, layer);
		for (uint32_t lane = 0; lane < NET_LANES; lane++)
			*out++ = rescale(&layer->rescale, lane, sums[lane]);
	}
}

static void
depth(uint8_t *out, const struct net_source *from, uint32_t n, const struct net_depth *layer)
{
	uint32_t channels = layer->channels;

	for (uint32_t pixel = 0; pixel < n; pixel++) {
		for (uint32_t c = 0; c < channels; c++) {
			int32_t sum = 0;

			for (uint32_t row = 0; row < 3; row++) {
				const uint8_t *in = from->rows[row] + pixel * from->step + c;
				const int8_t *w = layer->weights + 4 * (size_t)(row * channels + c);

				sum += in[0] * w[0] + in[channels] * w[1] + in[2 * channels] * w[2];
			}
			*out++ = to_byte(rescale(&layer->rescale, c, sum));
		}
	}
}

const struct net_kernels net_plain = {.name = "plain", .dot = dot, .dot_wide = dot_wide, .depth = depth};
