/*
 * index.json for programs. Written record by record, so that a year of passages
 * needs no more memory than one.
 */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "index.h"

enum { INDEX_FORMAT = 1 };

static const char *const links[] = {
    [LINK_NONE] = "not looked at", [LINK_FITS] = "fits",     [LINK_FIRST] = "first",
    [LINK_CANNOT] = "cannot link", [LINK_BROKEN] = "broken",
};
static const char *const kinds[ENTRY_KINDS] = {"unknown", "passage", "heartbeat", "gap", "health"};
static const char *const reasons[GAP_REASONS] = {
    [GAP_AGE] = "age",		      [GAP_SPACE] = "space",	     [GAP_DAMAGED] = "damaged",
    [GAP_UNFINISHED] = "unfinished", [GAP_NO_POLICY] = "no policy",
};
static const char *const clocks[] = {"unknown", "free", "synchronised", "holdover"};
static const char *const clock_sources[] = {"none", "battery-backed clock", "time daemon", "pulse"};
static const char *const healths[HEALTH_COUNT] = {
#define X(name, meaning) #name,
    HEALTH(X)
#undef X
};

const char *
totals_word(const struct totals *t, uint8_t answer)
{
	static const char *const words[] = {"", "altered", "missing", "cannot tell"};

	if (answer == ANSWER_GOOD)
		return t->opening ? "opened" : "verified";
	return words[answer];
}

const char *
totals_item(const struct totals *t, const struct item *it)
{
	return it->answer == ANSWER_GOOD && it->kind != ENTRY_PASSAGE ? "verified" : totals_word(t, it->answer);
}

uint64_t
totals_unexplained(const struct totals *t)
{
	uint64_t n = t->answers[ANSWER_MISSING];

	for (size_t i = 0; i < ARRAY_SIZE(t->explained); i++)
		n -= t->explained[i];
	return n;
}

const char *
source_word(uint8_t source)
{
	static const char *const words[] = {"unknown", "sensor", "replay", "synthetic", "self-test"};

	return words[source < ARRAY_SIZE(words) ? source : 0];
}

const char *
health_word(size_t place)
{
	return place < HEALTH_COUNT ? healths[place] : NULL;
}

const char *
direction_word(uint8_t direction)
{
	return direction == CROP_APPROACHING ? "approaching"
	       : direction == CROP_RECEDING  ? "receding"
					     : "unknown";
}

void
utc_text(int64_t utc_us, char *text, size_t room)
{
	time_t s = (time_t)(utc_us / 1000000);
	struct tm tm;
	size_t n;

	text[0] = 0;
	if (utc_us < 0 || !gmtime_r(&s, &tm))
		return;
	n = strftime(text, room, "%Y-%m-%dT%H:%M:%S", &tm);
	(void)snprintf(text + n, room - n, ".%06uZ", (unsigned int)(utc_us % 1000000));
}

static uint64_t
magnitude(int64_t v)
{
	return v < 0 ? -(uint64_t)v : (uint64_t)v;
}

static void
add_light(struct totals *t, const struct item *it, const struct unpacked *u)
{
	t->heartbeats += it->kind == ENTRY_HEARTBEAT;
	t->gaps += it->kind == ENTRY_GAP;
	t->healths += it->kind == ENTRY_HEALTH;
	t->last_sign_s = it->time_s;
	if (it->kind == ENTRY_HEARTBEAT)
		t->interval_s = it->interval_s;
	else if (it->kind == ENTRY_HEALTH)
		t->health = u->health;
	else if (it->gap_first == 0)
		t->uncounted[it->gap_reason] += it->gap_count;
}

static void
add_clock(struct totals *t, const struct item *it)
{
	if (it->clock_set_s == 0)
		return;
	t->clock_sets++;
	/* As unsigned, so that the least number there is has a size too. */
	if (magnitude(it->clock_set_s) <= magnitude(t->clock_set_most_s))
		return;
	t->clock_set_most_s = it->clock_set_s;
	t->clock_set_most_at = it->sequence;
}

