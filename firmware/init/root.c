/*
 * In the memory disk: loads the few modules of the list, builds the root file
 * system of blocks that are each checked against a digest (dm-verity), and goes over to it. The
 * digest of all is in the memory disk, which is one file with the kernel.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

#include "base/io.h"
#include "base/log_text.h"

#include "init.h"
#include "slots.h"

enum { TEXT_BYTES = 8192, TABLE_BYTES = 2048, WAIT_S = 20 };

static char text[TEXT_BYTES];

static int
load_text(const char *path)
{
	int64_t n = io_load_at(AT_FDCWD, path, SPACE((uint8_t *)text, sizeof(text) - 1));

	if (n < 0) {
		log_text(LOG_ERROR, "cannot_read path=%s err=%d", path, (int)-n);
		return (int)n;
	}
	text[n] = 0;
	return 0;
}

/* In the order of the list, which is that of what they need. */
static int
load_modules(void)
{
	char *rest = NULL;
	int err = load_text(INIT_MODULES);

	if (err < 0)
		return err;
	for (char *path = strtok_r(text, "\n", &rest); path; path = strtok_r(NULL, "\n", &rest)) {
		int fd = open(path, O_RDONLY | O_CLOEXEC);

		err = fd < 0 || syscall(SYS_finit_module, fd, "", 0) < 0 ? -errno : 0;
		if (fd >= 0)
			(void)close(fd);
		/* A watchdog that this machine lacks is no reason to stay dark; a disk that is missing shows at once. */
		if (err < 0 && err != -EEXIST)
			log_text(LOG_WARN, "module_not_loaded path=%s err=%d", path, -err);
	}
	return 0;
}

/* ---- the verified device ---- */

static void
header(struct dm_ioctl *dm, size_t bytes, uint32_t flags, const char *name)
{
	memset(dm, 0, bytes);
	dm->version[0] = DM_VERSION_MAJOR;
	dm->data_size = (uint32_t)bytes;
	dm->data_start = sizeof(*dm);
	dm->flags = flags;
	(void)snprintf(dm->name, sizeof(dm->name), "%s", name);
}

/* One device of one target. They are /dev/dm-0, /dev/dm-1 in the order they are made. */
static int
make_device(const char *name, unsigned long long sectors, const char *target, const char *options)
{
	static union {
		struct dm_ioctl dm;
		char bytes[sizeof(struct dm_ioctl) + sizeof(struct dm_target_spec) + TABLE_BYTES];
	} u;
	struct dm_target_spec *spec = (struct dm_target_spec *)(void *)(u.bytes + sizeof(u.dm));
	int control, err = 0;

	(void)mkdir("/dev/mapper", 0755);
	control = open("/dev/mapper/control", O_RDWR | O_CLOEXEC);
	if (control < 0)
		return -errno;
	header(&u.dm, sizeof(u), DM_READONLY_FLAG, name);
	if (ioctl(control, DM_DEV_CREATE, &u) < 0)
		err = -errno;
	header(&u.dm, sizeof(u), DM_READONLY_FLAG, name);
	u.dm.target_count = 1;
	spec->length = sectors;
	(void)snprintf(spec->target_type, sizeof(spec->target_type), "%s", target);
	(void)snprintf((char *)(spec + 1), TABLE_BYTES, "%s", options);
	if (err == 0 && ioctl(control, DM_TABLE_LOAD, &u) < 0)
		err = -errno;
	header(&u.dm, sizeof(u), 0, name);
	if (err == 0 && ioctl(control, DM_DEV_SUSPEND, &u) < 0) /* without its flag: resume */
		err = -errno;
	(void)close(control);
	return err;
}

/*
 * The file is "PREFIX SKIP ALL SECTORS OPTIONS": the partition is PREFIX and the letter of the slot that was booted; its first SKIP
 * sectors are the boot loader's, ALL follow with data and digests, SECTORS of them are data; OPTIONS as the kernel's verity target has them after its two devices.
 */
static int
verify_root(void)
{
	static char options[TABLE_BYTES];
	char prefix[64], part[80], device[INIT_PATH_BYTES];
	unsigned long long skip, all, sectors;
	int at = 0, slot = slots_booted(), err = load_text(INIT_VERITY);

	if (err < 0)
		return err;
	text[strcspn(text, "\n")] = 0;
	if (slot < 0 || sscanf(text, "%63s %llu %llu %llu %n", prefix, &skip, &all, &sectors, &at) != 4 ||
	    at == 0 || strlen(text + at) > TABLE_BYTES / 2) {
		log_text(LOG_ERROR, "verity_malformed");
		return -EINVAL;
	}
	(void)snprintf(part, sizeof(part), "%s%c", prefix, 'a' + slot);
	err = init_find_part(device, part, WAIT_S);
	(void)snprintf(options, sizeof(options), "%s %llu", device, skip);
	if (err == 0)
		err = make_device("slot", all, "linear", options);
	(void)snprintf(options, sizeof(options), "1 /dev/dm-0 /dev/dm-0 %s", text + at);
	if (err == 0)
		err = make_device("root", sectors, "verity", options);
	if (err < 0)
		log_text(LOG_ERROR, "verity_failed err=%d", -err);
	return err;
}

static int
go_over(void)
{
	static const char *const moved[] = {"/dev", "/proc", "/sys"};
	char to[INIT_PATH_BYTES];
	int err = init_mount("/dev/dm-1", "/new", "squashfs", MS_RDONLY | MS_NODEV | MS_NOSUID, NULL);

	for (size_t i = 0; i < ARRAY_SIZE(moved) && err == 0; i++) {
		(void)snprintf(to, sizeof(to), "/new%s", moved[i]);
		if (mount(moved[i], to, NULL, MS_MOVE, NULL) < 0)
			err = -errno;
	}
	/* What the memory disk held must not stay in memory below the root. */
	(void)unlink(INIT_VERITY);
	if (err == 0 && (chdir("/new") < 0 || mount(".", "/", NULL, MS_MOVE, NULL) < 0 || chroot(".") < 0 ||
			 chdir("/") < 0))
		err = -errno;
	if (err == 0) {
		(void)execl("/sbin/init", "init", (char *)NULL);
		err = -errno;
	}
	log_text(LOG_ERROR, "no_root err=%d", -err);
	return err;
}

/*
 * Keys that are pressed at the console go nowhere: nobody reads them, and the line is not echoed. Nor does Ctrl-S hold up what is
 * written there, and with it whoever writes.
 */
static void
deafen(int console)
{
	struct termios line;

	if (tcgetattr(console, &line) < 0)
		return;
	line.c_iflag &= ~(tcflag_t)(IXON | IXOFF);
	line.c_lflag &= ~(tcflag_t)(ECHO | ICANON | ISIG | IEXTEN);
	line.c_cflag &= ~(tcflag_t)CREAD;
	(void)tcsetattr(console, TCSANOW, &line);
}

void
init_make_root(void)
{
	int err = init_mount("dev", "/dev", "devtmpfs", MS_NOSUID | MS_NOEXEC, "mode=0755");
	int console = open("/dev/console", O_RDWR | O_NOCTTY);

	for (int fd = 0; fd < 3 && console >= 0; fd++)
		(void)dup2(console, fd);
	deafen(console);
	if (err == 0)
		err = init_mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	if (err == 0)
		err = init_mount("sys", "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	if (err == 0)
		err = load_modules();
	if (err == 0)
		err = verify_root();
	if (err == 0)
		err = go_over();
	log_text(LOG_ERROR, "cannot_start err=%d", -err);
}
