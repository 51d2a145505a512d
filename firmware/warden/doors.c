/*
 * warden/doors.c - makes the packet pipes of the wiring list.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/log_text.h"
#include "warden/doors.h"

/* Text in no packets. A full one loses lines and stops nobody; 64 KiB, as the kernel makes them, are a long story. */
static int
open_log(int ends[2])
{
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0) {
		int err = -errno;

		log_text(LOG_ERROR, "doors: the kernel makes no more pipes: %s", strerror(-err));
		return err;
	}
	return 0;
}

static int
open_pipe(int ends[2])
{
	if (pipe2(ends, O_DIRECT | O_CLOEXEC | O_NONBLOCK) < 0) {
		int err = -errno;

		log_text(LOG_ERROR, "doors: the kernel makes no packet pipes (pipe2 with O_DIRECT): %s", strerror(-err));
		return err;
	}
	if (fcntl(ends[1], F_SETPIPE_SZ, PIPE_ROOM_BYTES) < 0) {
		int err = -errno;

		log_text(LOG_ERROR, "doors: the kernel gives a pipe no %d bytes (see /proc/sys/fs/pipe-max-size and "
			 "pipe-user-pages-soft): %s", PIPE_ROOM_BYTES, strerror(-err));
		return err;
	}
	return 0;
}

int
doors_open(struct house *h)
{
	size_t n;
	const struct wiring_pipe *rows = wiring_pipes(&n);

	CHECK(n <= HOUSE_PIPES_MAX);
	for (size_t i = 0; i < n; i++) {
		int is_log = rows[i].from_fd == ROOM_FD_LOG, err = is_log ? open_log(h->pipes[i]) : open_pipe(h->pipes[i]);
		struct resident *r = &h->residents[rows[i].from];

		if (err < 0)
			return err;
		if (is_log)
			logs_init(&r->log, h->pipes[i][0]);
		else if (rows[i].to == WARDEN)
			pipe_in_init(&r->vitals_in, h->pipes[i][0], SPACE_OF(r->vitals_buffer));
		if (rows[i].from == WARDEN)
			pipe_out_init(&h->health_out, h->pipes[i][1]);
	}
	return 0;
}
