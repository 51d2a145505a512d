/*
 * warden/status.c - writes status.json: what the rooms told, and what the kernel says about them.
 *
 * Written each second, so it is renamed into place but not synced: after a power
 * cut it is of no interest, and syncing it would wear out the flash. It holds
 * numbers from the closed list of vitals and nothing that could not be read aloud.
 * metrics.prom says the same in another form.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/io.h"
#include "base/log_text.h"
#include "warden/metrics.h"
#include "warden/status.h"
#include "warden/tally.h"
#include "warden/version.h"

static const char *const phase_names[] = {
	[HOUSE_OPENING] = "opening",
	[HOUSE_RUNNING] = "running",
	[HOUSE_CLOSING] = "closing",
};

static const char *const state_names[] = {
	[RESIDENT_DOWN]     = "down",
	[RESIDENT_STARTING] = "starting",
	[RESIDENT_UP]       = "ready",
	[RESIDENT_LEAVING]  = "leaving",
	[RESIDENT_GONE]     = "gone",
};

/* ---- what the kernel says about a process that runs ---- */

/* Reads a file of /proc/PID; -1 when the process is no more. */
static int64_t
read_proc(pid_t pid, const char *name, char *text, size_t n)
{
	char path[48];
	int64_t got;

	(void)snprintf(path, sizeof(path), "/proc/%ld/%s", (long)pid, name);
	got = io_load_at(AT_FDCWD, path, SPACE((uint8_t *)text, n - 1));
	if (got >= 0)
		text[got] = '\0';
	return got < 0 ? -1 : got;
}

