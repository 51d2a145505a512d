/*
 * Gathers what a thief of this unit would hold, and judges it.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/log_text.h"
#include "doors/frame/frame.h"
#include "warden/exposure.h"
#include "warden/house.h"

/* Beside the slots: what the camera's own buffers hold (six are asked of a driver), and locate's working copy. */
enum { FRAMES_IN_CAMERA = CONFIG(HAL_CAMERA_SIMULATED) ? 1 : 6, FRAMES_IN_LOCATE = 1, PASSAGES_IN_SEAL = 1 };

/* Rooms that see pictures. */
static int
sees_pictures(int room)
{
	return room <= ROOM_SEAL;
}

uint64_t
exposure_plain_bytes(const struct exposure *e)
{
	uint64_t n = e->replayed_bytes;

	for (int room = 0; room < ROOM_COUNT; room++)
		if (sees_pictures(room) && e->unit.rooms[room].swap_bytes > 0)
			n += (uint64_t)e->unit.rooms[room].swap_bytes;
	return n;
}

int
exposure_is_sealed(const struct exposure *e)
{
	return e->keys.found == 0 && !e->keys.own_is_recipient && exposure_plain_bytes(e) == 0;
}

/* ---- gathering ---- */

static char *
real(const struct settings *s, const char *path, size_t skip, int parent)
{
	char text[SETTINGS_TEXT_BYTES], *slash;

	if (settings_path(s, path, skip, text) < 0)
		return NULL;
	slash = strrchr(text, '/');
	if (parent && slash)
		slash[slash == text] = '\0';
	return realpath(text, NULL);
}

/* The folders this unit has its files in: where a key could have been left. */
static size_t
find_roots(const struct exposure *e, char **roots)
{
	static const struct {
		const char *setting;
		int parent;
	} places[] = {
	    {"unit.key", 1}, {"policy.file", 1}, {"policy.key", 1}, {"spool.folder", 0}, {"state.folder", 0}};
	const struct settings *s = &e->settings;
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		if ((roots[n] = real(s, places[i].setting, 0, places[i].parent)) != NULL)
			n++;
	if ((roots[n] = realpath(s->folder, NULL)) != NULL)
		n++;
	if (strncmp(settings_text(s, "uplink.to"), "file:", 5) == 0 &&
	    (roots[n] = real(s, "uplink.to", 5, 0)) != NULL)
		n++;
	return n;
}

static void
look_for_keys(struct exposure *e)
{
	char *roots[10] = {NULL}, own[SETTINGS_TEXT_BYTES], connection[SETTINGS_TEXT_BYTES];
	const char *shown = settings_text(&e->settings, "uplink.certificate");
	size_t n = find_roots(e, roots);

	CHECK(n < ARRAY_SIZE(roots) && settings_path(&e->settings, "unit.key", 0, own) == 0 &&
	      settings_path(&e->settings, "uplink.certificate", 0, connection) == 0);
	roots[n] = NULL;
	exposure_look_keys(&e->keys, roots, own, strcmp(shown, "none") == 0 ? NULL : connection,
			   e->rules.read == 0 ? &e->rules.policy : NULL);
	for (size_t i = 0; i < n; i++)
		free(roots[i]);
}

/* A replaying camera's pictures lie on this unit for everybody to see. */
static uint64_t
measure_pictures(const struct settings *s)
{
	char path[SETTINGS_TEXT_BYTES];
	const struct dirent *d;
	struct stat st;
	uint64_t bytes = 0;
	DIR *dir;

	if (strncmp(settings_text(s, "camera.name"), "replay:", 7) != 0 ||
	    settings_path(s, "camera.name", 7, path) < 0 || stat(path, &st) < 0)
		return 0;
	if (S_ISREG(st.st_mode))
		return (uint64_t)st.st_size;
	dir = opendir(path);
	while (dir && (d = readdir(dir)) != NULL)
		if (fstatat(dirfd(dir), d->d_name, &st, 0) == 0 && S_ISREG(st.st_mode))
			bytes += (uint64_t)st.st_size;
	if (dir)
		(void)closedir(dir);
	return bytes;
}

static uint64_t
bytes_of_frame(const struct settings *s)
{
	const char *format = settings_text(s, "camera.format");
	uint64_t pixels = (uint64_t)settings_number(s, "camera.width_px") *
			  (uint64_t)settings_number(s, "camera.height_px");

	return strcmp(format, "grey") == 0   ? pixels
	       : strcmp(format, "nv12") == 0 ? pixels * 3 / 2
					     : pixels * 2;
}

static void
count_memory(struct exposure *e)
{
	const struct exposure_room *rooms = e->unit.rooms;

	/* The slots live as long as the warden; what a room held is gone with the room. */
	if (e->unit.running)
		e->frames_most = CONFIG_FRAME_SLOTS + (rooms[ROOM_CAPTURE].pid ? FRAMES_IN_CAMERA : 0) +
				 (rooms[ROOM_LOCATE].pid ? FRAMES_IN_LOCATE : 0);
	e->passages_most = (rooms[ROOM_LOCATE].pid ? CONFIG_LOCATE_OUTBOX_PASSAGES : 0) +
			   (rooms[ROOM_SEAL].pid ? PASSAGES_IN_SEAL : 0);
	e->frame_bytes = bytes_of_frame(&e->settings);
}

static int
look(struct exposure *e, const char *settings_file)
{
	char folder[SETTINGS_TEXT_BYTES];

	if (settings_read(&e->settings, settings_file) < 0)
		return HOUSE_EXIT_SETTINGS;
	/* -1: what this unit remembers of policies is not touched, only read by the laneseald that runs. */
	if (rules_open(&e->rules, &e->settings, -1) < 0 || e->settings.errors)
		return HOUSE_EXIT_SETTINGS;
	e->now_s = (int64_t)time(NULL);
	if (settings_path(&e->settings, "spool.folder", 0, folder) < 0)
		return HOUSE_EXIT_SETTINGS;
	look_for_keys(e);
	exposure_look_spool(&e->spool, folder, e->keys.own_id);
	if (settings_path(&e->settings, "state.folder", 0, folder) < 0)
		return HOUSE_EXIT_SETTINGS;
	exposure_look_unit(&e->unit, folder);
	e->replayed_bytes = measure_pictures(&e->settings);
	count_memory(e);
	return HOUSE_EXIT_GOOD;
}

int
exposure_tell(const char *settings_file, int as_json)
{
	static struct exposure e;
	int status;

	if (hal_crypto_open() < 0)
		return HOUSE_EXIT_FAULT;
	status = look(&e, settings_file);
	if (status != HOUSE_EXIT_GOOD)
		return status;
	if (e.spool.trouble < 0 && e.spool.trouble != -ENOENT) {
		log_text(
		    LOG_ERROR,
		    "spool.folder \"%s\": it cannot be looked into: %s; run this as the user of laneseald, or as root",
		    settings_text(&e.settings, "spool.folder"), strerror(-e.spool.trouble));
		return HOUSE_EXIT_FAULT;
	}
	if (as_json && exposure_say_json(&e) < 0)
		return HOUSE_EXIT_FAULT;
	if (!as_json)
		exposure_say_text(&e);
	return exposure_is_sealed(&e) ? HOUSE_EXIT_GOOD : EXPOSURE_EXIT_READABLE;
}
