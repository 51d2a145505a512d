/*
 * The chain entry: encodes and signs what spool numbers, and takes a record's file
 * apart again. Taking apart trusts nothing and verifies nothing; verifying is one
 * call of its own, because laneopen must first find out whose key to use.
 */
#include <errno.h>
#include <string.h>

#include "base/wipe.h"
#include "record/cbor.h"
#include "record/cose.h"
#include "record/entry.h"

enum key {
	PROFILE = 1,
	KIND,
	UNIT, /* heartbeat and gap; a passage has it in its sealed header */
	BOOT,
	SEQUENCE,
	PREVIOUS,
	CLOCK,
	CLOCK_ERROR,
	HEADER,
	BODY_BYTES,
	BODY_HASH,
	GAP_FIRST,
	GAP_COUNT,
	GAP_REASON,
	TIME,
	INTERVAL,
	CLOCK_SOURCE, /* from here on: not in profile 1 */
	CLOCK_HOLDOVER_S,
	CLOCK_SET,
	HEALTH
};

/* Pairs in the map of each kind; a kind that is not there has none. */
static const uint8_t pairs[][ENTRY_KINDS] = {
    [1] = {[ENTRY_PASSAGE] = 10, [ENTRY_HEARTBEAT] = 10, [ENTRY_GAP] = 12},
    [RECORD_ENTRY_PROFILE] = {[ENTRY_PASSAGE] = 13, [ENTRY_HEARTBEAT] = 13, [ENTRY_GAP] = 15, [ENTRY_HEALTH] = 13},
};

/* ---- the map ---- */

static void
put_clock(struct cbor_writer *w, const struct record_entry *e)
{
	cbor_put_uint(w, CLOCK_SOURCE);
	cbor_put_uint(w, e->clock_source);
	cbor_put_uint(w, CLOCK_HOLDOVER_S);
	cbor_put_uint(w, e->holdover_s);
	cbor_put_uint(w, CLOCK_SET);
	cbor_put_int(w, e->clock_set_s);
}

static void
put_health(struct cbor_writer *w, const struct record_health *h)
{
	cbor_put_uint(w, HEALTH);
	cbor_put_array(w, h->n);
	for (size_t i = 0; i < h->n; i++)
		cbor_put_uint(w, h->of[i]);
}

static void
put_payload(struct cbor_writer *w, const struct record_entry *e)
{
	cbor_put_map(w, pairs[RECORD_ENTRY_PROFILE][e->kind]);
	cbor_put_uint(w, PROFILE);
	cbor_put_uint(w, RECORD_ENTRY_PROFILE);
	cbor_put_uint(w, KIND);
	cbor_put_uint(w, e->kind);
	if (e->kind != ENTRY_PASSAGE) {
		cbor_put_uint(w, UNIT);
		cbor_put_text(w, e->unit);
	}
	cbor_put_uint(w, BOOT);
	cbor_put_uint(w, e->boot);
	cbor_put_uint(w, SEQUENCE);
	cbor_put_uint(w, e->sequence);
	cbor_put_uint(w, PREVIOUS);
	cbor_put_bytes(w, SPAN_OF(e->previous));
	cbor_put_uint(w, CLOCK);
	cbor_put_uint(w, e->clock);
	cbor_put_uint(w, CLOCK_ERROR);
	cbor_put_uint(w, e->clock_error_ms);
	if (e->kind == ENTRY_PASSAGE) {
		cbor_put_uint(w, HEADER);
		cbor_put_bytes(w, e->header);
		cbor_put_uint(w, BODY_BYTES);
		cbor_put_uint(w, e->body_bytes);
		cbor_put_uint(w, BODY_HASH);
		cbor_put_bytes(w, SPAN_OF(e->body_hash));
	}
	if (e->kind == ENTRY_GAP) {
		cbor_put_uint(w, GAP_FIRST);
		cbor_put_uint(w, e->gap_first);
		cbor_put_uint(w, GAP_COUNT);
		cbor_put_uint(w, e->gap_count);
		cbor_put_uint(w, GAP_REASON);
		cbor_put_uint(w, e->gap_reason);
	}
	if (e->kind != ENTRY_PASSAGE) {
		cbor_put_uint(w, TIME);
		cbor_put_uint(w, (uint64_t)e->time_s);
	}
	if (e->kind == ENTRY_HEARTBEAT) {
		cbor_put_uint(w, INTERVAL);
		cbor_put_uint(w, e->interval_s);
	}
	put_clock(w, e);
	if (e->kind == ENTRY_HEALTH)
		put_health(w, &e->health);
}

static void
take_header(struct record_entry *e, struct cbor_reader *r)
{
	struct record_header h;

	cbor_key(r, HEADER);
	e->header = cbor_bytes(r, RECORD_HEADER_MAX);
	cbor_require(r, record_header_decode(&h, e->header) == 0);
	if (!r->bad)
		memcpy(e->unit, h.unit, sizeof(e->unit));
	cbor_key(r, BODY_BYTES);
	e->body_bytes = cbor_uint_in(r, 1, INT64_MAX);
	cbor_key(r, BODY_HASH);
	cbor_fixed(r, e->body_hash, sizeof(e->body_hash));
}

