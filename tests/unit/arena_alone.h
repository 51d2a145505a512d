/*
 * The arena under other names and with 256 KiB, so that a test can hold it beside the sanitizer's malloc.
 */
#ifndef TESTS_ARENA_ALONE_H
#define TESTS_ARENA_ALONE_H

#include <stddef.h>
#include <stdint.h>

enum { ALONE_KIB = 256 };

void *alone_malloc(size_t n);
void *alone_calloc(size_t n, size_t each);
void alone_free(void *p);
void *alone_realloc(void *p, size_t n);
void *alone_reallocarray(void *p, size_t n, size_t each);
int alone_posix_memalign(void **out, size_t align, size_t n);
void *alone_memalign(size_t align, size_t n);
void *alone_aligned_alloc(size_t align, size_t n);
size_t alone_usable_size(void *p);
const uint8_t *alone_region(size_t *n);

#endif
