/*
 * The only program of a virtual machine with Debian's kernel and its GPIO simulator: it pulls lines as a light barrier or a loop
 * would, and the product's own ports tell what they saw. Its last line counts; then the machine is off.
 *
 * Each wait is for something to happen; what was pulled too slowly to be a bouncing contact, on a machine
 * that has other work, is pulled again.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/base.h"
#include "base/clock.h"
#include "capture/gate.h"
#include "hal/lines.h"
#include "hal/trigger.h"
#include "../../hal/strobe/line.h"

enum {
	LINES = 8,
	VEHICLES = 20,
	CONTACTS = 10,
	KEPT = 256, /* edges that wait for a capture, hal/lines/gpio.c */
	DEBOUNCE_US = 200000,
	QUICK_US = DEBOUNCE_US / 4, /* between changes that are one contact */
	WAIT_MS = 120000,
	TRIES = 50,
};

static char chip[24], pulls[128];
static int passed, failed;

static void
judge(const char *what, int good)
{
	printf("%s %s\n", good ? "ok" : "not ok", what);
	passed += good != 0;
	failed += good == 0;
}

/* ---- the simulated chip ---- */

static int
put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));

	if (n < 0)
		printf("%s: %s\n", path, strerror(errno));
	(void)close(fd);
	return n < 0 ? -1 : 0;
}

static int
get(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);

	(void)close(fd);
	text[n > 0 ? n : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return n > 0 ? 0 : -1;
}

static int
load(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC),
	    err = fd < 0 ? -1 : (int)syscall(SYS_finit_module, fd, "", 0);

	if (err < 0)
		printf("%s: %s\n", path, strerror(errno));
	(void)close(fd);
	return err;
}

static int
make_chip(void)
{
	char device[32], lines[8];

	(void)mkdir("/proc", 0755);
	(void)mkdir("/sys", 0755);
	(void)mkdir("/dev", 0755);
	if (mount("none", "/proc", "proc", 0, "") < 0 || mount("none", "/sys", "sysfs", 0, "") < 0 ||
	    (mount("none", "/dev", "devtmpfs", 0, "") < 0 && errno != EBUSY) || load("/configfs.ko") < 0 ||
	    load("/gpio-sim.ko") < 0 || mount("none", "/sys/kernel/config", "configfs", 0, "") < 0 ||
	    mkdir("/sys/kernel/config/gpio-sim/lane", 0755) < 0 ||
	    mkdir("/sys/kernel/config/gpio-sim/lane/bank", 0755) < 0)
		return -1;
	(void)snprintf(lines, sizeof(lines), "%d", LINES);
	if (put("/sys/kernel/config/gpio-sim/lane/bank/num_lines", lines) < 0 ||
	    put("/sys/kernel/config/gpio-sim/lane/live", "1") < 0 ||
	    get("/sys/kernel/config/gpio-sim/lane/dev_name", device, sizeof(device)) < 0 ||
	    get("/sys/kernel/config/gpio-sim/lane/bank/chip_name", chip, sizeof(chip)) < 0)
		return -1;
	(void)snprintf(pulls, sizeof(pulls), "/sys/devices/platform/%s/%s/sim_gpio", device, chip);
	return 0;
}

static void
pull(int line, int up)
{
	char path[160];

	(void)snprintf(path, sizeof(path), "%s%d/pull", pulls, line);
	CHECK(put(path, up ? "pull-up" : "pull-down") == 0);
}

/* ---- the product's ports ---- */

static int
ask(int line, int output, int falling, uint32_t debounce_us)
{
	char name[40];
	struct hal_line_wish wish = {
	    .name = name, .output = output, .falling = falling, .debounce_us = debounce_us};

	(void)snprintf(name, sizeof(name), "%s:%d", chip, line);
	return hal_line_request(&wish);
}

