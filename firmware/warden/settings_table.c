/*
 * warden/settings_table.c - every setting there is: one row each, and nothing else counts.
 *
 * What a row says is what an error message says and what `laneseald --list-settings`
 * prints, so a row is written for the person who stands at the booth.
 */
#include <string.h>

#include "doors/frame/frame.h"
#include "hal/lines.h"
#include "warden/settings.h"

static int
good_unit_name(const char *text)
{
	return text[0] && strlen(text) < 32 &&
	       strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.") == strlen(text);
}

static int
good_path(const char *text)
{
	return text[0] != '\0';
}

static int
good_camera(const char *text)
{
	if (!CONFIG(HAL_CAMERA_SIMULATED))
		return text[0] && strncmp(text, "replay:", 7) != 0 && strncmp(text, "synthetic:", 10) != 0;
	if (strncmp(text, "replay:", 7) == 0)
		return text[7] != '\0';
	/* A seed, and perhaps options, which the camera itself knows and checks. */
	return strncmp(text, "synthetic:", 10) == 0 && strspn(text + 10, "0123456789") > 0 &&
	       strspn(text + 10, "0123456789abcdefghijklmnopqrstuvwxyz,=.-") == strlen(text + 10);
}

/* The port knows the rest of a simulated one. */
static int
good_trigger(const char *text)
{
	if (strcmp(text, "none") == 0)
		return 1;
	if (CONFIG(HAL_TRIGGER_GPIO))
		return hal_line_good_name(text);
	return strncmp(text, "simulated:", 10) == 0 && strspn(text + 10, "abcdefghijklmnopqrstuvwxyz0123456789=,") == strlen(text + 10) && text[10];
}

static int
good_strobe(const char *text)
{
	return strcmp(text, "none") == 0 || (CONFIG(HAL_STROBE_GPIO) ? hal_line_good_name(text) : strcmp(text, "simulated") == 0);
}

/* A plain address: no user, no query, nothing that a URL would have to escape. */
static int
good_uplink(const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~:/[]";
	const char *address = text + (strncmp(text, "s3:", 3) == 0 ? 3 : 0);

	if (strcmp(text, "none") == 0 || (strncmp(text, "file:", 5) == 0 && text[5] != '\0'))
		return 1;
	return strncmp(address, "https://", 8) == 0 && address[8] != '/' && strlen(address) > 8 && strlen(address) < 256 &&
	       strspn(address, plain) == strlen(address);
}

static int
good_region(const char *text)
{
	return text[0] && strlen(text) < 48 && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(text);
}

#define CAMERA_NAMES                                                                                        \
	(CONFIG(HAL_CAMERA_SIMULATED)                                                                        \
		 ? "\"synthetic:NUMBER[,option...]\", \"replay:FOLDER\" (JPEG and PNG files) or \"replay:FILE.y4m\""     \
		 : "\"first\" or the libcamera id of the camera")

#define TRIGGERS                                                                                            \
	(CONFIG(HAL_TRIGGER_GPIO) ? "\"none\", or a line as \"gpiochip0:12\""                                 \
				  : "\"none\", \"simulated:lane\" or \"simulated:every=MS[,first=MS][,bounce=N]\"")
#define STROBES (CONFIG(HAL_STROBE_GPIO) ? "\"none\", or a line as \"gpiochip0:13\"" : "\"none\" or \"simulated\"")

#define NUMBER(path, unit, least, most, normal, help) \
	{path, SETTING_NUMBER, unit, least, most, normal, NULL, NULL, NULL, help}
#define CHOICE(path, of, otherwise, help) {path, SETTING_CHOICE, NULL, 0, 0, 0, of, otherwise, NULL, help}
#define TEXT(path, allowed, otherwise, good, help) {path, SETTING_TEXT, NULL, 0, 0, 0, allowed, otherwise, good, help}

