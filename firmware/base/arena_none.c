/*
 * base/arena_none.c - stands in for arena.c where the sanitizers bring their own malloc.
 */
#include "base/arena.h"

size_t
arena_used(void)
{
	return 0;
}

size_t
arena_peak(void)
{
	return 0;
}
