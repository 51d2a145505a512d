/*
 * Whether the unit does its work, as it says itself. It is asked by init, which has just started it: what is told
 * here decides whether a new firmware stays, and protects against one that is broken, not against one that lies.
 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/io.h"
#include "base/log_text.h"
#include "warden/healthy.h"
#include "warden/house.h"

enum { STATUS_MAX = 1 << 20, STALE_S = 10, SETTLED_S = 5 };

static json_t *
read_status(const struct settings *s, time_t *written)
{
	static uint8_t bytes[STATUS_MAX];
	char folder[SETTINGS_TEXT_BYTES];
	struct stat st;
	int64_t n = -ENOENT;
	int fd = settings_path(s, "state.folder", 0, folder) < 0
		     ? -1
		     : open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0) {
		n = io_load_at(fd, "status.json", SPACE_OF(bytes));
		*written = fstatat(fd, "status.json", &st, 0) == 0 ? st.st_mtime : 0;
		(void)close(fd);
	}
	return n < 0 ? NULL : json_loadb((const char *)bytes, (size_t)n, 0, NULL);
}

static int64_t
vital(const json_t *status, const char *room, const char *name)
{
	const json_t *r = json_object_get(json_object_get(status, "rooms"), room);

	return json_integer_value(json_object_get(json_object_get(r, "vitals"), name));
}

static const char *
room_not_ready(const json_t *status)
{
	for (int room = 0; room < ROOM_COUNT; room++)
		if (!json_is_true(json_object_get(
			json_object_get(json_object_get(status, "rooms"), wiring_rooms[room]), "ready")))
			return wiring_rooms[room];
	return NULL;
}

/* What is wanting, in words, or NULL. */
static const char *
wanting(const json_t *status, time_t written)
{
	const char *phase = json_string_value(json_object_get(status, "phase"));
	pid_t pid = (pid_t)json_integer_value(json_object_get(status, "pid"));
	time_t now = time(NULL);

	if (status == NULL)
		return "there is no status.json that can be read";
	if (pid <= 0 || kill(pid, 0) < 0 || phase == NULL || strcmp(phase, "running") != 0)
		return "laneseald does not run";
	if (now - written > STALE_S || written - now > STALE_S)
		return "laneseald has told nothing for a while";
	if (json_real_value(json_object_get(status, "uptime_seconds")) < SETTLED_S)
		return "laneseald has only just started";
	if (room_not_ready(status))
		return "a room is not ready";
	if (!json_is_true(json_object_get(json_object_get(status, "policy"), "in_force")))
		return "the policy is not in force";
	if (vital(status, "capture", "frames") + vital(status, "capture", "frames_passed_over") == 0)
		return "no frame has come";
	if (vital(status, "spool", "heartbeats") + vital(status, "spool", "stored") == 0)
		return "nothing was signed and stored yet";
	if (json_is_true(json_object_get(status, "self_test")) && vital(status, "locate", "self_tests") == 0)
		return "the record of the self-test is not stored yet";
	return NULL;
}

int
healthy_tell(const char *settings_file)
{
	static struct settings settings;
	const char *what;
	time_t written = 0;
	json_t *status;

	if (settings_read(&settings, settings_file) < 0)
		return HOUSE_EXIT_SETTINGS;
	status = read_status(&settings, &written);
	what = wanting(status, written);
	if (what)
		log_text(LOG_NOTE, "not healthy: %s", what);
	json_decref(status);
	return what ? HEALTHY_EXIT_NOT : HOUSE_EXIT_GOOD;
}
