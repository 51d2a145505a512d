/*
 * Looks at each file of the folder by itself: whose record is it, did that unit sign
 * it, is the body the one that was signed, under which policy? What the files say of
 * each other is judged in chain.c.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/wipe.h"
#include "record/cbor.h"
#include "record/cose.h"

#include "../common/say.h"
#include "chain.h"
#include "progress.h"

/* Growing by doubling keeps a hundred thousand files from costing their square. */
static void *
grown(void *list, size_t n, size_t *room, size_t each)
{
	if (n < *room)
		return list;
	*room = *room ? *room * 2 : 64;
	list = reallocarray(list, *room, each);
	CHECK(list);
	return list;
}

struct item *
chain_add(struct chain *c, const char *file)
{
	struct item *it;

	c->items = grown(c->items, c->n, &c->room, sizeof(*c->items));
	it = &c->items[c->n++];
	*it = (struct item){0};
	if (file) {
		it->file = strdup(file);
		CHECK(it->file);
	}
	return it;
}

void
item_answer(struct item *it, enum answer answer, const char *format, ...)
{
	va_list args;

	it->answer = (uint8_t)answer;
	va_start(args, format);
	(void)vsnprintf(it->reason, sizeof(it->reason), format, args);
	va_end(args);
}

void
chain_note(struct chain *c, const char *file, const char *format, ...)
{
	struct other *o;
	va_list args;

	c->others = grown(c->others, c->n_others, &c->others_room, sizeof(*c->others));
	o = &c->others[c->n_others++];
	o->file = strdup(file);
	CHECK(o->file);
	va_start(args, format);
	(void)vsnprintf(o->note, sizeof(o->note), format, args);
	va_end(args);
}

void
chain_free(struct chain *c)
{
	for (size_t i = 0; i < c->n; i++)
		free(c->items[i].file);
	for (size_t i = 0; i < c->n_others; i++)
		free(c->others[i].file);
	free(c->items);
	free(c->others);
	*c = (struct chain){0};
}

