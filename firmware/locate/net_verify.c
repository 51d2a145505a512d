/*
 * The net that looks again at plates has learnt nothing yet: without blocks,
 * find.c answers with what the search says.
 */
#include "locate/net_kernels.h"

const struct net_weights net_verify = {.n_blocks = 0};
