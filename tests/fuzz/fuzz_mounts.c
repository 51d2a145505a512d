/* What is mounted and swapped to, as the kernel writes it, over one small computer; split at the first NUL. And the list of allowed disks. */
#include <string.h>

#include "../../tools/lanectl/judge.h"
#include "../../tools/lanectl/uses.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* sda(sda1) under dm-0, loop0 in a file, sdb alone; dm-0 and sdb lie on each other, which no kernel would say. */
static void
draw(struct uses *u)
{
	static const struct uses_block blocks[] = {
	    {.name = "sda", .major = 8, .minor = 0, .part_of = -1},
	    {.name = "sda1", .major = 8, .minor = 1, .part_of = 0},
	    {.name = "dm-0",
	     .alias = "root",
	     .major = 254,
	     .minor = 0,
	     .part_of = -1,
	     .below = {1, 4},
	     .n_below = 2},
	    {.name = "loop0", .major = 7, .minor = 0, .part_of = -1, .backing = "/a/b"},
	    {.name = "sdb", .major = 8, .minor = 16, .part_of = -1, .below = {2}, .n_below = 1},
	};

	memset(u, 0, sizeof(*u));
	memcpy(u->blocks, blocks, sizeof(blocks));
	u->n_blocks = ARRAY_SIZE(blocks);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct uses u;
	static struct allow allow;
	const uint8_t *nul = n ? memchr(data, 0, n) : NULL;
	size_t first = nul ? (size_t)(nul - data) : n, line;
	char why[DEVICE_TEXT_BYTES];

	draw(&u);
	uses_settle(&u, SPAN(data, first), nul ? SPAN(nul + 1, n - first - 1) : SPAN(data, 0));
	/* Whatever lies under dm-0 is at least held. */
	CHECK(uses_of(&u, 8, 0, why) != USE_NONE && strlen(why) < sizeof(why));
	CHECK(uses_of(&u, 8, 0, why) >= uses_of(&u, 254, 0, why));
	uses_free(&u);
	if (allow_read(&allow, SPAN(data, n), &line) == 0)
		for (size_t i = 0; i < allow.n; i++)
			CHECK(allow.names[i][0] && strlen(allow.names[i]) < DEVICE_NAME_BYTES);
	return 0;
}