static void
take_gap(struct record_entry *e, struct cbor_reader *r)
{
	cbor_key(r, GAP_FIRST);
	e->gap_first = cbor_uint_in(r, 0, INT64_MAX);
	cbor_key(r, GAP_COUNT);
	e->gap_count = cbor_uint_in(r, 1, INT64_MAX);
	cbor_key(r, GAP_REASON);
	e->gap_reason = (uint8_t)cbor_uint_in(r, GAP_AGE, GAP_REASONS - 1);
	/* Only what had numbers can be named by them. */
	cbor_require(r, (e->gap_first == 0) == (e->gap_reason >= GAP_NO_POLICY));
}

static void
take_time(struct record_entry *e, struct cbor_reader *r)
{
	cbor_key(r, TIME);
	e->time_s = (int64_t)cbor_uint_in(r, 0, INT64_MAX);
	if (e->kind != ENTRY_HEARTBEAT)
		return;
	cbor_key(r, INTERVAL);
	e->interval_s = (uint32_t)cbor_uint_in(r, 1, RECORD_INTERVAL_MAX_S);
}

static void
take_clock(struct record_entry *e, struct cbor_reader *r)
{
	cbor_key(r, CLOCK_SOURCE);
	e->clock_source = (uint8_t)cbor_uint_in(r, CLOCK_SOURCE_NONE, CLOCK_SOURCE_PULSE);
	cbor_key(r, CLOCK_HOLDOVER_S);
	e->holdover_s = (uint32_t)cbor_uint_in(r, 0, UINT32_MAX);
	cbor_key(r, CLOCK_SET);
	e->clock_set_s = cbor_int(r);
}

static void
take_health(struct record_health *h, struct cbor_reader *r)
{
	cbor_key(r, HEALTH);
	h->n = (uint8_t)cbor_array(r, HEALTH_MAX);
	cbor_require(r, h->n > 0);
	for (size_t i = 0; i < h->n; i++)
		h->of[i] = cbor_uint(r);
}

/* Number, link and clock: what every kind has. */
static void
take_chain(struct record_entry *e, struct cbor_reader *r)
{
	cbor_key(r, BOOT);
	e->boot = (uint32_t)cbor_uint_in(r, 0, UINT32_MAX);
	cbor_key(r, SEQUENCE);
	e->sequence = cbor_uint_in(r, 1, UINT64_MAX);
	cbor_key(r, PREVIOUS);
	cbor_fixed(r, e->previous, sizeof(e->previous));
	cbor_key(r, CLOCK);
	e->clock = (uint8_t)cbor_uint_in(r, CLOCK_UNKNOWN, CLOCK_HOLDOVER);
	cbor_key(r, CLOCK_ERROR);
	e->clock_error_ms = (uint32_t)cbor_uint_in(r, 0, UINT32_MAX);
}

static int
take_payload(struct record_entry *e, struct span payload)
{
	struct cbor_reader r;
	size_t n = payload.n > 0 ? payload.p[0] & 31U : 0;

	memset(e, 0, sizeof(*e));
	cbor_read(&r, payload);
	cbor_map(&r, n);
	cbor_key(&r, PROFILE);
	e->profile = (uint8_t)cbor_uint_in(&r, 1, RECORD_ENTRY_PROFILE);
	cbor_key(&r, KIND);
	e->kind = (uint8_t)cbor_uint_in(&r, ENTRY_PASSAGE, ENTRY_KINDS - 1);
	cbor_require(&r, n > 0 && pairs[e->profile][e->kind] == n);
	if (e->kind != ENTRY_PASSAGE) {
		cbor_key(&r, UNIT);
		cbor_text(&r, e->unit, sizeof(e->unit));
		cbor_require(&r, record_unit_ok(e->unit));
	}
	take_chain(e, &r);
	if (e->kind == ENTRY_PASSAGE)
		take_header(e, &r);
	if (e->kind == ENTRY_GAP)
		take_gap(e, &r);
	if (e->kind != ENTRY_PASSAGE)
		take_time(e, &r);
	if (e->profile > 1)
		take_clock(e, &r);
	if (e->kind == ENTRY_HEALTH)
		take_health(&e->health, &r);
	return cbor_end(&r);
}

/* ---- signing ---- */

/* The unit's key id lies in the protected header, so that the signature covers it. */
static size_t
protected_header(const uint8_t key_id[RECORD_KEY_ID_BYTES], uint8_t out[32])
{
	struct cbor_writer w;

	cbor_write(&w, SPACE(out, 32));
	cbor_put_map(&w, 2);
	cbor_put_uint(&w, COSE_HEADER_ALG);
	cbor_put_int(&w, COSE_ALG_ES256);
	cbor_put_uint(&w, COSE_HEADER_KID);
	cbor_put_bytes(&w, SPAN(key_id, RECORD_KEY_ID_BYTES));
	CHECK(!w.bad);
	return w.used;
}

