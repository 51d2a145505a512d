/*
 * Says what each room is, holds and may do, for people and as JSON (docs/LOCKS.md).
 */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "warden/explain.h"

static uid_t
user_of(const struct explain *e, enum room room)
{
	uid_t own = walls_uid(&e->walls, room);

	return own == (uid_t)-1 ? geteuid() : own;
}

/* ---- for people ---- */

static void
say_rights(uint64_t rights)
{
	for (unsigned int bit = 0; explain_right(bit); bit++)
		if (rights >> bit & 1)
			(void)printf(" %s", explain_right(bit));
}

static void
say_call(const struct explain_line *l)
{
	(void)printf("    %s", l->name);
	for (int i = 0; i < EXPLAIN_CONDITIONS_MAX && l->conditions[i]; i++)
		(void)printf("%s %s", i ? " and" : ", if", l->conditions[i]);
	if (l->kind == LINE_REFUSE)
		(void)printf(", is answered with %s", l->answer);
	(void)printf(": %s\n", l->why);
}

static void
say_line(const struct explain_line *l)
{
	switch (l->kind) {
	case LINE_CALL:
	case LINE_REFUSE:
		if (l->number >= 0)
			say_call(l);
		return;
	case LINE_FOLDER:
		(void)printf("    the folder of descriptor %" PRId64 ", may", l->number);
		break;
	case LINE_PATH:
		(void)printf("    %s, may", l->name);
		break;
	case LINE_PORT:
		(void)printf("    TCP port %" PRId64, l->number);
		break;
	case LINE_PORT_OF:
		(void)printf("    the TCP port of the address in uplink.%s", l->name);
		break;
	case LINE_LIMIT:
		(void)printf("    %s at most %" PRId64, l->name, l->number);
		break;
	}
	say_rights(l->rights);
	(void)printf(": %s\n", l->why);
}

static void
say_lines(const char *title, enum room room, enum explain_kind first, enum explain_kind last)
{
	size_t n;
	const struct explain_line *lines = explain_lines(room, &n);
	int said = 0;

	(void)printf("%s\n", title);
	for (size_t i = 0; i < n; i++)
		if (lines[i].kind >= first && lines[i].kind <= last) {
			say_line(&lines[i]);
			said = 1;
		}
	if (!said)
		(void)printf("    none\n");
}

static void
say_room(const struct explain *e, enum room room)
{
	char text[EXPLAIN_TEXT_BYTES], title[64];

	(void)printf("\n%s\n  user %u\n  network: %s; other namespaces of its own: %s\n  descriptors\n", wiring_rooms[room],
		     user_of(e, room), explain_network(e, room), explain_spaces(e));
	for (int fd = 0; fd < ROOM_FD_COUNT; fd++) {
		const char *what = explain_descriptor(room, fd, text);

		if (what)
			(void)printf("    %2d %s\n", fd, what);
	}
	say_lines("  files that it may open", room, LINE_FOLDER, LINE_PATH);
	say_lines("  ports that it may connect to", room, LINE_PORT, LINE_PORT_OF);
	say_lines("  limits", room, LINE_LIMIT, LINE_LIMIT);
	(void)snprintf(title, sizeof(title), "  system calls: %d", explain_count(room));
	say_lines(title, room, LINE_CALL, LINE_REFUSE);
}

void
explain_say_text(const struct explain *e)
{
	(void)printf("What each room is, holds and may do once it is ready, started here by user %u.\n", geteuid());
	for (int room = 0; room < ROOM_COUNT; room++)
		say_room(e, (enum room)room);
	(void)printf("\nweaker than it could be\n");
	for (size_t i = 0; i < e->n_notes; i++)
		(void)printf("    %s\n", e->notes[i]);
	if (e->n_notes == 0)
		(void)printf("    nothing\n");
}

/* ---- JSON ---- */

static json_t *
rights_json(uint64_t rights)
{
	json_t *names = json_array();

	for (unsigned int bit = 0; explain_right(bit); bit++)
		if (rights >> bit & 1)
			(void)json_array_append_new(names, json_string(explain_right(bit)));
	return names;
}

