/*
 * The exposure in words, for an incident report, and as JSON.
 */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "record/header.h"
#include "warden/exposure.h"

enum { STALE_S = 10 }; /* status.json is written each second */

static void
say_time(char text[40], int64_t at_s)
{
	time_t t = (time_t)at_s;
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL || strftime(text, 40, "%Y-%m-%d %H:%M:%S UTC", &tm) == 0)
		(void)snprintf(text, 40, "%" PRId64 " s since 1970", at_s);
}

static int64_t
age_s(const struct exposure *e)
{
	return e->now_s - e->unit.written_s;
}

/* ---- words ---- */

static void
say_records(const struct exposure *e)
{
	const struct exposure_spool *s = &e->spool;
	char oldest[40], newest[40];

	if (s->trouble == -ENOENT) {
		(void)printf("  sealed records         0: there is no spool yet\n");
		return;
	}
	(void)printf("  sealed records         %" PRIu64 " (%" PRIu64 " bytes), %" PRIu64
		     " of them passages; %" PRIu64 " not delivered yet\n",
		     s->records, s->bytes, s->passages, s->records - s->delivered);
	if (s->oldest_s >= 0) {
		say_time(oldest, s->oldest_s);
		say_time(newest, s->newest_s >= 0 ? s->newest_s : s->oldest_s);
		(void)printf("  oldest, newest         %s, %s (passed within %d minutes after)\n", oldest,
			     newest, RECORD_COARSE_TIME_S / 60);
	}
	if (s->delivered_trouble < 0)
		(void)printf(
		    "  delivery               the mark of what was delivered is damaged; all count as not delivered\n");
	if (s->damaged || s->unreadable)
		(void)printf("  damaged records        %" PRIu64 " set aside as .bad, %" PRIu64
			     " more found\n",
			     s->damaged, s->unreadable);
	if (s->foreign)
		(void)printf("  other files there      %" PRIu64 "\n", s->foreign);
}

static void
say_readers(const struct exposure *e)
{
	const struct exposure_keys *k = &e->keys;
	const struct policy *p = &e->rules.policy;

	if (e->rules.read < 0) {
		(void)printf(
		    "  readable by            whoever the policy named under which each was sealed; there is none to read here: %s\n",
		    e->rules.n_bytes ? policy_trouble(e->rules.read) : strerror(-e->rules.read));
	} else {
		(void)printf("  readable by            whoever holds a private key of:");
		for (uint32_t i = 0; i < p->n_recipients; i++)
			(void)printf("%s %s (key id %02x%02x%02x%02x)", i ? "," : "", p->recipients[i].role,
				     p->recipients[i].key_id[0], p->recipients[i].key_id[1],
				     p->recipients[i].key_id[2], p->recipients[i].key_id[3]);
		(void)printf("; the policy holds public keys only\n");
	}
	(void)printf("  such keys on this unit %" PRIu64 " (%" PRIu64 " files looked into, %" PRIu64
		     " too large or not readable)\n",
		     k->found + (k->own_is_recipient ? 1 : 0), k->files, k->passed_over);
	for (uint64_t i = 0; i < k->found && i < EXPOSURE_PATHS_MAX; i++)
		(void)printf("    A PRIVATE KEY that does not belong here: %s\n", k->paths[i]);
	if (k->own_is_recipient)
		(void)printf(
		    "    THE UNIT'S OWN KEY IS A RECIPIENT of this policy: the unit can read what it seals\n");
	else if (k->own_trouble < 0)
		(void)printf("    the unit's own key could not be compared with the recipients: %s\n",
			     k->own_trouble == -EBADMSG ? "it is no such key" : strerror(-k->own_trouble));
}

static int
add_up(const struct exposure *e, int *unseen)
{
	int n = 0;

	*unseen = 0;
	for (int room = ROOM_CAPTURE; room <= ROOM_SEAL; room++) {
		const struct exposure_room *r = &e->unit.rooms[room];

		if (r->pid && r->to_storage >= 0)
			n += r->to_storage;
		*unseen += r->pid && (r->to_storage < 0 || r->swap_bytes < 0);
	}
	return n;
}

