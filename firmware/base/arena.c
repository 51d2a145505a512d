/*
 * base/arena.c - malloc(3) over one fixed region, for the libraries of a room that sees pixels or keys.
 *
 * Blocks lie side by side and know their own size and that of the one before.
 * Free ones hang in lists by power of two. Whatever is free is zero: free(3)
 * wipes, so malloc(3) always gives zeroed memory. Pages never touched take no
 * memory, since they are locked as they are used and not before.
 */
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/wipe.h"

enum { ALIGN = 16, BINS = 48, CANARY_BYTES = 8 };

struct block {
	size_t bytes;  /* whole block, with this header */
	size_t before; /* bytes of the block in front; 0 for the first */
	size_t asked;  /* what the caller wanted; the canary follows */
	uint64_t mark; /* tells a live header from a free one and from anything else */
	/* In a free block only; in a live one this is the caller's. */
	struct block *next, *prev;
};

#define HEADER_BYTES    offsetof(struct block, next)
#define BLOCK_MIN_BYTES 64
#define REGION_BYTES    ((size_t)ARENA_KIB * 1024)
static const uint64_t live_mark = 0x4c61726365206c69, free_mark = 0x6e6f626f64792773,
		      canary = 0x1ead5ea1600dca4d;

static _Alignas(65536) uint8_t region[REGION_BYTES];
static struct block *bins[BINS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int started;
static size_t used, peak;

static uint64_t
mark_of(const struct block *b, uint64_t mark)
{
	return mark ^ (uintptr_t)b;
}

static struct block *
at(uint8_t *p)
{
	return (struct block *)(void *)p;
}

static struct block *
after(struct block *b)
{
	uint8_t *p = (uint8_t *)b + b->bytes;

	return p < region + REGION_BYTES ? at(p) : NULL;
}

static int
is_free(const struct block *b)
{
	return b && b->mark == mark_of(b, free_mark);
}

static unsigned int
bin_of(size_t bytes)
{
	unsigned int bin = 63U - (unsigned int)__builtin_clzll(bytes);

	return bin < BINS ? bin : BINS - 1;
}

/* ---- free blocks ---- */

static void
hang(struct block *b)
{
	struct block **head = &bins[bin_of(b->bytes)];

	b->mark = mark_of(b, free_mark);
	b->prev = NULL;
	b->next = *head;
	if (*head)
		(*head)->prev = b;
	*head = b;
}

static void
unhang(struct block *b)
{
	CHECK(is_free(b));
	if (b->prev)
		b->prev->next = b->next;
	else
		bins[bin_of(b->bytes)] = b->next;
	if (b->next)
		b->next->prev = b->prev;
	b->next = b->prev = NULL;
	b->mark = 0;
}

static void
resize(struct block *b, size_t bytes)
{
	struct block *next;

	b->bytes = bytes;
	next = after(b);
	if (next)
		next->before = bytes;
}

/* b's payload is zero already. Joins it with free neighbours, so that no two free blocks touch. */
static void
release(struct block *b)
{
	struct block *next = after(b), *prev = b->before ? at((uint8_t *)b - b->before) : NULL;
	size_t bytes;

	if (is_free(next)) {
		unhang(next);
		bytes = b->bytes + next->bytes;
		wipe(next, HEADER_BYTES);
		resize(b, bytes);
	}
	if (is_free(prev)) {
		unhang(prev);
		bytes = prev->bytes + b->bytes;
		wipe(b, HEADER_BYTES);
		resize(prev, bytes);
		b = prev;
	}
	b->asked = 0;
	hang(b);
}

/* Gives back what b, which hangs nowhere, does not need. */
static void
trim(struct block *b, size_t need)
{
	struct block *rest;
	size_t left = b->bytes - need;

	if (left < BLOCK_MIN_BYTES)
		return;
	rest = at((uint8_t *)b + need);
	rest->before = need;
	resize(rest, left);
	b->bytes = need;
	release(rest);
}

static void
start(void)
{
	struct block *all = at(region);

	started = 1;
	memory_hide(region, REGION_BYTES);
	all->bytes = REGION_BYTES;
	hang(all);
}

/* ---- live blocks ---- */

static uint8_t *
payload(struct block *b)
{
	return (uint8_t *)b + HEADER_BYTES;
}

/* What the caller asked for, a canary, and room for the links of a free block. */
static size_t
block_bytes(size_t asked)
{
	size_t need = (HEADER_BYTES + asked + CANARY_BYTES + ALIGN - 1) / ALIGN * ALIGN;

	return need < BLOCK_MIN_BYTES ? BLOCK_MIN_BYTES : need;
}

static void
bring_to_life(struct block *b, size_t asked)
{
	b->asked = asked;
	b->mark = mark_of(b, live_mark);
	memcpy(payload(b) + asked, &canary, CANARY_BYTES);
}

/* The block of a pointer that a caller gave back: ours, live, and not written past its end. */
static struct block *
block_of(const void *p)
{
	uintptr_t where = (uintptr_t)p, base = (uintptr_t)region;
	struct block *b;

	CHECK(where % ALIGN == 0 && where >= base + HEADER_BYTES && where < base + REGION_BYTES);
	b = at(region + (where - base) - HEADER_BYTES);
	CHECK(b->mark == mark_of(b, live_mark));
	CHECK(b->asked <= b->bytes - HEADER_BYTES - CANARY_BYTES);
	CHECK(memcmp(payload(b) + b->asked, &canary, CANARY_BYTES) == 0);
	return b;
}

static _Noreturn void
full(size_t asked)
{
	log_event(LOG_ERROR, "arena_full", "asked", asked, "used", used, "kib", ARENA_KIB);
	abort();
}

/* How far into b a block must begin so that its payload is aligned and the gap can be a block, or is none. */
static size_t
gap_before(struct block *b, size_t align)
{
	uintptr_t p = (uintptr_t)payload(b);
	size_t gap = (align - p % align) % align;

	while (gap > 0 && gap < BLOCK_MIN_BYTES)
		gap += align;
	return gap;
}

/* The first free block, in the lists of its size and above, that holds `need` bytes after its gap. */
static struct block *
find_fit(size_t need, size_t align)
{
	for (unsigned int bin = bin_of(need); bin < BINS; bin++)
		for (struct block *b = bins[bin]; b; b = b->next)
			if (b->bytes >= need && b->bytes - need >= gap_before(b, align))
				return b;
	return NULL;
}

static void *
take_locked(size_t align, size_t asked)
{
	size_t need = block_bytes(asked), gap;
	struct block *b = find_fit(need, align);

	if (!b)
		full(asked);
	unhang(b);
	gap = gap_before(b, align);
	if (gap > 0) {
		struct block *front = b;

		b = at((uint8_t *)front + gap);
		b->before = gap;
		resize(b, front->bytes - gap);
		front->bytes = gap;
		hang(front);
	}
	trim(b, need);
	bring_to_life(b, asked);
	used += b->bytes;
	peak = used > peak ? used : peak;
	return payload(b);
}

static void
give_locked(struct block *b)
{
	used -= b->bytes;
	wipe(payload(b), b->asked + CANARY_BYTES);
	release(b);
}

static void *
take(size_t align, size_t asked)
{
	void *p;

	if (asked > REGION_BYTES || align > REGION_BYTES)
		full(asked);
	CHECK(pthread_mutex_lock(&lock) == 0);
	if (!started)
		start();
	p = take_locked(align < ALIGN ? ALIGN : align, asked);
	CHECK(pthread_mutex_unlock(&lock) == 0);
	return p;
}

static size_t
product(size_t n, size_t each)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, each, &bytes))
		full(SIZE_MAX);
	return bytes;
}