int64_t
chain_load(int folder, const struct item *it, struct space into)
{
	uint64_t n = it->bytes;
	struct stat st;
	int fd, err = 0;

	fd = openat(folder, it->file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		err = -errno;
	else if (!S_ISREG(st.st_mode))
		err = -EINVAL;
	else if (n == 0)
		n = (uint64_t)st.st_size;
	if (err == 0 && n > into.n)
		err = -EFBIG;
	if (err == 0 && lseek(fd, (off_t)it->at, SEEK_SET) < 0)
		err = -errno;
	if (err == 0)
		err = io_read_all(fd, into.p, (size_t)n);
	(void)close(fd);
	return err < 0 ? err : (int64_t)n;
}

/*
 * BOOT-SEQUENCE.lsr, eight and twenty digits, as spool and collector name their
 * files; with .bad behind it a unit has set it aside. Only ever a hint.
 */
static int
place_of_name(const char *name, uint32_t *boot, uint64_t *sequence)
{
	const char *ending = name + 8 + 1 + 20;

	if (strspn(name, "0123456789") != 8 || name[8] != '-' || strspn(name + 9, "0123456789") != 20)
		return 0;
	if (strcmp(ending, ".lsr") != 0 && strcmp(ending, ".lsr.bad") != 0)
		return 0;
	*boot = (uint32_t)strtoul(name, NULL, 10);
	*sequence = strtoull(name + 9, NULL, 10);
	return *sequence > 0 && *sequence <= INT64_MAX;
}

static void
place_by_hint(struct item *it, const struct record_parts *parts)
{
	it->place = PLACE_NAME;
	if (place_of_name(it->file, &it->boot, &it->sequence))
		return;
	if (parts) {
		it->boot = parts->entry.boot;
		it->sequence = parts->entry.sequence;
		return;
	}
	it->place = PLACE_NONE;
	it->sequence = UINT64_MAX;
}

/* What can still be said of a COSE_Sign1 that is not an entry of our profile. */
struct stranger {
	uint64_t profile; /* 0: not even that can be read */
	int other_key;    /* claims another key than this unit's */
	int signed_here;  /* with this unit's key, and rightly */
};

static struct stranger
look_at_stranger(struct span bytes, const struct chain_rules *rules)
{
	uint8_t key_id[RECORD_KEY_ID_BYTES];
	struct stranger s = {0};
	struct cose_sign1 sign1;
	struct cbor_reader r;

	cbor_read(&r, bytes);
	cose_sign1_read(&sign1, &r);
	if (r.bad || sign1.payload.n == 0)
		return s;
	cbor_read(&r, sign1.payload);
	cbor_map(&r, sign1.payload.p[0] & 31U);
	cbor_key(&r, 1);
	s.profile = cbor_uint(&r);
	cbor_read(&r, sign1.protected_header);
	cbor_map(&r, 2);
	cbor_key(&r, COSE_HEADER_ALG);
	(void)cbor_int(&r);
	cbor_key(&r, COSE_HEADER_KID);
	cbor_fixed(&r, key_id, sizeof(key_id));
	s.other_key = !r.bad && !same_bytes(key_id, rules->key_id, sizeof(key_id));
	s.signed_here = !r.bad && !s.other_key && cose_sign1_verify(&sign1, rules->point) == 0;
	return s;
}

/*
 * The unit writes a record whole or not at all, so a file with a record's name that
 * is no record was changed or cut afterwards. Without such a name nothing says that
 * it ever was one.
 */
static int
judge_stranger(struct item *it, struct span bytes, const struct chain_rules *rules)
{
	struct stranger s = look_at_stranger(bytes, rules);

	place_by_hint(it, NULL);
	if (s.signed_here)
		item_answer(it, ANSWER_CANNOT_TELL,
			    "signed by this unit in a form (profile %llu) that this program does not "
			    "know; a newer one may",
			    (unsigned long long)s.profile);
	else if (s.other_key)
		item_answer(it, ANSWER_CANNOT_TELL,
			    "claims the key of another unit, and is not a whole record");
	else if (it->place == PLACE_NONE)
		return 0;
	else if (bytes.n == 0)
		item_answer(it, ANSWER_ALTERED, "the file is empty; the unit writes records whole");
	else
		item_answer(it, ANSWER_ALTERED,
			    "the signed part is cut short or changed: it is not what a unit writes");
	return 1;
}

static int
body_as_signed(const struct record_parts *p)
{
	uint8_t hash[CRYPTO_HASH_BYTES];
	int err = hal_crypto_sha256(&p->body, 1, hash);

	if (err < 0)
		return err;
	return same_bytes(hash, p->entry.body_hash, sizeof(hash)) ? 0 : -EBADMSG;
}

static void
judge_policy(struct item *it, const struct record_parts *p, const struct chain_rules *rules)
{
	struct record_header h;

	CHECK(record_header_decode(&h, p->entry.header) == 0);
	for (size_t i = 0; i < rules->n_policies; i++) {
		if (memcmp(rules->policies[i].hash, h.policy, sizeof(h.policy)) == 0) {
			it->policy = (uint32_t)i;
			it->has_policy = 1;
			return;
		}
	}
	item_answer(it, ANSWER_CANNOT_TELL,
		    "sealed under a policy that was not given (its hash begins %02x%02x%02x%02x)",
		    h.policy[0], h.policy[1], h.policy[2], h.policy[3]);
}

/* The signature is good: what is left is the body, and what the entry says. */
static int
judge_signed(struct item *it, const struct record_parts *p, const struct chain_rules *rules)
{
	int err;

	if (strcmp(p->entry.unit, rules->unit) != 0) {
		item_answer(it, ANSWER_CANNOT_TELL, "signed with this unit's key, but names itself %s",
			    p->entry.unit);
		return 0;
	}
	if (p->entry.kind != ENTRY_PASSAGE)
		return 0;
	if (p->body.n == 0) {
		item_answer(it, ANSWER_MISSING, "its entry is signed and whole, but the body was removed");
		return 0;
	}
	if (p->body.n != p->entry.body_bytes) {
		item_answer(it, ANSWER_ALTERED, "the body is %s than what was signed (%zu bytes, not %llu)",
			    p->body.n < p->entry.body_bytes ? "shorter" : "longer", p->body.n,
			    (unsigned long long)p->entry.body_bytes);
		return 0;
	}
	err = body_as_signed(p);
	if (err == -EBADMSG)
		item_answer(it, ANSWER_ALTERED, "the body is not the one that was signed");
	else if (err == 0)
		judge_policy(it, p, rules);
	return err == -EBADMSG ? 0 : err;
}

static void
copy_entry(struct item *it, const struct record_parts *p)
{
	const struct record_entry *e = &p->entry;

	it->kind = e->kind;
	it->profile = e->profile;
	it->clock = e->clock;
	it->clock_source = e->clock_source;
	it->clock_error_ms = e->clock_error_ms;
	it->holdover_s = e->holdover_s;
	it->clock_set_s = e->clock_set_s;
	it->gap_first = e->gap_first;
	it->gap_last =
	    e->gap_count > UINT64_MAX - e->gap_first ? UINT64_MAX : e->gap_first + e->gap_count - 1;
	it->gap_count = e->gap_count;
	it->gap_reason = e->gap_reason;
	it->time_s = e->time_s;
	it->interval_s = e->interval_s;
	memcpy(it->hash, p->link, sizeof(it->hash));
	memcpy(it->previous, e->previous, sizeof(it->previous));
	memcpy(it->unit, e->unit, sizeof(it->unit));
}

/* 1: *it is an entry of the report; 0: the file is no record; negative: the crypto library failed. */
static int
judge_bytes(struct item *it, struct span bytes, const struct chain_rules *rules)
{
	struct record_parts p, alone;
	int err;

	err = record_split(&p, bytes);
	if (err < 0)
		return err == -EBADMSG ? judge_stranger(it, bytes, rules) : err;
	copy_entry(it, &p);
	place_by_hint(it, &p);
	if (!same_bytes(p.key_id, rules->key_id, sizeof(p.key_id))) {
		item_answer(it, ANSWER_CANNOT_TELL,
			    "claims the key of another unit (%s, key id begins %02x%02x%02x%02x)",
			    p.entry.unit, p.key_id[0], p.key_id[1], p.key_id[2], p.key_id[3]);
		return 1;
	}
	alone = p;
	alone.body = SPAN(NULL, 0); /* so that a wrong signature and a wrong body can be told apart */
	err = record_verify(&alone, rules->point);
	if (err == -EBADMSG) {
		item_answer(it, ANSWER_ALTERED, "the unit's signature does not fit");
		return 1;
	}
	if (err < 0)
		return err;
	it->place = PLACE_SIGNED;
	it->boot = p.entry.boot;
	it->sequence = p.entry.sequence;
	err = judge_signed(it, &p, rules);
	return err < 0 ? err : 1;
}

static int
judge_file(struct chain *c, int folder, const char *name, struct space work, const struct chain_rules *rules)
{
	struct item *it = chain_add(c, name);
	int64_t n = chain_load(folder, it, work);
	int keep;

	if (n == -EFBIG) {
		place_by_hint(it, NULL);
		keep = it->place != PLACE_NONE;
		item_answer(it, ANSWER_ALTERED, "the file is larger than any record");
	} else if (n < 0) {
		place_by_hint(it, NULL);
		keep = it->place != PLACE_NONE;
		item_answer(it, ANSWER_CANNOT_TELL, "the file cannot be read: %s", strerror((int)-n));
	} else {
		keep = judge_bytes(it, SPAN(work.p, (size_t)n), rules);
	}
	it->last = it->sequence;
	if (keep == 0) {
		chain_note(c, name, "%s", it->reason[0] ? it->reason : "is not a record");
		free(it->file);
		c->n--;
	}
	return keep < 0 ? keep : 0;
}

/* ---- segments of a spool: records one behind another ---- */

/* NUMBER.lss, twenty digits: the number of the first record. 0: not such a name. */
static uint64_t
first_of_segment(const char *name)
{
	uint64_t first;

	if (strspn(name, "0123456789") != 20 || strcmp(name + 20, ".lss") != 0)
		return 0;
	first = strtoull(name, NULL, 10);
	return first <= INT64_MAX ? first : 0;
}

struct segment {
	struct chain *c;
	const char *name;
	const struct chain_rules *rules;
	struct span bytes;
	uint64_t at, next; /* the place, and the number that should be there */
	uint64_t limit;    /* the next segment begins with it */
};

/* One whole record at s->at. */
static int
judge_record(struct segment *s, size_t n)
{
	struct item *it = chain_add(s->c, s->name);
	int keep = judge_bytes(it, SPAN(s->bytes.p + s->at, n), s->rules);

	/* The file's name says nothing of a record inside. */
	if (it->place != PLACE_SIGNED) {
		it->place = PLACE_NAME;
		it->sequence = s->next;
	}
	it->last = it->sequence;
	it->at = s->at;
	it->bytes = n;
	s->next = it->sequence + 1;
	s->at += n;
	return keep < 0 ? keep : 0;
}

/* Bytes that begin no record, up to `end`, where one begins or the segment ends. */
static void
judge_damage(struct segment *s, uint64_t end)
{
	unsigned long long n = end - s->at, at = s->at;
	int is_end = end == s->bytes.n;
	struct item *it;

	s->at = end;
	if (is_end && s->limit <= s->next) {
		chain_note(s->c, s->name, "ends with %llu bytes of a write that was cut; the record is in the next segment",
			   n);
		return;
	}
	it = chain_add(s->c, s->name);
	it->place = PLACE_NAME;
	it->sequence = it->last = s->next;
	memcpy(it->unit, s->rules->unit, sizeof(it->unit));
	if (is_end)
		item_answer(it, ANSWER_CANNOT_TELL,
			    "the segment ends with %llu bytes that are no whole record: a write that was cut when the "
			    "power went, or damage", n);
	else
		item_answer(it, ANSWER_ALTERED, "%llu bytes from byte %llu on are not what the unit wrote", n, at);
}

static int
judge_segment(struct segment *s)
{
	struct record_parts parts;
	int err = 0;

	while (err == 0 && s->at < s->bytes.n) {
		struct span left = SPAN(s->bytes.p + s->at, s->bytes.n - (size_t)s->at);

		if (record_take(&parts, &left) < 0) {
			judge_damage(s, s->at + 1 + record_find(SPAN(s->bytes.p + s->at + 1, left.n - 1), s->rules->key_id));
			continue;
		}
		if (parts.entry.sequence >= s->limit) {
			chain_note(s->c, s->name, "ends with a record whose place is in the next segment");
			return 0;
		}
		err = judge_record(s, (size_t)record_bytes(&parts));
		progress_show("verifying", (size_t)s->at, s->bytes.n);
	}
	return err;
}

static int
judge_segment_file(struct segment *s, int folder)
{
	const struct item whole = {.file = (char *)(uintptr_t)s->name};
	struct stat st;
	uint8_t *bytes;
	int64_t n;
	int err;

	if (fstatat(folder, s->name, &st, 0) < 0 || st.st_size == 0)
		return 0;
	bytes = malloc((size_t)st.st_size);
	n = bytes ? chain_load(folder, &whole, SPACE(bytes, (size_t)st.st_size)) : -ENOMEM;
	if (n < 0) {
		struct item *it = chain_add(s->c, s->name);

		it->place = PLACE_NAME;
		it->sequence = it->last = s->next;
		item_answer(it, ANSWER_CANNOT_TELL, "the segment cannot be read: %s", strerror((int)-n));
		free(bytes);
		return 0;
	}
	s->bytes = SPAN(bytes, (size_t)n);
	err = judge_segment(s);
	free(bytes);
	return err;
}

static int
judge_name(struct chain *c, int folder, char *const *names, size_t i, size_t n, struct space work,
	   const struct chain_rules *rules)
{
	uint64_t limit = i + 1 < n ? first_of_segment(names[i + 1]) : 0;
	struct segment s = {.c = c,
			    .name = names[i],
			    .rules = rules,
			    .next = first_of_segment(names[i]),
			    .limit = limit ? limit : UINT64_MAX};

	return s.next ? judge_segment_file(&s, folder) : judge_file(c, folder, names[i], work, rules);
}

static int
order_of_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Names of the files: not folders, not names with a dot in front, which are files that are still being written. */
static int
list_names(int folder, char ***names, size_t *n)
{
	const struct dirent *d;
	size_t room = 0;
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	*names = NULL;
	*n = 0;
	if (!dir)
		return -errno;
	while ((d = readdir(dir))) {
		if (d->d_name[0] == '.' || d->d_type == DT_DIR)
			continue;
		*names = grown(*names, *n, &room, sizeof(**names));
		(*names)[*n] = strdup(d->d_name);
		CHECK((*names)[*n]);
		++*n;
	}
	(void)closedir(dir);
	if (*n)
		qsort(*names, *n, sizeof(**names), order_of_names);
	return 0;
}

int
chain_scan(struct chain *c, int folder, const struct chain_rules *rules)
{
	static uint8_t work[RECORD_FILE_MAX];
	char **names;
	size_t n;
	int err;

	err = list_names(folder, &names, &n);
	for (size_t i = 0; i < n; i++) {
		if (err == 0)
			err = judge_name(c, folder, names, i, n, SPACE_OF(work), rules);
		progress_show("verifying", i + 1, n);
	}
	for (size_t i = 0; i < n; i++)
		free(names[i]);
	progress_clear();
	free(names);
	if (err < 0)
		say_trouble("the records cannot be checked: %s", strerror(-err));
	return err;
}