int64_t
record_entry_sign(const struct record_entry *e, const uint8_t key_id[RECORD_KEY_ID_BYTES], record_signer sign, void *key,
		  struct space into)
{
	uint8_t header[32], payload[RECORD_SIGN1_MAX];
	size_t header_bytes = protected_header(key_id, header);
	struct record_entry back;
	struct cbor_writer w;
	int64_t n;

	CHECK(e->kind >= ENTRY_PASSAGE && e->kind < ENTRY_KINDS && e->health.n <= HEALTH_MAX);
	cbor_write(&w, SPACE_OF(payload));
	put_payload(&w, e);
	n = cbor_done(&w);
	if (n < 0)
		return n;
	/* Never sign what our own reader refuses, nor another unit's header. */
	if (take_payload(&back, SPAN(payload, (size_t)n)) < 0 || strcmp(back.unit, e->unit) != 0)
		return -EINVAL;
	return cose_sign1_write(SPAN(header, header_bytes), SPAN(payload, (size_t)n), sign, key, into);
}

/* ---- taking apart ---- */

static int
take_protected(uint8_t key_id[RECORD_KEY_ID_BYTES], struct span bytes)
{
	struct cbor_reader r;

	cbor_read(&r, bytes);
	cbor_map(&r, 2);
	cbor_key(&r, COSE_HEADER_ALG);
	cbor_require(&r, cbor_int(&r) == COSE_ALG_ES256);
	cbor_key(&r, COSE_HEADER_KID);
	cbor_fixed(&r, key_id, RECORD_KEY_ID_BYTES);
	return cbor_end(&r);
}

/* The COSE_Sign1 at the front; parts->body gets all that follows. */
static int
take_sign1(struct record_parts *parts, struct span file)
{
	struct cose_sign1 s;
	struct cbor_reader r;

	memset(parts, 0, sizeof(*parts));
	cbor_read(&r, file);
	cose_sign1_read(&s, &r);
	if (r.bad || take_protected(parts->key_id, s.protected_header) < 0 || take_payload(&parts->entry, s.payload) < 0)
		return -EBADMSG;
	parts->body = r.left;
	parts->sign1 = SPAN(file.p, file.n - r.left.n);
	if (parts->sign1.n > RECORD_SIGN1_MAX)
		return -EBADMSG;
	return hal_crypto_sha256(&parts->sign1, 1, parts->link);
}

int
record_split(struct record_parts *parts, struct span file)
{
	int err = take_sign1(parts, file);

	return err == 0 && parts->body.n > 0 && parts->entry.kind != ENTRY_PASSAGE ? -EBADMSG : err;
}

uint64_t
record_bytes(const struct record_parts *parts)
{
	return parts->sign1.n + parts->entry.body_bytes;
}

int
record_take(struct record_parts *parts, struct span *left)
{
	int err = take_sign1(parts, *left);

	if (err < 0)
		return err;
	if (parts->entry.body_bytes > parts->body.n)
		return -ENODATA;
	parts->body.n = (size_t)parts->entry.body_bytes;
	*left = SPAN(left->p + record_bytes(parts), left->n - (size_t)record_bytes(parts));
	return 0;
}

size_t
record_find(struct span bytes, const uint8_t key_id[RECORD_KEY_ID_BYTES])
{
	/* Tag 18, array of 4, and the protected header up to the key id: the same for every record of a key. */
	uint8_t mark[8 + RECORD_KEY_ID_BYTES] = {0xd2, 0x84, 0x55, 0xa2, 0x01, 0x26, 0x04, 0x50};
	const uint8_t *at;

	memcpy(mark + 8, key_id, RECORD_KEY_ID_BYTES);
	at = bytes.n > 0 ? memmem(bytes.p, bytes.n, mark, sizeof(mark)) : NULL;
	return at ? (size_t)(at - bytes.p) : bytes.n;
}

int
record_verify(const struct record_parts *parts, const uint8_t unit_point[CRYPTO_POINT_BYTES])
{
	uint8_t id[RECORD_KEY_ID_BYTES], hash[CRYPTO_HASH_BYTES];
	struct cose_sign1 s;
	struct cbor_reader r;
	int err;

	cbor_read(&r, parts->sign1);
	cose_sign1_read(&s, &r);
	err = cbor_end(&r);
	if (err == 0)
		err = record_key_id(unit_point, id);
	if (err == 0 && !same_bytes(id, parts->key_id, sizeof(id)))
		err = -EBADMSG;
	if (err == 0)
		err = cose_sign1_verify(&s, unit_point);
	if (err < 0 || parts->body.n == 0)
		return err;
	if (parts->body.n != parts->entry.body_bytes)
		return -EBADMSG;
	err = hal_crypto_sha256(&parts->body, 1, hash);
	if (err < 0)
		return err;
	return same_bytes(hash, parts->entry.body_hash, sizeof(hash)) ? 0 : -EBADMSG;
}
