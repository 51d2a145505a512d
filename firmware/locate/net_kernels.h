/*
 * locate/net_kernels.h - the inner loops of the net, once in plain C and
 * once for each instruction set; and the shape of the weights.
 *
 * Activations are bytes 0..255. Weights are -63..63, so that the sum of two
 * products fits 16 bits and no instruction saturates. A sum is brought back to a
 * byte by one 32-bit multiplication, one addition and one shift, whose numbers
 * tools/train/export chose so that nothing overflows.
 */
#ifndef LOCATE_NET_KERNELS_H
#define LOCATE_NET_KERNELS_H

#include "locate/net.h"

enum { NET_LANES = 8 };

/* How sums become activations: ((sum * scale[channel] + bias[channel]) >> shift). */
struct net_rescale {
	const int32_t *scale, *bias;
	uint32_t shift;
};

/*
 * Every output of a pixel is a sum over `rows` runs of `run` bytes (a multiple of
 * 4). weights: for each 8 outputs, for each 4 bytes of a run, 8 x 4 weights.
 */
struct net_dot {
	const int8_t *weights;
	struct net_rescale rescale;
	uint32_t rows, run, outputs;
};

/* 3x3, each channel by itself. weights: for each row of taps, for each channel, three taps and a zero. */
struct net_depth {
	const int8_t *weights;
	struct net_rescale rescale;
	uint32_t channels;
};

/* Where a kernel reads: the first byte of each row, and how far it is to the next pixel. */
struct net_source {
	const uint8_t *rows[3];
	size_t step;
};

struct net_kernels {
	const char *name;
	/* n pixels of outputs bytes each; `add`, if not NULL, is added before the clamp. */
	void (*dot)(uint8_t *out, const struct net_source *from, const uint8_t *add, uint32_t n,
	            const struct net_dot *layer);
	/* The same, but the rescaled sums themselves. */
	void (*dot_wide)(int32_t *out, const struct net_source *from, uint32_t n, const struct net_dot *layer);
	/* rows[] point at the left tap of the first pixel. */
	void (*depth)(uint8_t *out, const struct net_source *from, uint32_t n, const struct net_depth *layer);
};

extern const struct net_kernels net_plain;
/* NULL where this processor or this build has none. */
const struct net_kernels *net_avx_vnni(void);
const struct net_kernels *net_avx2(void);
const struct net_kernels *net_sse41(void);
const struct net_kernels *net_dotprod(void);
const struct net_kernels *net_neon(void);
/* The i-th kernels this processor can run, best first; plain C is the last, NULL comes after it. */
const struct net_kernels *net_kernels_at(uint32_t i);

enum { NET_BLOCKS_MAX = 12 };

/* The first block halves the size; the others add their input. */
struct net_block {
	struct net_depth depth;
	struct net_dot point;
};

/* The stem has NET_LANES outputs; the middle and every block have a multiple of 32. */
struct net_weights {
	uint32_t wide, n_blocks; /* channels of every block's output; blocks */
	struct net_dot stem, middle;
	struct net_block blocks[NET_BLOCKS_MAX];
	struct net_dot head;
};

#endif
