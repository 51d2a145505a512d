/*
 * Compiles base/arena.c with its malloc renamed. The headers that declare the real one come first.
 */
#include <malloc.h>
#include <stdlib.h>

#include "arena_alone.h"

#define malloc             alone_malloc
#define calloc             alone_calloc
#define free               alone_free
#define realloc            alone_realloc
#define reallocarray       alone_reallocarray
#define posix_memalign     alone_posix_memalign
#define memalign           alone_memalign
#define aligned_alloc      alone_aligned_alloc
#define malloc_usable_size alone_usable_size
#undef ARENA_KIB
#define ARENA_KIB ALONE_KIB

#include "../../firmware/base/arena.c"

const uint8_t *
alone_region(size_t *n)
{
	*n = sizeof(region);
	return region;
}