static void
say_plaintext(const struct exposure *e)
{
	int unseen, ways = add_up(e, &unseen);

	(void)printf("  plaintext on storage   %s%" PRIu64 " bytes",
		     exposure_plain_bytes(e) > e->replayed_bytes ? "at most " : "", exposure_plain_bytes(e));
	if (e->replayed_bytes)
		(void)printf(" (of it %" PRIu64 " of the pictures that the camera replays from here)",
			     e->replayed_bytes);
	if (e->unit.running)
		(void)printf("; rooms that see pictures hold %d files or folders", ways);
	if (unseen)
		(void)printf("; %d of them could not be looked into: root sees more", unseen);
	(void)printf("\n");
	if (!e->unit.running)
		(void)printf("  in memory              no room is there to hold a frame\n");
	else
		(void)printf("  in memory              at most %d frames of capture (%" PRIu64
			     " bytes each), and crops of at most %d passages\n",
			     e->frames_most, e->frame_bytes, e->passages_most);
}

static const char *
yes_no(int value)
{
	return value < 0 ? "?" : value ? "yes" : "no";
}

static void
say_unit(const struct exposure *e)
{
	const struct exposure_unit *u = &e->unit;

	if (u->trouble < 0) {
		(void)printf(
		    "  the unit               does not run, as far as can be told: status.json: %s\n",
		    u->trouble == -EBADMSG ? "it is damaged" : strerror(-u->trouble));
		return;
	}
	if (!u->running) {
		(void)printf("  the unit               does not run; it last said something %" PRId64
			     " s ago\n",
			     age_s(e));
		return;
	}
	(void)printf("  the unit               runs, process %ld%s\n", (long)u->pid,
		     age_s(e) > STALE_S
			 ? ", but has said nothing for longer than it should: it hangs, or is held"
			 : "");
	(void)printf(
	    "\n  room      process    user  no new rights  filter  own network  core dumps  swapped bytes\n");
	for (int room = 0; room < ROOM_COUNT; room++) {
		const struct exposure_room *r = &u->rooms[room];

		if (r->pid)
			(void)printf("  %-8s %8ld %7ld  %-13s  %-6s  %-11s  %-10s  %" PRId64 "\n",
				     wiring_rooms[room], (long)r->pid, r->uid, yes_no(r->no_new_privs),
				     yes_no(r->filtered), yes_no(r->own_network), yes_no(r->core_dumps),
				     r->swap_bytes);
		else
			(void)printf("  %-8s does not run\n", wiring_rooms[room]);
	}
}

void
exposure_say_text(const struct exposure *e)
{
	char now[40];

	say_time(now, e->now_s);
	(void)printf("If unit \"%s\" vanished now, %s:\n\n", settings_text(&e->settings, "unit.name"), now);
	say_records(e);
	say_readers(e);
	say_plaintext(e);
	say_unit(e);
}

/* ---- JSON ---- */

static json_t *
known(int value)
{
	return value < 0 ? json_null() : json_boolean(value);
}

static json_t *
sealed_json(const struct exposure_spool *s)
{
	return json_pack(
	    "{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:i}", "records", (json_int_t)s->records,
	    "passages", (json_int_t)s->passages, "bytes", (json_int_t)s->bytes, "delivered",
	    (json_int_t)s->delivered, "undelivered", (json_int_t)(s->records - s->delivered), "damaged",
	    (json_int_t)(s->damaged), "unreadable", (json_int_t)s->unreadable, "foreign",
	    (json_int_t)s->foreign, "oldest_utc_s", s->oldest_s < 0 ? json_null() : json_integer(s->oldest_s),
	    "newest_utc_s",
	    s->oldest_s < 0 ? json_null() : json_integer(s->newest_s < 0 ? s->oldest_s : s->newest_s),
	    "time_step_s", RECORD_COARSE_TIME_S);
}

