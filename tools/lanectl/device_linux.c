/*
 * The disks of a Linux computer. libudev knows their names and serials; where no
 * udev runs, the same is read from /sys through it. What is in use: uses.h. The
 * last word has the kernel: a disk is opened for this program alone (O_EXCL), which
 * fails while anything in any namespace has it mounted or built into something.
 */
#include <errno.h>
#include <fcntl.h>
#include <libudev.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "../common/say.h"
#include "device.h"
#include "uses.h"

enum { SECTOR_BYTES = 512 };

struct device_file {
	int fd;
	unsigned int major, minor;
};

/* Outside text is shown to people and written to logs: printable ASCII only, blanks at the ends taken off. */
static void
take_text(char *into, size_t room, const char *text)
{
	size_t n = 0;

	while (*text == ' ')
		text++;
	for (; *text && n < room - 1; text++)
		into[n++] = *text >= ' ' && *text < 0x7f ? *text : '?';
	while (n > 0 && (into[n - 1] == ' ' || into[n - 1] == '\n'))
		n--;
	into[n] = 0;
}

static uint64_t
number_attribute(struct udev_device *u, const char *name)
{
	const char *text = udev_device_get_sysattr_value(u, name);

	return text ? strtoull(text, NULL, 10) : 0;
}

/* The first that is there: what udev's rules made of it, else what the disk or its USB device says itself. */
static void
describe(char *into, size_t room, struct udev_device *u, const char *property, const char *const *attributes,
	 const char *usb_attribute)
{
	struct udev_device *usb = udev_device_get_parent_with_subsystem_devtype(u, "usb", "usb_device");
	const char *text = udev_device_get_property_value(u, property);

	for (; !text && *attributes; attributes++)
		text = udev_device_get_sysattr_value(u, *attributes);
	if (!text && usb)
		text = udev_device_get_sysattr_value(usb, usb_attribute);
	take_text(into, room, text ? text : "");
}

static int
is_removable(struct udev_device *u)
{
	struct udev_device *card = udev_device_get_parent_with_subsystem_devtype(u, "mmc", NULL);
	const char *type = card ? udev_device_get_sysattr_value(card, "type") : NULL;
	const char *name = udev_device_get_sysname(u);

	/* Optical and floppy drives take their media out, too; a unit boots from neither. */
	if (strstr(udev_device_get_syspath(u), "/virtual/") || strncmp(name, "sr", 2) == 0 ||
	    strncmp(name, "fd", 2) == 0)
		return 0;
	/* A slot in the board calls itself fixed whatever card is in it. */
	return number_attribute(u, "removable") == 1 || (type && strcmp(type, "SD") == 0);
}

static void
take_names(struct device *d, struct udev_device *u)
{
	static const char folder[] = "/dev/disk/by-id/";
	const char *file = udev_device_get_sysattr_value(u, "loop/backing_file");
	struct udev_list_entry *e;

	udev_list_entry_foreach(e, udev_device_get_devlinks_list_entry(u))
	{
		const char *link = udev_list_entry_get_name(e);
		size_t n = strlen(link);

		if (d->n_names < DEVICE_NAMES_MAX && strncmp(link, folder, sizeof(folder) - 1) == 0 &&
		    n - (sizeof(folder) - 1) < DEVICE_NAME_BYTES)
			memcpy(d->names[d->n_names++], link + sizeof(folder) - 1, n - (sizeof(folder) - 2));
	}
	if (!file || d->n_names == DEVICE_NAMES_MAX || strlen(file) + 6 > DEVICE_NAME_BYTES)
		return;
	(void)snprintf(d->names[d->n_names++], DEVICE_NAME_BYTES, "loop:%s", file);
	(void)snprintf(d->model, sizeof(d->model), "loop device");
	take_text(d->serial, sizeof(d->serial), file);
}

static void
fill(struct device *d, struct udev_device *u)
{
	static const char *const maker[] = {"device/vendor", NULL};
	static const char *const model[] = {"device/model", "device/name", NULL};
	static const char *const serial[] = {"serial", "device/serial", NULL};
	dev_t number = udev_device_get_devnum(u);

	*d = (struct device){0};
	take_text(d->path, sizeof(d->path), udev_device_get_devnode(u) ? udev_device_get_devnode(u) : "");
	describe(d->maker, sizeof(d->maker), u, "ID_VENDOR", maker, "manufacturer");
	describe(d->model, sizeof(d->model), u, "ID_MODEL", model, "product");
	describe(d->serial, sizeof(d->serial), u, "ID_SERIAL_SHORT", serial, "serial");
	d->bytes = number_attribute(u, "size") * SECTOR_BYTES;
	d->read_only = number_attribute(u, "ro") != 0;
	d->sequence = number_attribute(u, "diskseq");
	d->major = major(number);
	d->minor = minor(number);
	d->removable = is_removable(u);
	take_names(d, u);
}

static int
by_path(const void *a, const void *b)
{
	const struct device *x = a, *y = b;

	return strverscmp(x->path, y->path);
}

