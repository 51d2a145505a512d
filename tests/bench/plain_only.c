/* In place of the vector kernels: a machine that has none. */
#include "locate/net_kernels.h"

const struct net_kernels *
net_avx_vnni(void)
{
	return NULL;
}

const struct net_kernels *
net_avx2(void)
{
	return NULL;
}

const struct net_kernels *
net_sse41(void)
{
	return NULL;
}

const struct net_kernels *
net_dotprod(void)
{
	return NULL;
}

const struct net_kernels *
net_neon(void)
{
	return NULL;
}