/* Edges until there were so many, or none for long. `at` holds their times. */
static int
edges(struct hal_trigger *t, int fd, int64_t *at, int most, uint32_t *lost)
{
	struct hal_trigger_edge edge;
	int n = 0, got;

	*lost = 0;
	while (n < most) {
		struct pollfd line = {.fd = fd, .events = POLLIN};

		got = hal_trigger_next(t, INT64_MAX, &edge);
		if (got < 0)
			return got;
		if (got == 0 && poll(&line, 1, WAIT_MS) <= 0)
			break;
		if (got == 0)
			continue;
		at[n++] = edge.at_us;
		*lost += edge.lost;
	}
	return n;
}

/* Whether nothing more was said, for as long as a debounced line may take. */
static int
silent(struct hal_trigger *t)
{
	struct hal_trigger_edge edge;

	(void)usleep(2 * DEBOUNCE_US);
	return hal_trigger_next(t, INT64_MAX, &edge) == 0;
}

static struct hal_trigger *
begin(int fd, uint32_t debounce_us)
{
	struct hal_trigger_wish wish = {.name = "", .fd = fd, .debounce_us = debounce_us};
	struct hal_trigger *t = NULL;

	CHECK(fd >= 0 && hal_trigger_open(&t, &wish) == 0);
	return t;
}

/* ---- what is shown ---- */

static void
lines_are_asked_for(void)
{
	int fd = ask(0, 0, 0, 0);

	judge("a line that is there is given", fd >= 0);
	judge("a line that somebody has is busy", ask(0, 0, 0, 0) == -EBUSY);
	judge("a chip has no more lines than it has", ask(LINES, 0, 0, 0) == -EINVAL);
	judge("no chip, no line",
	      hal_line_request(&(struct hal_line_wish){.name = "gpiochip99:0"}) == -ENOENT);
	(void)close(fd);
	fd = ask(0, 0, 0, 0);
	judge("a line that was given back is given again", fd >= 0);
	(void)close(fd);
}

/* Each edge once, at the kernel's time: after the pull began and before it was over. */
static void
each_vehicle_is_an_edge(int line, int falling)
{
	int64_t from[VEHICLES], to[VEHICLES], at[VEHICLES + 1];
	int fd, n, inside = 0;
	struct hal_trigger *t;
	uint32_t lost;

	pull(line, falling);
	fd = ask(line, 0, falling, 0);
	t = begin(fd, 0);
	for (int i = 0; i < VEHICLES; i++) {
		from[i] = clock_us(CLOCK_MONOTONIC);
		pull(line, !falling);
		to[i] = clock_us(CLOCK_MONOTONIC);
		pull(line, falling);
	}
	n = edges(t, fd, at, VEHICLES, &lost);
	for (int i = 0; i < n; i++)
		inside += from[i] <= at[i] && at[i] <= to[i];
	printf("line %d: %d vehicles, %d edges, %d at their time, %u lost\n", line, VEHICLES, n, inside,
	       lost);
	judge(falling ? "each vehicle is a falling edge, and no other"
		      : "each vehicle is a rising edge, and no other",
	      n == VEHICLES && lost == 0 && silent(t));
	judge(falling ? "each falling edge has its time" : "each rising edge has its time",
	      inside == VEHICLES);
	hal_trigger_close(t);
	(void)close(fd);
}

/* One contact that closes or opens: five changes, the last at *rest. 0: the hand was too slow for one contact. */
static int
bounce(int line, int up, int64_t *rest)
{
	int64_t last = clock_us(CLOCK_MONOTONIC);
	int quick = 1;

	for (int i = 0; i < 5; i++) {
		*rest = clock_us(CLOCK_MONOTONIC);
		pull(line, (i & 1) ? !up : up);
		quick &= clock_us(CLOCK_MONOTONIC) - last < QUICK_US;
		last = *rest;
	}
	return quick;
}

