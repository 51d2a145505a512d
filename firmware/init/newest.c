/*
 * The highest rollback index found good, as a number in a file; see newest.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/log_text.h"

#include "newest.h"

#define NAME "newest"

enum { TEXT_BYTES = 32 };

static unsigned long
read_from(int folder)
{
	char text[TEXT_BYTES], *end;
	int64_t n = io_load_at(folder, NAME, SPACE((uint8_t *)text, sizeof(text) - 1));
	unsigned long rollback;

	if (n == -ENOENT)
		return 0;
	text[n > 0 ? n : 0] = '\0';
	errno = 0;
	rollback = strtoul(text, &end, 10);
	if (n <= 0 || errno != 0 || text[0] < '0' || text[0] > '9' || strcmp(end, "\n") != 0) {
		log_text(LOG_ERROR, "newest_unreadable err=%d", n < 0 ? (int)-n : EINVAL);
		return 0;
	}
	return rollback;
}

unsigned long
newest_read(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	unsigned long rollback = fd < 0 ? 0 : read_from(fd);

	if (fd >= 0)
		(void)close(fd);
	return rollback;
}

void
newest_raise(const char *folder, unsigned long rollback)
{
	char text[TEXT_BYTES];
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), n, err = 0;

	if (fd < 0) {
		err = -errno;
	} else if (rollback > read_from(fd)) {
		n = snprintf(text, sizeof(text), "%lu\n", rollback);
		err = io_replace_at(fd, NAME, SPAN((const uint8_t *)text, (size_t)n), 0600);
	}
	if (fd >= 0)
		(void)close(fd);
	if (err < 0)
		log_text(LOG_ERROR, "newest_not_saved err=%d", -err);
}
