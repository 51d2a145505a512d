/*
 * softcam: a USB camera that is not there, for a virtual machine.
 *
 *     softcam --film FILE.y4m --rate-mhz N --socket PATH
 *
 * QEMU has the other end: -chardev socket,path=PATH,server=on,wait=off,id=c -device usb-redir,chardev=c.
 * Commands come on standard input, a line each: play FROM, hold, next N, run, drop N, truncate N, error N, garble N, delay MS,
 * lit PERMILLE, stall, go, unplug, plug, count, quit. What happens is said on standard output.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "softcam.h"

enum { TRIES = 600, PAUSE_US = 100000 };

/* QEMU may not have begun to listen, or not have noticed that the last camera went. */
static int
connect_to(void *arg)
{
	const char *path = arg;
	struct sockaddr_un at = {.sun_family = AF_UNIX};

	if (strlen(path) >= sizeof(at.sun_path))
		return -1;
	memcpy(at.sun_path, path, strlen(path) + 1);
	for (int i = 0; i < TRIES; i++) {
		int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

		if (fd >= 0 && connect(fd, (const struct sockaddr *)&at, sizeof(at)) == 0)
			return fd;
		if (fd >= 0)
			(void)close(fd);
		(void)usleep(PAUSE_US);
	}
	return -1;
}

static int
complain(const char *what, int err)
{
	fprintf(stderr, "softcam: %s: %s\n", what, strerror(err < 0 ? -err : err));
	return 1;
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {
	    {"film", required_argument, NULL, 'f'},
	    {"rate-mhz", required_argument, NULL, 'r'},
	    {"socket", required_argument, NULL, 's'},
	    {NULL, 0, NULL, 0},
	};
	static struct softcam camera;
	struct film film;
	char *path = NULL, *socket_path = NULL;
	unsigned long rate = 10000;
	int key, fd, err;

	while ((key = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (key == 'f')
			path = optarg;
		else if (key == 'r')
			rate = strtoul(optarg, NULL, 10);
		else if (key == 's')
			socket_path = optarg;
		else
			return 2;
	}
	if (path == NULL || socket_path == NULL || rate < 10 || rate > 1000000) {
		fprintf(stderr, "softcam: --film FILE.y4m --rate-mhz N (10 to 1000000) --socket PATH\n");
		return 2;
	}
	err = film_open(&film, path);
	if (err < 0)
		return complain(path, err);
	err = softcam_init(&camera, &film, (uint32_t)rate);
	if (err < 0)
		return complain("memory", err);
	fd = connect_to(socket_path);
	if (fd < 0)
		return complain(socket_path, ENOTCONN);
	err = softcam_serve(&camera, fd, STDIN_FILENO, connect_to, socket_path);
	return err < 0 ? complain("line", err) : 0;
}
