/*
 * warden/things.c - opens what rooms hold beside their pipes: memory, folders, files.
 *
 * A room gets descriptors, never paths. Each instance gets an open file of its
 * own (through /proc/self/fd), since a folder's or file's position is shared by
 * all who hold the same one, and a killed room would leave it in the middle.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/log_text.h"
#include "doors/frame/frame.h"
#include "hal/lines.h"
#include "warden/collector.h"
#include "warden/things.h"

enum {
	KEY_BYTES = 138,            /* hal/keystore.h */
	MEMFD_NEVER_EXECUTED = 0x8, /* MFD_NOEXEC_SEAL of Linux 6.3, which Debian 12's headers lack */
};

/* A line of a GPIO chip cannot be opened anew: every instance of capture gets the same, with the edges that wait in it. */
enum { LENT_ITSELF = -1 };

static int give_entry(int folder, const char *name, uid_t uid, int deeper);

static const int lend_flags[THING_COUNT] = {
	[THING_FRAMES_WRITE] = O_RDWR,
	[THING_FRAMES_READ]  = O_RDONLY,
	[THING_PICTURES]     = O_RDONLY | O_DIRECTORY,
	[THING_POLICY]       = O_RDONLY,
	[THING_SPOOL]        = O_RDONLY | O_DIRECTORY,
	[THING_KEY]          = O_RDONLY,
	[THING_OUTBOX]       = O_RDONLY | O_DIRECTORY,
	[THING_ANCHOR]       = O_RDONLY,
	[THING_CERTIFICATE]  = O_RDONLY,
	[THING_S3_KEYS]      = O_RDONLY,
	[THING_TRIGGER]      = LENT_ITSELF,
	[THING_STROBE]       = LENT_ITSELF,
};

static void
complain_errno(struct house *h, const char *path, const char *what, int err, const char *allowed)
{
	char found[SETTINGS_TEXT_BYTES + 128];

	(void)snprintf(found, sizeof(found), "\"%s\", %s (%s)", settings_text(&h->settings, path), what, strerror(-err));
	settings_complain(&h->settings, path, found, allowed);
}