void
totals_add(struct totals *t, const struct item *it, const struct unpacked *u)
{
	uint64_t n = it->last - it->sequence + 1;

	if (it->answer == ANSWER_GOOD && it->kind != ENTRY_PASSAGE)
		add_light(t, it, u);
	else
		t->answers[it->answer] += n;
	if (it->explained)
		t->explained[it->explained] += n;
	if (it->place == PLACE_SIGNED) {
		add_clock(t, it);
		t->boots += it->boot != t->last_boot;
		t->last_boot = it->boot;
		t->first_sequence = t->first_sequence ? t->first_sequence : it->sequence;
		t->last_sequence = it->sequence;
	}
	if (!u->has_crop)
		return;
	t->pictures += u->crop.n_views;
	t->sources[u->crop.source < ARRAY_SIZE(t->sources) ? u->crop.source : 0]++;
	if (t->first_utc_us == 0 || u->crop.first_utc_us < t->first_utc_us)
		t->first_utc_us = u->crop.first_utc_us;
	if (u->crop.last_utc_us > t->last_utc_us)
		t->last_utc_us = u->crop.last_utc_us;
}

/* ---- JSON pieces ---- */

static void
set(json_t *o, const char *key, json_t *value)
{
	CHECK(value && json_object_set_new(o, key, value) == 0);
}

/* Text from a file name may be no UTF-8; JSON must be. */
static json_t *
text(const char *s)
{
	json_t *v = json_string(s);
	char clean[300];
	size_t i;

	if (v)
		return v;
	for (i = 0; s[i] && i < sizeof(clean) - 1; i++)
		clean[i] = (unsigned char)s[i] < 0x80 ? s[i] : '?';
	clean[i] = 0;
	return json_string(clean);
}

static json_t *
hex(const uint8_t *p, size_t n)
{
	char out[2 * CRYPTO_HASH_BYTES + 1];

	CHECK(n <= CRYPTO_HASH_BYTES);
	for (size_t i = 0; i < n; i++)
		(void)snprintf(out + 2 * i, 3, "%02x", p[i]);
	return json_string(out);
}

/* Sequences go to 2^62 in a unit; a damaged name may say more, and JSON integers end at 2^63. */
static json_t *
count(uint64_t v)
{
	return json_integer(v > INT64_MAX ? INT64_MAX : (json_int_t)v);
}

static json_t *
box(const struct box *b)
{
	return json_pack("{s:i, s:i, s:i, s:i}", "x", b->x, "y", b->y, "w", b->w, "h", b->h);
}

static void
set_time(json_t *o, const char *key, const char *key_us, int64_t utc_us)
{
	char when[40];

	utc_text(utc_us, when, sizeof(when));
	set(o, key, json_string(when));
	set(o, key_us, json_integer(utc_us));
}

/* What describes one view; the best one's is set in the record itself as well. */
static void
set_view(json_t *o, const struct crop_view *v)
{
	set(o, "plate", box(&v->plate));
	set(o, "crop", box(&v->crop));
	set(o, "plate_width_px", json_integer(v->plate.w));
	set(o, "score", json_real((double)v->score_permille / 1000));
	set(o, "sharpness", json_real((double)v->sharpness_milli / 1000));
}

static json_t *
views(const struct unpacked *u)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < u->crop.n_views; i++) {
		const struct crop_view *v = &u->crop.views[i];
		json_t *o = json_object();

		set(o, "file", json_string(u->files[i]));
		set_time(o, "time", "utc_us", v->utc_us);
		set_view(o, v);
		set(o, "name", v->name[0] ? text(v->name) : json_null());
		set(o, "exposure_us", v->exposure_us ? json_integer(v->exposure_us) : json_null());
		CHECK(json_array_append_new(list, o) == 0);
	}
	return list;
}

static void
set_crop(json_t *o, const struct unpacked *u)
{
	const struct crop *c = &u->crop;

	set_time(o, "first_time", "first_utc_us", c->first_utc_us);
	set_time(o, "last_time", "last_utc_us", c->last_utc_us);
	set(o, "lane", json_integer(c->lane));
	set(o, "direction", json_string(direction_word(c->direction)));
	set(o, "frame_width_px", json_integer(c->frame_width_px));
	set(o, "frame_height_px", json_integer(c->frame_height_px));
	set(o, "frames_seen", json_integer(c->frames_seen));
	if (c->n_views > 0) {
		set_view(o, &c->views[0]);
		set(o, "frame_name", c->views[0].name[0] ? text(c->views[0].name) : json_null());
	}
	set(o, "views", views(u));
}