/* An edge of a contact that bounces is told once, later, with the time at which it came to rest. */
static void
bouncing_contacts_are_one_edge(int line)
{
	int fd = ask(line, 0, 0, DEBOUNCE_US), good = 0, timely = 0, tries = 0;
	struct hal_trigger *t = begin(fd, DEBOUNCE_US);
	struct hal_trigger_edge more;
	int64_t rest, opened, at;
	uint32_t lost;

	pull(line, 0);
	(void)silent(t);
	while (good < CONTACTS && tries++ < TRIES) {
		int quick = bounce(line, 1, &rest), n = edges(t, fd, &at, 1, &lost), others = 0;
		int64_t told = clock_us(CLOCK_MONOTONIC);

		quick &= bounce(line, 0, &opened);
		(void)usleep(2 * DEBOUNCE_US);
		while (hal_trigger_next(t, INT64_MAX, &more) > 0)
			others++;
		if (!quick)
			continue;
		if (n != 1 || others != 0)
			break;
		good++;
		/* The kernel's wait may be longer than was asked for, not shorter. */
		timely += rest <= at && at <= told - DEBOUNCE_US;
	}
	printf("line %d: %d contacts that bounced, %d tries, %d at their time\n", line, good, tries, timely);
	judge("a contact that bounces is one edge", good == CONTACTS);
	judge("a debounced edge has the time at which it came to rest, or later", timely == CONTACTS);
	hal_trigger_close(t);
	(void)close(fd);
}

/* A capture that is away for 300 edges: 256 wait, the oldest are counted as lost. */
static void
what_nobody_takes_is_counted(int line)
{
	int64_t at[KEPT + 1];
	int fd, n;
	struct hal_trigger *t;
	uint32_t lost;

	pull(line, 0);
	fd = ask(line, 0, 0, 0);
	t = begin(fd, 0);
	pull(line, 1);
	judge("the first is told", edges(t, fd, at, 1, &lost) == 1);
	for (int i = 0; i < KEPT + 44; i++) {
		pull(line, 0);
		pull(line, 1);
	}
	n = edges(t, fd, at, KEPT, &lost);
	printf("line %d: %d edges that nobody took, %d waited, %u lost\n", line, KEPT + 44, n, lost);
	judge("edges that wait and edges that are lost are all there were",
	      n == KEPT && lost == 44 && silent(t));
	hal_trigger_close(t);
	(void)close(fd);
}

/* What capture makes of them: each a vehicle that begins and ends. */
static void
each_edge_begins_a_vehicle(int line)
{
	int fd = ask(line, 0, 0, 0), event, begins = 0, ends = 0;
	struct gate gate = {.window_us = 1000};

	pull(line, 0);
	gate.trigger = begin(fd, 0);
	for (int i = 0; i < VEHICLES; i++) {
		pull(line, 1);
		pull(line, 0);
		(void)usleep(3000);
		while ((event = gate_next(&gate, clock_us(CLOCK_MONOTONIC))) > 0) {
			begins += event == GATE_BEGIN;
			ends += event == GATE_END;
		}
	}
	judge("each edge is a vehicle that begins and ends",
	      begins == VEHICLES && ends == VEHICLES && gate.triggers == VEHICLES && gate.lost == 0);
	hal_trigger_close(gate.trigger);
	(void)close(fd);
}

static void
a_strobe_drives_its_line(int line)
{
	char path[160], dark[8], lit[8], again[8];
	int fd = ask(line, 1, 0, 0);

	(void)snprintf(path, sizeof(path), "%s%d/value", pulls, line);
	(void)get(path, dark, sizeof(dark));
	(void)strobe_line_set(fd, 1);
	(void)get(path, lit, sizeof(lit));
	(void)strobe_line_set(fd, 0);
	(void)get(path, again, sizeof(again));
	judge("a strobe's line is dark, lit, and dark again",
	      fd >= 0 && dark[0] == '0' && lit[0] == '1' && again[0] == '0');
	(void)close(fd);
}

int
main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (make_chip() == 0) {
		printf("chip: %s\n", chip);
		lines_are_asked_for();
		each_vehicle_is_an_edge(1, 0);
		each_vehicle_is_an_edge(2, 1);
		bouncing_contacts_are_one_edge(3);
		what_nobody_takes_is_counted(4);
		each_edge_begins_a_vehicle(5);
		a_strobe_drives_its_line(6);
	} else {
		judge("a simulated chip is there", 0);
	}
	printf("%d passed, %d failed\n", passed, failed);
	(void)fflush(stdout);
	sync();
	(void)reboot(RB_POWER_OFF);
	return 0;
}