static json_t *
readers_json(const struct exposure *e)
{
	const struct exposure_keys *k = &e->keys;
	json_t *recipients = json_array(), *paths = json_array();
	char id[2 * RECORD_KEY_ID_BYTES + 1];

	for (uint32_t i = 0; e->rules.read == 0 && i < e->rules.policy.n_recipients; i++) {
		const struct policy_recipient *r = &e->rules.policy.recipients[i];

		for (size_t b = 0; b < RECORD_KEY_ID_BYTES; b++)
			(void)snprintf(id + 2 * b, 3, "%02x", r->key_id[b]);
		(void)json_array_append_new(recipients,
					    json_pack("{s:s, s:s}", "role", r->role, "key_id", id));
	}
	for (uint64_t i = 0; i < k->found && i < EXPOSURE_PATHS_MAX; i++)
		(void)json_array_append_new(paths, json_string(k->paths[i]));
	return json_pack(
	    "{s:b, s:o, s:I, s:o, s:o, s:I, s:I}", "policy_readable", e->rules.read == 0, "recipients",
	    recipients, "private_keys_on_unit", (json_int_t)(k->found + (k->own_is_recipient ? 1 : 0)),
	    "private_key_files", paths, "own_key_is_recipient",
	    k->own_trouble < 0 || e->rules.read < 0 ? json_null() : json_boolean(k->own_is_recipient),
	    "files_looked_into", (json_int_t)k->files, "files_passed_over", (json_int_t)k->passed_over);
}

static json_t *
rooms_json(const struct exposure_unit *u)
{
	json_t *rooms = json_object();

	for (int room = 0; room < ROOM_COUNT; room++) {
		const struct exposure_room *r = &u->rooms[room];

		if (r->pid == 0)
			(void)json_object_set_new(rooms, wiring_rooms[room], json_null());
		else
			(void)json_object_set_new(
			    rooms, wiring_rooms[room],
			    json_pack("{s:i, s:i, s:o, s:o, s:o, s:o, s:o, s:o}", "pid", (int)r->pid, "uid",
				      (int)r->uid, "no_new_privs", known(r->no_new_privs), "filtered",
				      known(r->filtered), "own_network", known(r->own_network), "core_dumps",
				      known(r->core_dumps), "swap_bytes",
				      r->swap_bytes < 0 ? json_null() : json_integer(r->swap_bytes),
				      "files_or_folders",
				      r->to_storage < 0 ? json_null() : json_integer(r->to_storage)));
	}
	return rooms;
}

static json_t *
unit_json(const struct exposure *e)
{
	const struct exposure_unit *u = &e->unit;

	return json_pack("{s:b, s:o, s:o, s:o}", "running", u->running, "status_age_s",
			 u->trouble < 0 ? json_null() : json_integer(age_s(e)), "stale",
			 u->trouble < 0 ? json_null() : json_boolean(age_s(e) > STALE_S), "rooms",
			 rooms_json(u));
}

int
exposure_say_json(const struct exposure *e)
{
	int unseen, ways = add_up(e, &unseen);
	json_t *all = json_pack(
	    "{s:i, s:s, s:I, s:b, s:o, s:o, s:{s:I, s:I, s:i, s:i}, s:{s:i, s:I, s:i}, s:o}", "format", 1,
	    "unit", settings_text(&e->settings, "unit.name"), "at_utc_s", (json_int_t)e->now_s,
	    "nothing_readable", exposure_is_sealed(e), "sealed", sealed_json(&e->spool), "readers",
	    readers_json(e), "plaintext", "storage_bytes_most", (json_int_t)exposure_plain_bytes(e),
	    "replayed_bytes", (json_int_t)e->replayed_bytes, "files_or_folders_in_picture_rooms", ways,
	    "rooms_not_seen", unseen, "memory", "frames_most", e->frames_most, "frame_bytes",
	    (json_int_t)e->frame_bytes, "passages_most", e->passages_most, "state", unit_json(e));
	char *text = all ? json_dumps(all, JSON_INDENT(1)) : NULL;

	json_decref(all);
	if (text == NULL)
		return -ENOMEM;
	(void)printf("%s\n", text);
	free(text);
	return 0;
}