static void
set_header(json_t *o, const struct unpacked *u, const struct item *it, const struct chain_rules *rules)
{
	char when[40];

	utc_text(u->header.coarse_time_s * 1000000, when, sizeof(when));
	set(o, "source", json_string(source_word(u->header.source)));
	set(o, "coarse_time", json_string(when));
	set(o, "policy", hex(u->header.policy, sizeof(u->header.policy)));
	if (it->has_policy)
		set(o, "policy_version", count(rules->policies[it->policy].version));
	set(o, "firmware", hex(u->header.firmware, sizeof(u->header.firmware)));
	set(o, "passage", count(u->header.passage));
}

static void
set_clock(json_t *o, const struct item *it)
{
	set(o, "clock", json_string(clocks[it->clock < ARRAY_SIZE(clocks) ? it->clock : 0]));
	set(o, "clock_error_ms", json_integer(it->clock_error_ms));
	if (it->profile < 2)
		return;
	set(o, "clock_source", json_string(clock_sources[it->clock_source]));
	set(o, "clock_holdover_s", json_integer(it->holdover_s));
	set(o, "clock_set_s", json_integer(it->clock_set_s));
}

/* A later unit may say more than this program has names for. */
static json_t *
health_of(const struct record_health *h)
{
	json_t *o = json_object();
	char place[16];

	for (size_t i = 0; i < h->n; i++) {
		(void)snprintf(place, sizeof(place), "number_%zu", i + 1);
		set(o, health_word(i) ? health_word(i) : place, count(h->of[i]));
	}
	return o;
}

static json_t *
entry_of(const struct item *it, const struct unpacked *u, const struct totals *t,
	 const struct chain_rules *rules)
{
	json_t *o = json_object();

	set(o, "status", json_string(totals_item(t, it)));
	set(o, "reason", text(it->reason));
	set(o, "sequence", it->place == PLACE_NONE ? json_null() : count(it->sequence));
	if (it->place == PLACE_ABSENT)
		set(o, "last_sequence", count(it->last));
	else
		set(o, "boot", it->place == PLACE_NONE ? json_null() : json_integer(it->boot));
	set(o, "place",
	    json_string(it->place == PLACE_SIGNED   ? "signed"
			: it->place == PLACE_ABSENT ? "absent"
						    : "hint"));
	set(o, "unit", it->unit[0] ? text(it->unit) : json_null());
	set(o, "file", it->file ? text(it->file) : json_null());
	set(o, "link", json_string(links[it->link]));
	set(o, "kind", json_string(kinds[it->kind < ARRAY_SIZE(kinds) ? it->kind : 0]));
	if (it->place == PLACE_SIGNED) {
		set(o, "entry_hash", hex(it->hash, sizeof(it->hash)));
		set_clock(o, it);
	}
	if (it->place == PLACE_SIGNED && it->kind == ENTRY_GAP) {
		set(o, "gap_first", it->gap_first ? count(it->gap_first) : json_null());
		set(o, "gap_last", it->gap_first ? count(it->gap_last) : json_null());
		set(o, "gap_count", count(it->gap_count));
		set(o, "gap_reason", json_string(reasons[it->gap_reason]));
	}
	if (it->place == PLACE_SIGNED && it->kind != ENTRY_PASSAGE)
		set_time(o, "time", "utc_us", (it->time_s < INT64_MAX / 1000000 ? it->time_s : 0) * 1000000);
	if (it->place == PLACE_SIGNED && it->kind == ENTRY_HEARTBEAT)
		set(o, "interval_s", json_integer(it->interval_s));
	if (u->health.n > 0)
		set(o, "health", health_of(&u->health));
	if (it->explained)
		set(o, "explained", json_string(reasons[it->explained]));
	if (it->answer == ANSWER_GOOD && u->has_header)
		set_header(o, u, it, rules);
	if (it->answer == ANSWER_GOOD && u->has_crop)
		set_crop(o, u);
	return o;
}

/* Of enum gap_reason, those that speak of numbers, or those that do not. */
static json_t *
by_reason(const uint64_t n[GAP_REASONS], enum gap_reason first)
{
	size_t end = first == GAP_AGE ? GAP_UNFINISHED : GAP_REASONS;
	json_t *o = json_object();

	for (size_t i = first; i < end; i++)
		set(o, reasons[i], count(n[i]));
	return o;
}