static const struct setting_row rows[] = {
	TEXT("unit.name", "1 to 31 letters, digits, '-' and '.'", NULL, good_unit_name,
	     "name of this unit, in the clear in every record"),
	TEXT("unit.key", "path of a file", NULL, good_path,
	     "the unit's signing key, as \"lanekeys unit\" writes it; mode 0400"),

	TEXT("camera.name", CAMERA_NAMES, NULL, good_camera, "where frames come from"),
	CHOICE("camera.format", "grey|nv12|yuyv|mjpeg", "grey", "pixel format asked of the camera"),
	NUMBER("camera.width_px", "pixels", 16, CONFIG_FRAME_MAX_WIDTH_PX, 1280,
	       "width of a frame; replayed pictures keep their own"),
	NUMBER("camera.height_px", "pixels", 16, CONFIG_FRAME_MAX_HEIGHT_PX, 720,
	       "height of a frame; replayed pictures keep their own"),
	NUMBER("camera.rate_fps", "frames a second", 1, 240, 30, "how often a frame is taken"),
	NUMBER("camera.exposure_us", "microseconds", 0, 1000000, 0, "shutter time; 0: the camera decides"),
	NUMBER("camera.gain_milli", "thousandths", 0, 1000000, 0,
	       "analogue gain, 1000 is none; 0: the camera decides"),
	CHOICE("camera.expose_for", "camera|plate", "camera",
	       "plate: exposure and gain follow the brightness of plates; exposure_us and gain_milli are then the most (0: 2000 us, 8000)"),
	NUMBER("camera.silence_s", "seconds", 0, 86400, 10,
	       "sensor: without a frame for so long it is opened anew; 0: never, for a camera with an external trigger"),
	CHOICE("camera.pace", "real|free", "real", "simulated: by the clock, or as fast as frames are taken"),
	NUMBER("camera.vehicles", NULL, 0, 1000000000, 0, "synthetic: vehicles that drive through; 0: no end"),
	NUMBER("camera.still_frames", "frames", 0, 1000, 5,
	       "replay: how long each picture stands; 0: the folder is one sequence"),
	NUMBER("camera.gap_ms", "milliseconds", 0, 60000, 1000, "replay: time without frames after each picture"),

	TEXT("trigger.input", TRIGGERS, "none", good_trigger,
	     "what tells that a vehicle comes, so that each is one passage, or one count; none: locate finds out by itself"),
	CHOICE("trigger.edge", "rising|falling", "rising", "which change of the line is a vehicle; simulated: no matter"),
	NUMBER("trigger.debounce_us", "microseconds", 0, 1000000, 1000, "changes of the line closer together than this are one"),
	NUMBER("trigger.window_ms", "milliseconds", 50, 30000, 1500,
	       "how long after it the frames are the vehicle's; shorter than from one vehicle to the next"),
	TEXT("strobe.output", STROBES, "none", good_strobe,
	     "what lights a flash while a frame is exposed; with a trigger in a vehicle's window only; not at pace free"),
	NUMBER("strobe.lead_us", "microseconds", 0, 10000, 100, "how long it is lit before an exposure begins, and after it ends"),
	NUMBER("strobe.longest_us", "microseconds", 10, 100000, 5000, "longest that the lamp may be lit at a time"),

	NUMBER("lane.number", NULL, 0, 65535, 1, "lane this camera looks at, in every record"),

	NUMBER("locate.views", NULL, 1, CONFIG_LOCATE_VIEWS_MAX, 3,
	       "most views of a plate in one record; the policy may allow fewer"),
	CHOICE("locate.encoding", "jpeg|png", "jpeg", "how crops are encoded; png loses nothing"),
	NUMBER("locate.jpeg_quality", NULL, 1, 100, 90, "quality of JPEG crops"),
	NUMBER("locate.confirm_frames", "frames", 1, 100, 3, "frames a plate must be seen in to count as a passage"),
	NUMBER("locate.sure_permille", "thousandths", 0, 100000, 2200,
	       "how sure a passage must be: 1000 is one frame without doubt, and frames are summed; 0 for photographs"),
	NUMBER("locate.passage_gap_ms", "milliseconds", 10, 60000, 500,
	       "a plate not seen for so long has passed"),

	TEXT("policy.file", "path of a file", NULL, good_path,
	     "who may open records, signed by the agency; without a valid one nothing is stored"),
	TEXT("policy.key", "path of a file", NULL, good_path,
	     "the agency's policy key, public: P-256, DER SubjectPublicKeyInfo, 91 bytes"),
	TEXT("policy.key_next", "path of a file, or \"none\"", "none", good_path,
	     "the policy key that will follow, same form"),

	TEXT("spool.folder", "path of a folder", NULL, good_path, "where records are kept; made when it is not there"),
	NUMBER("spool.max_mib", "MiB", 1, 1 << 24, 4096, "most bytes the spool may hold"),
	NUMBER("spool.max_records", "records", 1, 100000000, 1000000, "most records the spool may hold"),
	NUMBER("spool.free_floor_mib", "MiB", 0, 1 << 24, 64, "space on the disk that is left to others"),

	TEXT("uplink.to", "\"none\", \"file:FOLDER\", \"https://HOST/PATH\" or \"s3:https://HOST/BUCKET\"", "none", good_uplink,
	     "where records are delivered; a collector must be named in the policy"),
	TEXT("uplink.anchor", "path of a file", "collector-anchor.der", good_path,
	     "the certificate that vouches for the collector, DER; the policy names its SHA-256"),
	TEXT("uplink.certificate", "path of a file, or \"none\"", "none", good_path,
	     "what the collector knows this unit by: certificate chain and key, PEM; mode 0400"),
	TEXT("uplink.s3_keys", "path of a file, or \"none\"", "none", good_path,
	     "for s3: two lines, key id and secret; mode 0400"),
	TEXT("uplink.s3_region", "lower-case letters, digits and '-'", "us-east-1", good_region, "for s3: the region that requests are signed for"),
	NUMBER("uplink.max_kbit_s", "kbit/s", 0, 10000000, 0, "most of the line that uplink takes; 0: no limit"),
	NUMBER("uplink.cadence_s", "seconds", 0, 3600, 0,
	       "records leave at fixed ticks, so that the wire does not tell when vehicles came; 0: at once"),

	NUMBER("state.health_s", "seconds", 60, 86400, 900,
	       "how often the unit's health - counts and states, no picture - goes into the signed chain; at its end as well"),
	TEXT("state.folder", "path of a folder", NULL, good_path,
	     "what laneseald remembers and tells: newest policy seen, status.json; made when it is not there"),
};

_Static_assert(ARRAY_SIZE(rows) <= SETTINGS_MAX, "raise SETTINGS_MAX");

const struct setting_row *
settings_table(size_t *n)
{
	*n = ARRAY_SIZE(rows);
	return rows;
}
