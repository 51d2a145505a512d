/*
 * The data partition: found, checked, mended, mounted; and made anew when nothing else is left to do.
 */
#include <errno.h>
#include <sys/mount.h>

#include "base/log.h"

#include "init.h"

#define DATA_PART "laneseal-data"

enum {
	WAIT_S = 10,
	FSCK_ERRORS = 4, /* e2fsck(8): errors are left, or it is no ext4 */
	NOT_FSCK = 126,  /* and more: it did not start */
};

static int
mount_data(const char *device)
{
	return init_mount(device, "/data", "ext4", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME,
			  "errors=remount-ro");
}

/* Whether e2fsck came to its end and could not help. One that was killed, or did not start, says nothing of the data. */
static int
is_beyond(int status)
{
	return status >= FSCK_ERRORS && status < NOT_FSCK;
}

/*
 * Repairs what can be repaired, first the safe way, then at the price of single files, since the rest of
 * the records and the unit's key are worth more. Only a partition that is no ext4 at all, or is beyond that, or
 * cannot be mounted, is made anew. What was on it is then lost, which the chain of records shows: so it is said.
 */
int
init_open_data(void)
{
	char device[INIT_PATH_BYTES];
	const char *const check[] = {"/usr/sbin/e2fsck", "-p", device, NULL};
	const char *const mend[] = {"/usr/sbin/e2fsck", "-f", "-y", device, NULL};
	const char *const make[] = {"/usr/sbin/mke2fs", "-q", "-F", "-t", "ext4", "-L", "data", device, NULL};
	int err = init_find_part(device, DATA_PART, WAIT_S), status;

	if (err < 0)
		return err;
	status = init_run(check);
	if (status < 0 || status >= FSCK_ERRORS) {
		log_event(LOG_WARN, "data_damaged", "check", status);
		status = init_run(mend);
	}
	if (!is_beyond(status)) {
		err = mount_data(device);
		if (err == 0) {
			log_event(LOG_NOTE, "data_open", "repaired", status > 0 && status < FSCK_ERRORS);
			return 0;
		}
	}
	log_event(LOG_WARN, "data_made_anew", "check", status);
	status = init_run(make);
	if (status != 0) {
		log_event(LOG_ERROR, "data_cannot_be_made", "status", status);
		return -EIO;
	}
	return mount_data(device);
}
