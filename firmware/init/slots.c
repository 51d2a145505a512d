/*
 * The two slots, as the boot loader and RAUC see them; see slots.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/io.h"
#include "base/log_text.h"

#include "init.h"
#include "slots.h"

#define TITLE     "# GRUB Environment Block\n"
#define BOOT_PART "laneseal-boot"
#define BOOT_AT   "/run/boot"

enum { WAIT_S = 5, CMDLINE_BYTES = 4096 };

/* ---- the text ---- */

/* The number behind "name=" at the beginning of a line; -1: it is not there, or no digit. */
static int
digit_of(const char *text, const char *name)
{
	char wanted[16];
	const char *at;

	(void)snprintf(wanted, sizeof(wanted), "\n%s=", name);
	at = strstr(text, wanted);
	if (at == NULL || at[strlen(wanted)] < '0' || at[strlen(wanted)] > '9')
		return -1;
	return at[strlen(wanted)] - '0';
}

int
slots_parse(struct slots *s, struct span bytes)
{
	char text[SLOTS_FILE_BYTES + 1], name[8];
	int bad = bytes.n != SLOTS_FILE_BYTES || memcmp(bytes.p, TITLE, strlen(TITLE)) != 0;

	*s = (struct slots){.of = {{.ok = 1}, {.ok = 0}}};
	if (bad)
		return -EINVAL;
	memcpy(text, bytes.p, SLOTS_FILE_BYTES);
	text[SLOTS_FILE_BYTES] = '\0';
	s->first = strstr(text, "\nORDER=B") != NULL;
	for (int i = 0; i < SLOTS; i++) {
		int ok, tries;

		(void)snprintf(name, sizeof(name), "%c_OK", 'A' + i);
		ok = digit_of(text, name);
		(void)snprintf(name, sizeof(name), "%c_TRY", 'A' + i);
		tries = digit_of(text, name);
		if (ok >= 0)
			s->of[i].ok = ok == 1;
		s->of[i].tries = tries > 0 ? tries : 0;
	}
	return 0;
}

void
slots_format(const struct slots *s, uint8_t text[SLOTS_FILE_BYTES])
{
	int n;

	memset(text, '#', SLOTS_FILE_BYTES);
	n = snprintf((char *)text, SLOTS_FILE_BYTES, TITLE "ORDER=%s\nA_OK=%d\nA_TRY=%d\nB_OK=%d\nB_TRY=%d\n",
		     s->first ? "B A" : "A B", s->of[0].ok, s->of[0].tries, s->of[1].ok, s->of[1].tries);
	CHECK(n > 0 && n < SLOTS_SECTOR_BYTES);
	text[n] = '#';
}

/* ---- the file ---- */

int
slots_booted(void)
{
	static char line[CMDLINE_BYTES];
	int64_t n = io_load_at(AT_FDCWD, "/proc/cmdline", SPACE((uint8_t *)line, sizeof(line) - 1));
	const char *at;

	line[n > 0 ? n : 0] = '\0';
	at = strstr(line, "rauc.slot=");
	if (at == NULL || (at[10] != 'A' && at[10] != 'B'))
		return -ENOENT;
	return at[10] - 'A';
}

/* Opens the file for reading, or for both; the partition stays mounted until close_file(). */
static int
open_file(int flags)
{
	char device[INIT_PATH_BYTES];
	int fd, err = init_find_part(device, BOOT_PART, WAIT_S);

	if (err == 0)
		err = init_mount(device, BOOT_AT, "vfat",
				 MS_NOSUID | MS_NODEV | MS_NOEXEC |
				     (flags == O_RDONLY ? MS_RDONLY : MS_SYNCHRONOUS),
				 "iocharset=ascii");
	if (err < 0)
		return err;
	fd = open(BOOT_AT "/slots", flags | O_CLOEXEC);
	if (fd >= 0)
		return fd;
	err = -errno;
	(void)umount2(BOOT_AT, 0);
	return err;
}

static void
close_file(int fd)
{
	(void)close(fd);
	(void)umount2(BOOT_AT, 0);
}

static int
said(const char *event, int err)
{
	if (err < 0)
		log_text(LOG_ERROR, "%s err=%d", event, -err);
	return err;
}

int
slots_load(struct slots *s)
{
	uint8_t text[SLOTS_FILE_BYTES];
	int fd = open_file(O_RDONLY), err;

	*s = (struct slots){.of = {{.ok = 1}, {.ok = 0}}};
	if (fd < 0)
		return said("slots_unreadable", fd);
	err = io_read_all(fd, text, sizeof(text));
	close_file(fd);
	return said("slots_unreadable", err < 0 ? err : slots_parse(s, SPAN_OF(text)));
}

int
slots_store(const struct slots *s)
{
	uint8_t text[SLOTS_FILE_BYTES];
	int fd = open_file(O_WRONLY), err;

	if (fd < 0)
		return said("slots_not_saved", fd);
	slots_format(s, text);
	err = io_write_all(fd, text, sizeof(text));
	if (err == 0 && fsync(fd) < 0)
		err = -errno;
	close_file(fd);
	return said("slots_not_saved", err);
}

/* ---- RAUC ---- */

static int
slot_of(const char *name)
{
	return strcmp(name, "A") == 0 ? 0 : strcmp(name, "B") == 0 ? 1 : -EINVAL;
}

static int
set_state(struct slots *s, int slot, const char *state)
{
	s->of[slot].ok = strcmp(state, "good") == 0;
	s->of[slot].tries = 0;
	return slots_store(s);
}

int
slots_answer_rauc(int argc, char **argv)
{
	struct slots s;
	const char *what = argc > 1 ? argv[1] : "";
	int slot = argc > 2 ? slot_of(argv[2]) : -EINVAL, err = slots_load(&s);

	if (strcmp(what, "get-primary") == 0) {
		slot = s.of[s.first].ok || !s.of[!s.first].ok ? s.first : !s.first;
		return printf("%c\n", 'A' + slot) < 0;
	}
	if (slot < 0)
		return 1;
	if (strcmp(what, "get-state") == 0)
		return printf("%s\n", s.of[slot].ok ? "good" : "bad") < 0;
	if (err < 0 && err != -EINVAL)
		return 1;
	if (strcmp(what, "set-primary") == 0) {
		s.first = slot;
		return set_state(&s, slot, "good") < 0;
	}
	return strcmp(what, "set-state") != 0 || argc < 4 || set_state(&s, slot, argv[3]) < 0;
}
