#include "warden/metrics.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "warden/tally.h"
#include "warden/version.h"

static void
describe(FILE *out, const char *name, const char *type, const char *help)
{
	(void)fprintf(out, "# TYPE laneseal_%s %s\n# HELP laneseal_%s %s\n", name, type, name, help);
}

/* Whether a vital is that room's to tell: its meaning begins with the rooms' names, or "any". */
static int
concerns(const char *meaning, const char *room)
{
	const char *colon = strchr(meaning, ':'), *named = strstr(meaning, room);

	return !colon || strncmp(meaning, "any:", 4) == 0 || (named && named < colon);
}

static void
write_vital(FILE *out, const struct house *h, enum vital vital)
{
	const char *name = vitals_name(vital), *meaning = tally_meaning(vital);
	int now = tally_is_now(vital);

	describe(out, name, now ? "gauge" : "counter", meaning);
	for (int room = 0; room < ROOM_COUNT; room++)
		if (concerns(meaning, wiring_rooms[room]))
			(void)fprintf(out, "laneseal_%s%s{room=\"%s\"} %" PRId64 "\n", name, now ? "" : "_total",
				      wiring_rooms[room], tally_total(&h->residents[room], vital));
}

static void
write_rooms(FILE *out, const struct house *h)
{
	describe(out, "restarts", "counter", "times a room was started again");
	for (int room = 0; room < ROOM_COUNT; room++)
		(void)fprintf(out, "laneseal_restarts_total{room=\"%s\"} %" PRIu64 "\n", wiring_rooms[room],
			      h->residents[room].restarts);
	for (int v = 0; v < VITAL_COUNT; v++)
		write_vital(out, h, (enum vital)v);
}

static void
write_unit(FILE *out, const struct house *h, int64_t now_us)
{
	/* Of all texts here only these two come from outside, and neither may hold a quote: settings_table.c. */
	describe(out, "unit", "info", "which unit this is");
	(void)fprintf(out, "laneseal_unit_info{unit=\"%s\",version=\"%s\"} 1\n", settings_text(&h->settings, "unit.name"),
		      LANESEALD_VERSION);
	describe(out, "policy_in_force", "gauge", "1 when the policy is good; 0: vehicles are only counted");
	(void)fprintf(out, "laneseal_policy_in_force %d\n", h->rules.trouble == 0);
	describe(out, "usb_ignored", "gauge", "functions of USB devices that no driver here takes");
	(void)fprintf(out, "laneseal_usb_ignored %u\n", h->usb_ignored);
	describe(out, "uptime_seconds", "gauge", "since laneseald started");
	(void)fprintf(out, "laneseal_uptime_seconds %" PRId64 "\n", (now_us - h->started_us) / 1000000);
	describe(out, "written_seconds", "gauge", "when this was written, seconds since 1970 by this unit's clock");
	(void)fprintf(out, "laneseal_written_seconds %" PRId64 "\n", (int64_t)time(NULL));
}

void
metrics_write(FILE *out, const struct house *h, int64_t now_us)
{
	write_unit(out, h, now_us);
	write_rooms(out, h);
	(void)fputs("# EOF\n", out);
}