/* User and system time, fields 14 and 15 of /proc/PID/stat; the name before them may hold spaces, but ends in ')'. */
static int64_t
cpu_us(pid_t pid)
{
	char text[1024];
	const char *after;
	unsigned long long user, kernel;
	long ticks = sysconf(_SC_CLK_TCK);

	if (pid <= 0 || read_proc(pid, "stat", text, sizeof(text)) < 0 || ticks <= 0)
		return 0;
	after = strrchr(text, ')');
	if (after == NULL || sscanf(after, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu", &user, &kernel) != 2)
		return 0;
	return (int64_t)((user + kernel) * 1000000 / (unsigned long)ticks);
}

static int64_t
peak_rss_kib(pid_t pid)
{
	char text[4096];
	const char *line;
	long long kib;

	if (pid <= 0 || read_proc(pid, "status", text, sizeof(text)) < 0)
		return 0;
	line = strstr(text, "\nVmHWM:");
	return line && sscanf(line, "\nVmHWM: %lld", &kib) == 1 ? kib : 0;
}

/* ---- the file ---- */

/* A json_t that could not be made, or put, is missing from the file; jansson takes NULL for that. */
static void
put_number(json_t *to, const char *name, int64_t value)
{
	(void)json_object_set_new(to, name, json_integer(value));
}

static void
put_text(json_t *to, const char *name, const char *text)
{
	(void)json_object_set_new(to, name, json_string(text));
}

static json_t *
room_json(const struct resident *r)
{
	json_t *room = json_object(), *vitals = json_object();
	int64_t peak = peak_rss_kib(r->pid);

	put_text(room, "state", state_names[r->state]);
	put_number(room, "pid", r->pid);
	put_number(room, "restarts", (int64_t)r->restarts);
	(void)json_object_set_new(room, "ready", json_boolean(r->state == RESIDENT_UP));
	(void)json_object_set_new(room, "cpu_seconds", json_real((double)(r->cpu_us_before + cpu_us(r->pid)) / 1e6));
	put_number(room, "peak_rss_kib", peak > r->peak_rss_kib ? peak : r->peak_rss_kib);
	for (unsigned int v = 0; v < VITAL_COUNT; v++)
		if (v != VITAL_ready && tally_total(r, (enum vital)v) != 0)
			put_number(vitals, vitals_name(v), tally_total(r, (enum vital)v));
	(void)json_object_set_new(room, "vitals", vitals);
	return room;
}

static json_t *
policy_json(const struct rules *rules)
{
	json_t *policy = json_object();

	(void)json_object_set_new(policy, "in_force", json_boolean(rules->trouble == 0));
	if (rules->read == 0)
		put_number(policy, "version", (int64_t)rules->policy.version);
	put_number(policy, "newest_version", (int64_t)rules->newest);
	if (rules->trouble < 0)
		put_text(policy, "trouble", rules->n_bytes ? policy_trouble(rules->trouble) : strerror(-rules->trouble));
	return policy;
}

static json_t *
house_json(const struct house *h, int64_t now_us, int finished)
{
	const struct resident *r = h->residents;
	json_t *house = json_object(), *rooms = json_object();
	char hex[2 * CRYPTO_HASH_BYTES + 1];

	for (size_t i = 0; i < CRYPTO_HASH_BYTES; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", h->firmware[i]);
	put_text(house, "unit", settings_text(&h->settings, "unit.name"));
	put_text(house, "version", LANESEALD_VERSION);
	put_text(house, "firmware", hex);
	put_text(house, "phase", finished ? "closed" : phase_names[h->phase]);
	put_number(house, "pid", getpid());
	put_number(house, "written_utc_s", (int64_t)time(NULL));
	(void)json_object_set_new(house, "uptime_seconds", json_real((double)(now_us - h->started_us) / 1e6));
	(void)json_object_set_new(house, "policy", policy_json(&h->rules));
	(void)json_object_set_new(house, "self_test", json_boolean(h->self_test));
	put_number(house, "frames", tally_total(&r[ROOM_CAPTURE], VITAL_frames));
	put_number(house, "frames_dropped", tally_total(&r[ROOM_CAPTURE], VITAL_frames_dropped));
	put_number(house, "passages", tally_total(&r[ROOM_LOCATE], VITAL_passages));
	put_number(house, "stored", tally_total(&r[ROOM_SPOOL], VITAL_stored));
	put_number(house, "counted_only", tally_total(&r[ROOM_SEAL], VITAL_counted_only));
	put_number(house, "usb_ignored", h->usb_ignored);
	put_number(house, "delivered", tally_total(&r[ROOM_UPLINK], VITAL_delivered));
	for (int room = 0; room < ROOM_COUNT; room++)
		(void)json_object_set_new(rooms, wiring_rooms[room], room_json(&r[room]));
	(void)json_object_set_new(house, "rooms", rooms);
	return house;
}

static int
replace_unsynced(int folder, const char *name, const char *fresh, const char *text)
{
	int err, fd = openat(folder, fresh, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0644);

	if (fd < 0)
		return -errno;
	err = io_write_all(fd, text, strlen(text));
	if (close(fd) < 0 && err == 0)
		err = -errno;
	if (err == 0 && renameat(folder, fresh, folder, name) < 0)
		err = -errno;
	if (err < 0)
		(void)unlinkat(folder, fresh, 0);
	return err;
}

static int
replace_metrics(const struct house *h, int64_t now_us)
{
	char *text = NULL;
	size_t n;
	FILE *out = open_memstream(&text, &n);
	int err = out ? 0 : -ENOMEM;

	if (out) {
		metrics_write(out, h, now_us);
		err = ferror(out) ? -ENOMEM : 0;
		if (fclose(out) != 0)
			err = -ENOMEM;
	}
	if (err == 0)
		err = replace_unsynced(h->state_folder, "metrics.prom", ".metrics.prom.new", text);
	free(text);
	return err;
}

void
status_write(struct house *h, int64_t now_us)
{
	json_t *house = house_json(h, now_us, h->phase == HOUSE_CLOSING && h->residents[ROOM_UPLINK].state == RESIDENT_GONE);
	char *text = json_dumps(house, JSON_INDENT(1) | JSON_REAL_PRECISION(9));
	int err = text ? replace_unsynced(h->state_folder, "status.json", ".status.json.new", text) : -ENOMEM;

	if (err == 0)
		err = replace_metrics(h, now_us);
	if (err < 0 && h->status_trouble == 0)
		log_text(LOG_ERROR, "state.folder: status.json or metrics.prom cannot be written: %s", strerror(-err));
	h->status_trouble = err;
	free(text);
	json_decref(house);
}
