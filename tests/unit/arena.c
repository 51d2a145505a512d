/*
 * The libraries' memory: aligned, wiped, bounded, and intolerant of misuse.
 */
#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "arena_alone.h"
#include "base/arena.h"
#include "cm.h"

static uint32_t seed = 1;

static uint32_t
draw(uint32_t below)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % below;
}

/* Nothing in use, and nothing in the region but the header of the one free block. */
static void
assert_empty(void)
{
	size_t n, dirty = 0;
	const uint8_t *p = alone_region(&n);

	assert_int_equal(arena_used(), 0);
	for (size_t i = 48; i < n; i++)
		dirty += p[i] != 0;
	assert_int_equal(dirty, 0);
}

static void
what_was_freed_is_wiped(void **state)
{
	void *p[3];

	(void)state;
	for (int order = 0; order < 3; order++) {
		for (int i = 0; i < 3; i++) {
			p[i] = alone_malloc(1000);
			memset(p[i], 0xaa, 1000);
		}
		for (int i = 0; i < 3; i++)
			alone_free(p[(i + order) % 3]);
		assert_empty();
	}
}

static void
new_memory_is_zero_and_aligned(void **state)
{
	static const size_t aligns[] = {8, 16, 64, 4096};
	void *p, *q;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		q = alone_malloc(24);
		assert_int_equal(alone_posix_memalign(&p, aligns[i], 100), 0);
		assert_int_equal((uintptr_t)p % aligns[i], 0);
		assert_int_equal((uintptr_t)p % 16, 0);
		for (int b = 0; b < 100; b++)
			assert_int_equal(((uint8_t *)p)[b], 0);
		memset(p, 0x55, 100);
		alone_free(p);
		alone_free(q);
		assert_empty();
	}
	assert_int_equal(alone_posix_memalign(&p, 24, 1), EINVAL);
	p = alone_aligned_alloc(128, 256);
	q = alone_memalign(32, 1);
	assert_int_equal((uintptr_t)p % 128 | (uintptr_t)q % 32, 0);
	alone_free(p);
	alone_free(q);
	p = alone_malloc(0);
	assert_non_null(p);
	alone_free(p);
	alone_free(NULL);
	assert_empty();
}

static void
realloc_keeps_what_fits_and_wipes_the_rest(void **state)
{
	char *p = alone_realloc(NULL, 10), *fence;

	(void)state;
	memcpy(p, "0123456789", 10);
	fence = alone_malloc(1);
	p = alone_reallocarray(p, 100, 50);
	assert_memory_equal(p, "0123456789", 10);
	assert_int_equal(p[10] | p[4999], 0);
	assert_int_equal(alone_usable_size(p), 5000);
	memset(p + 10, 'x', 4990);
	p = alone_realloc(p, 5);
	assert_memory_equal(p, "01234", 5);
	assert_true(arena_used() < 300);
	p = alone_realloc(p, 20);
	assert_memory_equal(p, "01234\0\0\0\0\0", 10);
	alone_free(fence);
	alone_free(p);
	assert_empty();
}

static void
ten_thousand_steps_leave_nothing_behind(void **state)
{
	enum { HELD = 64 };
	struct {
		uint8_t *p;
		size_t n;
		uint8_t fill;
	} held[HELD] = {{NULL, 0, 0}};

	(void)state;
	for (int step = 0; step < 10000; step++) {
		uint32_t i = draw(HELD);
		size_t n = draw(8) ? draw(300) : draw(8000);

		for (size_t b = 0; b < held[i].n; b++)
			assert_int_equal(held[i].p[b], held[i].fill);
		if (held[i].p && draw(2)) {
			alone_free(held[i].p);
			held[i].p = NULL;
			held[i].n = 0;
			continue;
		}
		held[i].p = alone_realloc(held[i].p, n);
		assert_non_null(held[i].p);
		for (size_t b = held[i].n; b < n; b++)
			assert_int_equal(held[i].p[b], 0);
		held[i].n = n;
		held[i].fill = (uint8_t)step;
		memset(held[i].p, held[i].fill, n);
	}
	assert_true(arena_peak() >= arena_used());
	for (int i = 0; i < HELD; i++)
		alone_free(held[i].p);
	assert_empty();
}

static void *
worker(void *arg)
{
	uint8_t fill = *(uint8_t *)arg;

	for (int i = 0; i < 3000; i++) {
		size_t n = 16 + (size_t)i % 700;
		uint8_t *p = alone_calloc(1, n);

		memset(p, fill, n);
		for (size_t b = 0; b < n; b++)
			if (p[b] != fill)
				return NULL;
		alone_free(p);
	}
	return arg;
}

static void
threads_do_not_meet(void **state)
{
	uint8_t fills[4] = {1, 2, 3, 4};
	pthread_t threads[4];
	void *answer;

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, worker, &fills[i]), 0);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(pthread_join(threads[i], &answer), 0);
		assert_non_null(answer);
	}
	assert_empty();
}

static void
take_all(void *arg)
{
	(void)arg;
	for (;;)
		if (!alone_malloc(1000))
			return;
}

static void
multiply_beyond_measure(void *arg)
{
	(void)arg;
	(void)alone_calloc(SIZE_MAX / 2, 3);
}

static void
free_twice(void *arg)
{
	void *p = alone_malloc(100), *fence = alone_malloc(100);

	(void)arg;
	alone_free(p);
	alone_free(p);
	alone_free(fence);
}

static void
write_past_the_end(void *arg)
{
	char *p = alone_malloc(100);

	(void)arg;
	p[100] = 1;
	alone_free(p);
}

static void
write_past_the_end_and_grow(void *arg)
{
	char *p = alone_malloc(100);

	(void)arg;
	p[100] = 1;
	alone_free(alone_realloc(p, 200));
}

static void
free_a_part(void *arg)
{
	char *p = alone_malloc(100);

	(void)arg;
	alone_free(p + 16);
}

static void
free_a_stranger(void *arg)
{
	char here[64];

	(void)arg;
	alone_free(here + 16);
}

static void
misuse_ends_the_room(void **state)
{
	(void)state;
	assert_true(aborts(take_all, NULL));
	assert_true(aborts(multiply_beyond_measure, NULL));
	assert_true(aborts(free_twice, NULL));
	assert_true(aborts(write_past_the_end, NULL));
	assert_true(aborts(write_past_the_end_and_grow, NULL));
	assert_true(aborts(free_a_part, NULL));
	assert_true(aborts(free_a_stranger, NULL));
}

int
main(void)
{
	const struct CMUnitTest all[] = {
	    cmocka_unit_test(what_was_freed_is_wiped),
	    cmocka_unit_test(new_memory_is_zero_and_aligned),
	    cmocka_unit_test(realloc_keeps_what_fits_and_wipes_the_rest),
	    cmocka_unit_test(ten_thousand_steps_leave_nothing_behind),
	    cmocka_unit_test(threads_do_not_meet),
	    cmocka_unit_test(misuse_ends_the_room),
	};

	return cmocka_run_group_tests(all, NULL, NULL);
}