static json_t *
call_json(const struct explain_line *l)
{
	json_t *conditions = json_array();

	for (int i = 0; i < EXPLAIN_CONDITIONS_MAX && l->conditions[i]; i++)
		(void)json_array_append_new(conditions, json_string(l->conditions[i]));
	return json_pack("{s:s, s:I, s:o, s:s?, s:s}", "name", l->name, "number", (json_int_t)l->number, "if", conditions,
			 "answered", l->answer, "why", l->why);
}

/* Adds the line to the list that it belongs to. */
static int
add_line(json_t *room, const struct explain_line *l)
{
	switch (l->kind) {
	case LINE_CALL:
	case LINE_REFUSE:
		return l->number < 0 ? 0 : json_array_append_new(json_object_get(room, "calls"), call_json(l));
	case LINE_FOLDER:
		return json_array_append_new(json_object_get(room, "files"), json_pack("{s:I, s:o, s:s}", "descriptor", (json_int_t)l->number,
				"may", rights_json(l->rights), "why", l->why));
	case LINE_PATH:
		return json_array_append_new(json_object_get(room, "files"), json_pack("{s:s, s:o, s:s}", "path", l->name,
				"may", rights_json(l->rights), "why", l->why));
	case LINE_PORT:
		return json_array_append_new(json_object_get(room, "ports"), json_pack("{s:I, s:s}", "port", (json_int_t)l->number, "why", l->why));
	case LINE_PORT_OF:
		return json_array_append_new(json_object_get(room, "ports"), json_pack("{s:s, s:s}", "port_of_word", l->name, "why", l->why));
	case LINE_LIMIT:
		return json_array_append_new(json_object_get(room, "limits"), json_pack("{s:s, s:I, s:s}", "resource", l->name,
				"most", (json_int_t)l->number, "why", l->why));
	}
	return -1;
}

static json_t *
room_json(const struct explain *e, enum room room)
{
	char text[EXPLAIN_TEXT_BYTES];
	json_t *all = json_pack("{s:I, s:s, s:s, s:[], s:[], s:[], s:[], s:i, s:[]}", "uid", (json_int_t)user_of(e, room), "network",
				explain_network(e, room), "other_namespaces", explain_spaces(e), "descriptors", "files", "ports",
				"limits", "calls_counted", explain_count(room), "calls");
	size_t n;
	const struct explain_line *lines = explain_lines(room, &n);
	int bad = all == NULL;

	for (int fd = 0; fd < ROOM_FD_COUNT && !bad; fd++) {
		const char *what = explain_descriptor(room, fd, text);

		bad = what && json_array_append_new(json_object_get(all, "descriptors"),
						    json_pack("{s:i, s:s}", "descriptor", fd, "what", what)) < 0;
	}
	for (size_t i = 0; i < n && !bad; i++)
		bad = add_line(all, &lines[i]) < 0;
	if (!bad)
		return all;
	json_decref(all);
	return NULL;
}

int
explain_say_json(const struct explain *e)
{
	json_t *rooms = json_object(), *weaker = json_array(), *all;
	char *text = NULL;
	int bad = 0;

	for (int room = 0; room < ROOM_COUNT && !bad; room++)
		bad = json_object_set_new(rooms, wiring_rooms[room], room_json(e, (enum room)room)) < 0;
	for (size_t i = 0; i < e->n_notes && !bad; i++)
		bad = json_array_append_new(weaker, json_string(e->notes[i])) < 0;
	all = json_pack("{s:i, s:b, s:i, s:o, s:o}", "format", 1, "runs_here", e->runs, "landlock_abi",
			e->landlock_abi < 0 ? 0 : e->landlock_abi, "rooms", rooms, "weaker", weaker);
	if (all && !bad)
		text = json_dumps(all, JSON_INDENT(1));
	json_decref(all);
	if (text == NULL)
		return -ENOMEM;
	(void)printf("%s\n", text);
	free(text);
	return 0;
}
