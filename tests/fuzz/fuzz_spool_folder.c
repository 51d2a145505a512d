/*
 * Recovery over a folder with hostile names and contents. The input is a list of
 * files: which name, how many bytes, the bytes. Whatever is there, opening ends,
 * numbers given afterwards are new, and a second opening agrees with the first.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hal/crypto.h"
#include "spool/name.h"
#include "spool/store.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int __wrap_fsync(int fd);

static const char *const names[] = {"state/head", "state/delivered", ".new", "other", "state/.head.new"};
static uint8_t scratch[70000];
static int folder = -1;

static char path[] = "/tmp/laneseal-fuzz-XXXXXX";

/* Nothing here is about syncing, and a disk would be all the waiting there is. */
int
__wrap_fsync(int fd)
{
	(void)fd;
	return 0;
}

static void
end(void)
{
	(void)unlinkat(folder, "state", AT_REMOVEDIR);
	(void)rmdir(path);
}

static void
begin(void)
{
	CHECK(hal_crypto_open() == 0 && mkdtemp(path) != NULL);
	folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CHECK(folder >= 0 && mkdirat(folder, "state", 0700) == 0);
	CHECK(atexit(end) == 0);
}

static void
name_for(uint8_t pick, char name[STORE_NAME_BYTES])
{
	struct store_entry e = {.boot = 1U + (pick >> 6), .sequence = 1U + (pick & 7)};

	if ((pick & 0x38) == 0)
		(void)snprintf(name, STORE_NAME_BYTES, "%s", names[(pick & 7) % ARRAY_SIZE(names)]);
	else if ((pick & 0x38) == 8)
		name_of_bad(&e, name);
	else
		name_of(&e, name);
}

static void
write_files(struct span left, int remove)
{
	while (left.n >= 2) {
		size_t n = left.p[1] < left.n - 2 ? left.p[1] : left.n - 2;
		char name[STORE_NAME_BYTES], bad[STORE_NAME_BYTES + 8];
		int fd;

		/* A state file is longer than one byte can say. */
		if ((left.p[0] & 0x38) == 0)
			n = left.n - 2 < n * 16U ? left.n - 2 : n * 16U;
		name_for(left.p[0], name);
		if (remove) {
			(void)snprintf(bad, sizeof(bad), "%s.bad", name);
			(void)unlinkat(folder, name, 0);
			(void)unlinkat(folder, bad, 0);
		} else {
			fd = openat(folder, name, O_CREAT | O_WRONLY | O_TRUNC, 0600);
			CHECK(fd >= 0 && write(fd, left.p + 2, n) == (ssize_t)n);
			(void)close(fd);
		}
		left = SPAN(left.p + 2 + n, left.n - 2 - n);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct store_wish wish = {.unit = "booth-7",
				  .max_bytes = 1 << 20,
				  .max_records = 4,
				  .run = 1,
				  .scratch = SPACE_OF(scratch)};
	struct store_found found;
	struct store_head head;
	struct store st;

	if (folder < 0)
		begin();
	wish.folder_fd = folder;
	write_files(SPAN(data, n), 0);
	if (store_open(&st, &wish, &found) == 0) {
		head = st.head;
		CHECK(head.boot >= 1 && st.n_delivered <= st.count && st.count <= st.places);
		for (size_t i = 0; i < st.count; i++)
			CHECK(st.index[i].sequence <= head.sequence && st.index[i].boot <= head.boot);
		store_close(&st);
		CHECK(store_open(&st, &wish, &found) == 0);
		CHECK(memcmp(&head, &st.head, sizeof(head)) == 0);
		store_close(&st);
	}
	write_files(SPAN(data, n), 1);
	(void)unlinkat(folder, "state/head", 0);
	(void)unlinkat(folder, "state/delivered", 0);
	return 0;
}