static json_t *
summary_of(const struct totals *t, const struct chain *c, const struct chain_rules *rules)
{
	json_t *o = json_object();
	char last[40];

	utc_text(t->last_sign_s * 1000000, last, sizeof(last));

	set(o, "unit", text(rules->unit));
	set(o, "opened", count(t->opening ? t->answers[ANSWER_GOOD] : 0));
	set(o, "verified", count(t->answers[ANSWER_GOOD] + t->heartbeats + t->gaps + t->healths));
	set(o, "altered", count(t->answers[ANSWER_ALTERED]));
	set(o, "missing", count(t->answers[ANSWER_MISSING]));
	set(o, "cannot_tell", count(t->answers[ANSWER_CANNOT_TELL]));
	set(o, "missing_unexplained", count(totals_unexplained(t)));
	set(o, "missing_explained", by_reason(t->explained, GAP_AGE));
	set(o, "passages_only_counted", by_reason(t->uncounted, GAP_NO_POLICY));
	set(o, "unused_numbers", count(c->unused));
	set(o, "boots", count(t->boots));
	set(o, "heartbeats", count(t->heartbeats));
	set(o, "gaps", count(t->gaps));
	set(o, "health_statements", count(t->healths));
	set(o, "health", t->health.n ? health_of(&t->health) : json_null());
	set(o, "clock_sets", count(t->clock_sets));
	set(o, "clock_set_most_s", json_integer(t->clock_set_most_s));
	set(o, "heartbeat_s", t->interval_s ? json_integer(t->interval_s) : json_null());
	set(o, "last_sign_of_life", t->last_sign_s ? json_string(last) : json_null());
	set(o, "pictures", count(t->pictures));
	set(o, "first_sequence", t->first_sequence ? count(t->first_sequence) : json_null());
	set(o, "last_sequence", t->last_sequence ? count(t->last_sequence) : json_null());
	set(o, "policy_signature", json_string(!rules->n_policies ? "none given" :
						    t->policies_checked ? "checked" : "taken as given"));
	set(o, "unit_certificate", json_string(t->maker_checked ? "checked" : "taken as given"));
	return o;
}

/* ---- writing ---- */

static void
put(struct index *x, const char *s)
{
	for (size_t i = 0; i < ARRAY_SIZE(x->to); i++)
		if (x->to[i])
			(void)fputs(s, x->to[i]); /* index_close() looks at ferror() */
}

static void
put_json(struct index *x, json_t *v)
{
	char *s = json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT | JSON_PRESERVE_ORDER |
				    JSON_REAL_PRECISION(7) | JSON_ENSURE_ASCII);

	CHECK(s);
	put(x, s);
	free(s);
	json_decref(v);
}

static void
put_member(struct index *x, const char *before, json_t *v)
{
	put(x, before);
	put_json(x, v);
}

void
index_open(struct index *x)
{
	put_member(x, "{\"format\": ", json_integer(INDEX_FORMAT));
	put(x, ",\n\"records\": [");
}

void
index_item(struct index *x, const struct item *it, const struct unpacked *u, const struct totals *t,
	   const struct chain_rules *rules)
{
	if (!x->to[0] && !x->to[1])
		return;
	put_member(x, x->begun ? ",\n" : "\n", entry_of(it, u, t, rules));
	x->begun = 1;
}

int
index_close(struct index *x, const struct chain *c, const struct totals *t, const struct chain_rules *rules)
{
	int bad = 0;

	put(x, "],\n\"other_files\": [");
	for (size_t i = 0; i < c->n_others; i++) {
		json_t *o = json_object();

		set(o, "file", text(c->others[i].file));
		set(o, "note", text(c->others[i].note));
		put_member(x, i ? ",\n" : "\n", o);
	}
	put_member(x, "],\n\"summary\": ", summary_of(t, c, rules));
	put(x, "}\n");
	for (size_t i = 0; i < ARRAY_SIZE(x->to); i++)
		if (x->to[i])
			bad |= fflush(x->to[i]) != 0 || ferror(x->to[i]);
	return bad ? -EIO : 0;
}