/* Whether a file can really be made there: permission bits do not tell of a read-only disk or a full one. */
static int
try_folder(int folder)
{
	static const char name[] = ".writable";
	int fd = openat(folder, name, O_CREAT | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return -errno;
	(void)close(fd);
	return unlinkat(folder, name, 0) < 0 ? -errno : 0;
}

/*
 * Gives a folder, and what is in it, to the user of the room that writes to it: it may
 * be another user's from before, or somebody put a record back. A room that was taken
 * over cannot have a foreign file given to it: it has no right to move one in here,
 * and a second name for one does not count.
 */
static int
give_folder(int folder, uid_t uid, int deeper)
{
	int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), err = 0;
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *entry;

	if (dir == NULL)
		return -errno;
	while (err == 0 && (entry = readdir(dir)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			err = give_entry(folder, entry->d_name, uid, deeper);
	(void)closedir(dir);
	return err == 0 && fchown(folder, uid, uid) < 0 ? -errno : err;
}

/* Files with a second name elsewhere, links and devices stay whose they are. */
static int
give_entry(int folder, const char *name, uid_t uid, int deeper)
{
	struct stat st;
	int fd, err;

	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (S_ISREG(st.st_mode) && st.st_nlink == 1 && st.st_uid != uid)
		return fchownat(folder, name, uid, uid, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
	if (!S_ISDIR(st.st_mode) || deeper == 0)
		return 0;
	fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = give_folder(fd, uid, deeper - 1);
	(void)close(fd);
	return err;
}

/* -1 as uid: rooms run as the warden's own user. */
static int
give_to_room(const struct house *h, int folder, enum room room)
{
	uid_t uid = room == WARDEN ? (uid_t)-1 : walls_uid(&h->walls, room);

	return uid == (uid_t)-1 || h->check_only ? 0 : give_folder(folder, uid, 1);
}

/* A folder that a room, or the warden itself, writes to. Returns its descriptor, or -1 having complained (or, in a check, when it is yet to be made). */
static int
open_folder(struct house *h, const char *path, size_t skip, enum room room)
{
	static const char allowed[] = "a folder that can be written to, or the path of one to be made";
	char folder[SETTINGS_TEXT_BYTES];
	int fd, err = settings_path(&h->settings, path, skip, folder);

	if (err == 0 && !h->check_only && mkdir(folder, 0700) < 0 && errno != EEXIST)
		err = -errno;
	if (err < 0) {
		complain_errno(h, path, "which cannot be made", err, allowed);
		return -1;
	}
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		if (!h->check_only || errno != ENOENT)
			complain_errno(h, path, "which cannot be opened as a folder", -errno, allowed);
		return -1;
	}
	err = h->check_only ? 0 : try_folder(fd);
	if (err == 0)
		err = give_to_room(h, fd, room);
	if (err < 0) {
		complain_errno(h, path, "in which nothing can be written", err, allowed);
		(void)close(fd);
		return -1;
	}
	return fd;
}

int
things_open_state(struct house *h)
{
	h->state_folder = open_folder(h, "state.folder", 0, WARDEN);
	if (h->state_folder < 0 || h->check_only)
		return 0;
	if (flock(h->state_folder, LOCK_EX | LOCK_NB) < 0) {
		log_text(LOG_ERROR, "state.folder \"%s\": another laneseald runs with it",
			 settings_text(&h->settings, "state.folder"));
		return -EWOULDBLOCK;
	}
	return 0;
}

/* "replay:DIR" gives capture DIR; "replay:FILE.y4m" gives it the folder FILE.y4m lies in. */
static void
open_pictures(struct house *h)
{
	static const char allowed[] = "\"replay:\" and a folder or a file in Y4M format";
	const char *camera = settings_text(&h->settings, "camera.name");
	char path[SETTINGS_TEXT_BYTES], *slash;
	struct stat st;
	int err;

	(void)snprintf(h->camera, sizeof(h->camera), "%s", camera);
	if (strncmp(camera, "replay:", 7) != 0)
		return;
	err = settings_path(&h->settings, "camera.name", 7, path);
	if (err < 0 || stat(path, &st) < 0) {
		complain_errno(h, "camera.name", "which cannot be looked at", err < 0 ? err : -errno, allowed);
		return;
	}
	h->camera[7] = '\0';
	slash = strrchr(path, '/');
	if (S_ISREG(st.st_mode) && slash) {
		(void)snprintf(h->camera, sizeof(h->camera), "replay:%.*s", (int)sizeof(h->camera) - 8, slash + 1);
		slash[slash == path] = '\0';
	}
	h->things[THING_PICTURES] = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (h->things[THING_PICTURES] < 0)
		complain_errno(h, "camera.name", "which cannot be opened", -errno, allowed);
	else if (fstat(h->things[THING_PICTURES], &st) == 0 && h->walls.own_uids && (st.st_mode & 05) != 05)
		complain_errno(h, "camera.name", "which capture's own user may not read", -EACCES, "a folder that all may read (mode 0755)");
}

/* A check asks for the line as well, and gives it back: who else has it is then known before the unit runs. */
static void
open_line(struct house *h, enum thing thing, const char *path, const struct hal_line_wish *wish)
{
	int fd;

	if (strncmp(wish->name, "gpiochip", 8) != 0)
		return;
	fd = hal_line_request(wish);
	if (fd < 0)
		complain_errno(h, path, "which cannot be had", fd, "a line that the chip has and that nobody else uses");
	else
		h->things[thing] = fd;
}

static void
open_lines(struct house *h)
{
	const struct hal_line_wish trigger = {
		.name = settings_text(&h->settings, "trigger.input"),
		.falling = strcmp(settings_text(&h->settings, "trigger.edge"), "falling") == 0,
		.debounce_us = (uint32_t)settings_number(&h->settings, "trigger.debounce_us"),
	};
	const struct hal_line_wish strobe = {.name = settings_text(&h->settings, "strobe.output"), .output = 1};

	open_line(h, THING_TRIGGER, "trigger.input", &trigger);
	open_line(h, THING_STROBE, "strobe.output", &strobe);
}

/* Its content is spool's affair alone: the warden opens the key and never reads it. */
static void
open_key(struct house *h)
{
	static const char allowed[] = "the unit's key as \"lanekeys unit\" writes it: 138 bytes, mode 0400";
	char path[SETTINGS_TEXT_BYTES], found[96];
	struct stat st;
	int fd, err = settings_path(&h->settings, "unit.key", 0, path);

	fd = err < 0 ? err : open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0) {
		complain_errno(h, "unit.key", "which cannot be opened", err < 0 ? err : -errno, allowed);
		return;
	}
	h->things[THING_KEY] = fd;
	found[0] = '\0';
	if (!S_ISREG(st.st_mode))
		(void)snprintf(found, sizeof(found), "something that is no file");
	else if (st.st_mode & 077)
		(void)snprintf(found, sizeof(found), "a file that others may use (mode %04o)", (unsigned int)st.st_mode & 07777);
	else if (st.st_size != KEY_BYTES)
		(void)snprintf(found, sizeof(found), "a file of %lld bytes", (long long)st.st_size);
	if (found[0])
		settings_complain(&h->settings, "unit.key", found, allowed);
}

int
things_fixed_memory(const char *name, size_t bytes, struct span content)
{
	int err, fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | MEMFD_NEVER_EXECUTED);

	if (fd < 0 && errno == EINVAL)
		fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return -errno;
	/* Its mode at birth lets everyone open it anew for writing, by way of /proc/self/fd. */
	err = fchmod(fd, 0600) < 0 || ftruncate(fd, (off_t)bytes) < 0 ? -errno : 0;
	if (err == 0 && content.n > 0)
		err = io_write_all(fd, content.p, content.n);
	if (err == 0 && fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL | (content.n ? F_SEAL_WRITE : 0)) < 0)
		err = -errno;
	if (err < 0) {
		(void)close(fd);
		return err;
	}
	return fd;
}