/* ---- malloc(3) ---- */

void *
malloc(size_t n)
{
	return take(ALIGN, n);
}

void *
calloc(size_t n, size_t each)
{
	return take(ALIGN, product(n, each));
}

void
free(void *p)
{
	if (!p)
		return;
	CHECK(pthread_mutex_lock(&lock) == 0);
	give_locked(block_of(p));
	CHECK(pthread_mutex_unlock(&lock) == 0);
}

/* Stays where it is when the block is large enough, and wipes what is no longer asked for. */
static int
resize_in_place(struct block *b, size_t asked)
{
	size_t had = b->asked, before = b->bytes;

	if (block_bytes(asked) > before)
		return 0;
	wipe(payload(b) + had, CANARY_BYTES);
	if (asked < had)
		wipe(payload(b) + asked, had - asked);
	trim(b, block_bytes(asked));
	used -= before - b->bytes;
	bring_to_life(b, asked);
	return 1;
}

void *
realloc(void *p, size_t n)
{
	struct block *b;
	size_t had;
	void *moved;
	int stays;

	if (!p)
		return take(ALIGN, n);
	if (n > REGION_BYTES)
		full(n);
	CHECK(pthread_mutex_lock(&lock) == 0);
	b = block_of(p);
	had = b->asked;
	stays = resize_in_place(b, n);
	CHECK(pthread_mutex_unlock(&lock) == 0);
	if (stays)
		return p;
	moved = take(ALIGN, n);
	memcpy(moved, p, had);
	free(p);
	return moved;
}

void *
reallocarray(void *p, size_t n, size_t each)
{
	return realloc(p, product(n, each));
}

int
posix_memalign(void **out, size_t align, size_t n)
{
	if (align < sizeof(void *) || (align & (align - 1)) != 0)
		return EINVAL;
	*out = take(align, n);
	return 0;
}

void *
memalign(size_t align, size_t n)
{
	CHECK(align > 0 && (align & (align - 1)) == 0);
	return take(align, n);
}

void *
aligned_alloc(size_t align, size_t n)
{
	return memalign(align, n);
}

size_t
malloc_usable_size(void *p)
{
	return p ? block_of(p)->asked : 0;
}

/* ---- for the room's vitals ---- */

size_t
arena_used(void)
{
	return used;
}

size_t
arena_peak(void)
{
	return peak;
}
