/*
 * warden/words.c - a room's command line, from the wiring list.
 *
 * Other users of the machine can see a command line. What stands there is no
 * secret: sizes, names, public keys. A private key goes by descriptor.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "warden/words.h"

/* While no policy is in force seal drops every crop; these let locate go on counting. */
enum { NO_POLICY_MARGIN_PERMILLE = 0, NO_POLICY_SHARE_PERMILLE = 250, NO_POLICY_HEARTBEAT_S = 60 };

static void
hex(char *out, const uint8_t *bytes, size_t n)
{
	out[0] = '\0';
	for (size_t i = 0; i < n; i++)
		(void)snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

static void
say_number(char *out, size_t n, int64_t value)
{
	(void)snprintf(out, n, "%" PRId64, value);
}

static void
say_fact(char *out, size_t n, const struct house *h, enum room room, enum fact fact)
{
	const struct policy *p = h->rules.read == 0 ? &h->rules.policy : NULL;
	int64_t views = settings_number(&h->settings, "locate.views");

	switch (fact) {
	case FACT_CAMERA:
		(void)snprintf(out, n, "%s", h->camera);
		break;
	case FACT_RESTARTS:
		say_number(out, n, (int64_t)h->residents[room].restarts);
		break;
	case FACT_BY_TRIGGER:
		say_number(out, n, strcmp(settings_text(&h->settings, "trigger.input"), "none") != 0);
		break;
	case FACT_FIRMWARE:
		hex(out, h->firmware, sizeof(h->firmware));
		break;
	case FACT_POLICY_KEY:
		hex(out, h->rules.keys[0], sizeof(h->rules.keys[0]));
		break;
	case FACT_POLICY_KEY_NEXT: /* empty: none */
		hex(out, h->rules.keys[1], h->rules.n_keys > 1 ? sizeof(h->rules.keys[1]) : 0);
		break;
	case FACT_POLICY_NEWEST:
		(void)snprintf(out, n, "%" PRIu64, h->rules.newest);
		break;
	case FACT_VIEWS:
		say_number(out, n, p && p->views_max < views ? p->views_max : views);
		break;
	case FACT_MARGIN_X:
		say_number(out, n, p ? p->margin_x_permille : NO_POLICY_MARGIN_PERMILLE);
		break;
	case FACT_MARGIN_Y:
		say_number(out, n, p ? p->margin_y_permille : NO_POLICY_MARGIN_PERMILLE);
		break;
	case FACT_SHARE_MAX:
		say_number(out, n, p ? p->share_max_permille : NO_POLICY_SHARE_PERMILLE);
		break;
	case FACT_HEARTBEAT:
		say_number(out, n, p ? p->heartbeat_s : NO_POLICY_HEARTBEAT_S);
		break;
	case FACT_RETENTION: /* 0: no limit */
		say_number(out, n, p ? p->retention_days : 0);
		break;
	case FACT_DROP:
		say_number(out, n, p ? p->drop_undelivered : 0);
		break;
	case FACT_RUN:
		say_number(out, n, h->run);
		break;
	case FACT_SELF_TEST:
		say_number(out, n, h->self_test);
		break;
	case FACT_TO: /* a folder goes by descriptor; a collector counts when the policy's anchor for it is there */
		(void)snprintf(out, n, "%s",
			       h->things[THING_ANCHOR] >= 0   ? settings_text(&h->settings, "uplink.to")
			       : h->things[THING_OUTBOX] >= 0 ? "file:"
							      : "none");
		break;
	case FACT_COUNT:
		CHECK(0);
	}
}

static void
say_setting(char *out, size_t n, const struct house *h, const struct wiring_word *word)
{
	if (settings_row(word->from)->kind == SETTING_NUMBER)
		say_number(out, n, settings_number(&h->settings, word->from) * (word->times ? word->times : 1));
	else
		(void)snprintf(out, n, "%s", settings_text(&h->settings, word->from));
}

void
words_make(struct words *w, const struct house *h, enum room room)
{
	size_t n, argc = 0, used = 0;
	const struct wiring_word *rows = wiring_words(&n);

	memset(w, 0, sizeof(*w));
	w->argv[argc++] = strcpy(w->bytes, wiring_rooms[room]);
	used = strlen(w->bytes) + 1;
	for (size_t i = 0; i < n; i++) {
		int fact = wiring_fact(rows[i].from);
		char value[SETTINGS_TEXT_BYTES];
		int length;

		if (rows[i].room != room)
			continue;
		if (fact >= 0)
			say_fact(value, sizeof(value), h, room, (enum fact)fact);
		else
			say_setting(value, sizeof(value), h, &rows[i]);
		length = snprintf(w->bytes + used, sizeof(w->bytes) - used, "%s=%s", rows[i].name, value);
		CHECK(argc < WORDS_MAX && length >= 0 && (size_t)length < sizeof(w->bytes) - used);
		w->argv[argc++] = w->bytes + used;
		used += (size_t)length + 1;
	}
}