static size_t
fill_list(struct device *list, size_t room, struct udev *udev, struct udev_enumerate *all,
	  const struct uses *uses)
{
	struct udev_list_entry *e;
	size_t n = 0;

	udev_list_entry_foreach(e, udev_enumerate_get_list_entry(all))
	{
		struct udev_device *u = udev_device_new_from_syspath(udev, udev_list_entry_get_name(e));
		const char *type = u ? udev_device_get_devtype(u) : NULL;
		struct device *d = &list[n];

		if (type && strcmp(type, "disk") == 0 && n < room) {
			fill(d, u);
			d->use = uses_of(uses, d->major, d->minor, d->used_by);
			/* Loop devices without a file and the like: no size, no slot that a medium goes into. */
			n += d->path[0] && (d->bytes > 0 || d->removable);
		}
		udev_device_unref(u);
	}
	return n;
}

int
device_list(struct device *list, size_t room)
{
	static struct uses uses;
	struct udev *udev = udev_new();
	struct udev_enumerate *all = udev ? udev_enumerate_new(udev) : NULL;
	size_t n = 0;
	int err;

	CHECK(udev && all);
	err = uses_read(&uses);
	if (err == 0) {
		err = udev_enumerate_add_match_subsystem(all, "block");
		if (err >= 0)
			err = udev_enumerate_scan_devices(all);
		if (err < 0)
			say_trouble("the disks cannot be listed: %s", strerror(-err));
	}
	if (err >= 0) {
		n = fill_list(list, room, udev, all, &uses);
		qsort(list, n, sizeof(*list), by_path);
	}
	uses_free(&uses);
	udev_enumerate_unref(all);
	udev_unref(udev);
	return err < 0 ? err : (int)n;
}

/* ---- one disk ---- */

static int
is_the_same(const struct device *d, int fd)
{
	struct udev *udev = udev_new();
	struct udev_device *u;
	struct device now = {0};
	struct stat st;
	uint64_t bytes = 0, sequence = d->sequence;

	CHECK(udev);
	if (fstat(fd, &st) < 0 || !S_ISBLK(st.st_mode) || st.st_rdev != makedev(d->major, d->minor) ||
	    ioctl(fd, BLKGETSIZE64, &bytes) < 0) {
		udev_unref(udev);
		return 0;
	}
	/* Old kernels do not count; then serial and size must do. */
	if (d->sequence && ioctl(fd, BLKGETDISKSEQ, &sequence) < 0)
		sequence = 0;
	u = udev_device_new_from_devnum(udev, 'b', st.st_rdev);
	if (u)
		fill(&now, u);
	udev_device_unref(u);
	udev_unref(udev);
	return bytes == d->bytes && sequence == d->sequence && strcmp(now.serial, d->serial) == 0 &&
	       strcmp(now.model, d->model) == 0 && strcmp(now.maker, d->maker) == 0;
}

int
device_open(struct device_file **f, const struct device *d)
{
	int fd = open(d->path, O_RDWR | O_EXCL | O_DIRECT | O_CLOEXEC | O_NOFOLLOW), read_only = 0, err = 0;

	*f = NULL;
	if (fd < 0)
		return errno == ENOMEDIUM ? -ENXIO : -errno;
	if (!is_the_same(d, fd))
		err = -ESTALE;
	else if (ioctl(fd, BLKROGET, &read_only) < 0)
		err = -errno;
	else if (read_only)
		err = -EROFS;
	if (err < 0) {
		(void)close(fd);
		return err;
	}
	*f = malloc(sizeof(**f));
	CHECK(*f);
	**f = (struct device_file){.fd = fd, .major = d->major, .minor = d->minor};
	return 0;
}

void
device_close(struct device_file *f)
{
	if (f)
		(void)close(f->fd);
	free(f);
}

/* A disk that was pulled out answers like a broken one; /sys knows better. */
static int
trouble(const struct device_file *f, int err)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/sys/dev/block/%u:%u", f->major, f->minor);
	return access(path, F_OK) < 0 ? -ENODEV : -err;
}

int
device_read(struct device_file *f, uint64_t at, struct space into)
{
	while (into.n > 0) {
		ssize_t got = pread(f->fd, into.p, into.n, (off_t)at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return trouble(f, got < 0 ? errno : EIO);
		at += (uint64_t)got;
		into = SPACE(into.p + got, into.n - (size_t)got);
	}
	return 0;
}

int
device_write(struct device_file *f, uint64_t at, struct span bytes)
{
	while (bytes.n > 0) {
		ssize_t put = pwrite(f->fd, bytes.p, bytes.n, (off_t)at);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return trouble(f, put < 0 ? errno : EIO);
		at += (uint64_t)put;
		bytes = SPAN(bytes.p + put, bytes.n - (size_t)put);
	}
	return 0;
}

int
device_sync(struct device_file *f)
{
	return fsync(f->fd) < 0 ? trouble(f, errno) : 0;
}