static int
open_memory(struct house *h)
{
	int frames = things_fixed_memory("frames", FRAME_POOL_BYTES, SPAN(NULL, 0));
	int policy = things_fixed_memory("policy", h->rules.n_bytes, SPAN(h->rules.bytes, h->rules.n_bytes));

	h->things[THING_FRAMES_WRITE] = frames;
	h->things[THING_FRAMES_READ] = frames;
	h->things[THING_POLICY] = policy;
	if (frames < 0 || policy < 0) {
		int err = frames < 0 ? frames : policy;

		log_text(LOG_ERROR, "things: no memory for frames and policy: %s", strerror(-err));
		return err;
	}
	return 0;
}

int
things_open(struct house *h)
{
	open_pictures(h);
	open_lines(h);
	open_key(h);
	h->things[THING_SPOOL] = open_folder(h, "spool.folder", 0, ROOM_SPOOL);
	if (strncmp(settings_text(&h->settings, "uplink.to"), "file:", 5) == 0)
		h->things[THING_OUTBOX] = open_folder(h, "uplink.to", 5, ROOM_UPLINK);
	if (collector_wanted(&h->settings))
		collector_open(h);
	return h->settings.errors ? 0 : open_memory(h);
}

int
things_lend(const struct house *h, enum thing thing)
{
	char path[48];
	int fd;

	if (h->things[thing] < 0)
		return -ENOENT;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", h->things[thing]);
	fd = lend_flags[thing] == LENT_ITSELF ? fcntl(h->things[thing], F_DUPFD_CLOEXEC, 0) : open(path, lend_flags[thing] | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}
