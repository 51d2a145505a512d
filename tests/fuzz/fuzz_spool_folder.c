/*
 * Recovery and delivery over a folder with hostile names and contents, on the disk in memory.
 * The input is a list of files: which name, how many bytes, the bytes. Whatever is there,
 * opening ends, numbers given afterwards are new, a second opening agrees with the first, and
 * walking through what is due ends.
 */
#include <stdio.h>
#include <string.h>

#include "hal/crypto.h"
#include "hal/storage.h"
#include "spool/segment.h"
#include "spool/store.h"
#include "storage_sim.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { FOLDER = 3, FILE_MOST = 8000 };

static uint8_t scratch[300 << 10], point[CRYPTO_POINT_BYTES], key_id[RECORD_KEY_ID_BYTES];

static void
name_for(uint8_t pick, char name[STORAGE_NAME_BYTES])
{
	static const char *const names[] = {".head", ".delivered", ".new", "other", "00000000000000000002.lss.bad"};

	if (pick < 64)
		(void)snprintf(name, STORAGE_NAME_BYTES, "%s", names[pick % ARRAY_SIZE(names)]);
	else
		segment_name(1U + pick % 16, name);
}

static void
write_files(struct span left)
{
	char name[STORAGE_NAME_BYTES];

	while (left.n >= 3) {
		size_t n = (size_t)left.p[1] << 8 | left.p[2];
		int file;

		name_for(left.p[0], name);
		left = SPAN(left.p + 3, left.n - 3);
		n = n < left.n ? n : left.n;
		file = hal_storage_open(FOLDER, name, STORAGE_CREATE);
		if (file >= 0 && n > 0)
			CHECK(hal_storage_write(file, SPAN(left.p, n < FILE_MOST ? n : FILE_MOST), 0) > 0);
		left = SPAN(left.p + n, left.n - n);
	}
}

static void
walk(struct store *st)
{
	struct store_entry due;
	struct store_lost lost;
	uint64_t before = 0;
	int got;

	while ((got = store_due(st, &due, &lost)) > 0) {
		CHECK(got != STORE_LOST || (lost.count > 0 && lost.first > before));
		if (got == STORE_DUE && store_read(st, &due, SPACE_OF(scratch)) >= 0) {
			store_delivered(st, &due);
			continue;
		}
		if (got == STORE_DUE)
			lost = (struct store_lost){due.sequence, 1, GAP_DAMAGED};
		store_give_up(st, &lost);
		before = lost.first + lost.count - 1;
	}
}

static void
use(const struct store_wish *wish)
{
	static const uint8_t link[CRYPTO_HASH_BYTES] = {1};
	struct store_found found;
	struct store st;
	uint64_t sequence;
	uint32_t boot;

	if (store_open(&st, wish, &found) < 0)
		return;
	boot = st.head.boot;
	sequence = st.head.sequence;
	CHECK(boot > 0);
	walk(&st);
	memset(scratch, 0x55, 600); /* no record, but no zeros either */
	if (store_room(&st, 600, 0) == 0 && store_append(&st, &(uint64_t){77}, link, SPAN(scratch, 300), SPAN(scratch, 300)) == 0)
		CHECK(st.head.sequence == sequence + 1);
	sequence = st.head.sequence;
	store_close(&st);
	CHECK(store_open(&st, wish, &found) == 0);
	CHECK(st.head.boot == boot && st.head.sequence >= sequence);
	store_close(&st);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const struct store_wish wish = {.folder_fd = FOLDER,
					.unit = "demo-lane-2",
					.key_id = key_id,
					.point = point,
					.max_bytes = 1 << 20,
					.max_records = 40,
					.run = 1,
					.scratch = SPACE_OF(scratch)};
	static int begun;

	if (!begun)
		CHECK(hal_crypto_open() == 0);
	begun = 1;
	sim_clear();
	write_files(SPAN(data, n));
	use(&wish);
	return 0;
}
