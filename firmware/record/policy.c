/*
 * Reads, checks and writes the policy. The reader first looks at the signature and
 * only then at the content; it takes exactly the bytes that policy_write() makes.
 */
#include <errno.h>
#include <string.h>

#include "record/cbor.h"
#include "record/cose.h"
#include "record/policy.h"

enum key {
	PROFILE = 1,
	VERSION,
	NOT_BEFORE,
	NOT_AFTER,
	SUITE,
	RECIPIENTS,
	REQUIRED,
	MARGIN_X,
	MARGIN_Y,
	SHARE_MAX,
	VIEWS_MAX,
	RETENTION,
	HEARTBEAT,
	CLOCK_ERROR,
	COLLECTORS,
	ANCHOR,
	KEYS = ANCHOR,
	DROP, /* only there when it is not 0 */
};
enum recipient_key { ROLE = 1, POINT = 2 };
enum { POLICY_PROFILE = 1, SUITE_HPKE_7_KE = 1, RECIPIENTS_MIN = 2 };

static const char policy_typ[] = "laneseal-policy";

/* The single numbers of a policy: where they lie, and their ranges. */
static const struct number {
	enum key key;
	size_t at;
	uint32_t lo, hi;
} numbers[] = {
	{MARGIN_X, offsetof(struct policy, margin_x_permille), 0, 1000},
	{MARGIN_Y, offsetof(struct policy, margin_y_permille), 0, 1000},
	{SHARE_MAX, offsetof(struct policy, share_max_permille), 1, 250},
	{VIEWS_MAX, offsetof(struct policy, views_max), 1, 8},
	{RETENTION, offsetof(struct policy, retention_days), 1, 3650},
	{HEARTBEAT, offsetof(struct policy, heartbeat_s), 1, 86400},
	{CLOCK_ERROR, offsetof(struct policy, clock_error_max_ms), 0, UINT32_MAX},
};

int
record_key_id(const uint8_t point[CRYPTO_POINT_BYTES], uint8_t id[RECORD_KEY_ID_BYTES])
{
	const struct span piece = SPAN(point, CRYPTO_POINT_BYTES);
	uint8_t hash[CRYPTO_HASH_BYTES];
	int err = hal_crypto_sha256(&piece, 1, hash);

	if (err == 0)
		memcpy(id, hash, RECORD_KEY_ID_BYTES);
	return err;
}

/* The protected header: algorithm and what kind of message this is, so that no other signature can pass for a policy. */
static size_t
protected_header(uint8_t out[32])
{
	struct cbor_writer w;

	cbor_write(&w, SPACE(out, 32));
	cbor_put_map(&w, 2);
	cbor_put_uint(&w, COSE_HEADER_ALG);
	cbor_put_int(&w, COSE_ALG_ES256);
	cbor_put_uint(&w, COSE_HEADER_TYP);
	cbor_put_text(&w, policy_typ);
	CHECK(!w.bad);
	return w.used;
}

/* ---- ranges ---- */

static size_t
role_count(const struct policy *p, const char *role)
{
	size_t n = 0;

	for (uint32_t i = 0; i < p->n_recipients; i++)
		n += strcmp(p->recipients[i].role, role) == 0;
	return n;
}

static int
recipients_ok(const struct policy *p)
{
	if (p->n_recipients < RECIPIENTS_MIN || role_count(p, "agency") != 1)
		return 0;
	for (uint32_t i = 0; i < p->n_required; i++)
		if (role_count(p, p->required[i]) != 1)
			return 0;
	for (uint32_t i = 0; i < p->n_recipients; i++) {
		if (p->recipients[i].role[0] == 0)
			return 0;
		for (uint32_t k = 0; k < i; k++)
			if (memcmp(p->recipients[i].key_id, p->recipients[k].key_id, RECORD_KEY_ID_BYTES) == 0)
				return 0;
	}
	return 1;
}

static int
ranges_ok(const struct policy *p)
{
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		uint32_t v;

		memcpy(&v, (const char *)p + numbers[i].at, sizeof(v));
		if (v < numbers[i].lo || v > numbers[i].hi)
			return 0;
	}
	for (uint32_t i = 0; i < p->n_collectors; i++)
		if (p->collectors[i][0] == 0)
			return 0;
	if (p->drop_undelivered > POLICY_DROP_BOTH)
		return 0;
	return p->version >= 1 && p->not_before_s >= 0 && p->not_before_s < p->not_after_s && p->suite == SUITE_HPKE_7_KE &&
	       recipients_ok(p);
}

/* ---- reading ---- */

/* A count that is larger than our memory for it is out of range, not malformed. */
static uint32_t
count(struct cbor_reader *r, uint32_t most, int *range)
{
	size_t n = cbor_array(r, SIZE_MAX);

	if (n > most)
		*range = 1;
	return n > most ? 0 : (uint32_t)n;
}

/* 1 a point of the curve, 0 not, negative: the check itself failed. */
static int
point_ok(const uint8_t point[CRYPTO_POINT_BYTES])
{
	struct hal_crypto_peer *peer;
	int err = hal_crypto_peer_open(&peer, point);

	if (err < 0)
		return err == -EINVAL ? 0 : err;
	hal_crypto_peer_close(peer);
	return 1;
}

static int
read_recipients(struct policy *p, struct cbor_reader *r, int *range)
{
	p->n_recipients = count(r, POLICY_RECIPIENTS_MAX, range);
	for (uint32_t i = 0; i < p->n_recipients && !r->bad; i++) {
		struct policy_recipient *to = &p->recipients[i];
		int err;

		cbor_map(r, 2);
		cbor_key(r, ROLE);
		cbor_text(r, to->role, sizeof(to->role));
		cbor_key(r, POINT);
		cbor_fixed(r, to->point, sizeof(to->point));
		err = record_key_id(to->point, to->key_id);
		if (err < 0)
			return err;
		if (r->bad)
			break;
		err = point_ok(to->point);
		if (err < 0)
			return err;
		*range |= err == 0;
	}
	return 0;
}

static uint64_t
read_number(struct cbor_reader *r, enum key key, uint64_t most, int *range)
{
	uint64_t v;

	cbor_key(r, key);
	v = cbor_uint(r);
	if (v > most)
		*range = 1;
	return v > most ? 0 : v;
}

/* Fills p from the payload. Sets *range when a value does not even fit its field; what follows is then not read. */
static int
read_fields(struct policy *p, struct cbor_reader *r, int *range)
{
	size_t pairs = r->left.n > 0 && (r->left.p[0] & 31U) == DROP ? DROP : KEYS;
	int err;

	cbor_map(r, pairs);
	cbor_key(r, PROFILE);
	cbor_key(r, POLICY_PROFILE);
	p->version = read_number(r, VERSION, UINT64_MAX, range);
	p->not_before_s = (int64_t)read_number(r, NOT_BEFORE, INT64_MAX, range);
	p->not_after_s = (int64_t)read_number(r, NOT_AFTER, INT64_MAX, range);
	p->suite = (uint8_t)read_number(r, SUITE, UINT8_MAX, range);
	cbor_key(r, RECIPIENTS);
	err = read_recipients(p, r, range);
	if (err < 0 || *range)
		return err;
	cbor_key(r, REQUIRED);
	p->n_required = count(r, POLICY_RECIPIENTS_MAX, range);
	for (uint32_t i = 0; i < p->n_required; i++)
		cbor_text(r, p->required[i], sizeof(p->required[i]));
	for (size_t i = 0; i < ARRAY_SIZE(numbers) && !*range; i++) {
		uint32_t v = (uint32_t)read_number(r, numbers[i].key, UINT32_MAX, range);

		memcpy((char *)p + numbers[i].at, &v, sizeof(v));
	}
	if (*range)
		return 0;
	cbor_key(r, COLLECTORS);
	p->n_collectors = count(r, POLICY_COLLECTORS_MAX, range);
	for (uint32_t i = 0; i < p->n_collectors; i++)
		cbor_text(r, p->collectors[i], sizeof(p->collectors[i]));
	if (*range)
		return 0;
	cbor_key(r, ANCHOR);
	cbor_fixed(r, p->collector_anchor, sizeof(p->collector_anchor));
	if (pairs == DROP) {
		p->drop_undelivered = (uint32_t)read_number(r, DROP, UINT32_MAX, range);
		/* One encoding for each meaning: nothing is said by leaving it out. */
		cbor_require(r, p->drop_undelivered > 0 || *range);
	}
	return 0;
}

static int
read_payload(struct policy *p, struct span payload)
{
	struct cbor_reader r;
	int range = 0, err;

	cbor_read(&r, payload);
	err = read_fields(p, &r, &range);
	if (err < 0)
		return err;
	if (range && !r.bad)
		return -ERANGE;
	err = cbor_end(&r);
	if (err < 0)
		return err;
	return ranges_ok(p) ? 0 : -ERANGE;
}

static int
signed_by_one_of(const struct cose_sign1 *s, const uint8_t (*keys)[CRYPTO_POINT_BYTES], size_t n_keys)
{
	for (size_t i = 0; i < n_keys; i++) {
		int err = cose_sign1_verify(s, keys[i]);

		if (err == 0 || err == -EIO)
			return err;
	}
	return -EACCES;
}

/* n_keys 0: whoever signed it. Static, so that no unit can come here by handing over an empty list. */
static int
read_policy(struct policy *p, struct span bytes, const uint8_t (*keys)[CRYPTO_POINT_BYTES], size_t n_keys)
{
	uint8_t expected[32];
	size_t n = protected_header(expected);
	struct cose_sign1 s;
	struct cbor_reader r;
	int err;

	memset(p, 0, sizeof(*p));
	if (bytes.n > POLICY_BYTES_MAX)
		return -EBADMSG;
	cbor_read(&r, bytes);
	cose_sign1_read(&s, &r);
	cbor_require(&r, s.protected_header.n == n && memcmp(s.protected_header.p, expected, n) == 0);
	err = cbor_end(&r);
	if (err == 0 && n_keys > 0)
		err = signed_by_one_of(&s, keys, n_keys);
	if (err == 0)
		err = read_payload(p, s.payload);
	if (err == 0)
		err = hal_crypto_sha256(&bytes, 1, p->hash);
	if (err < 0)
		memset(p, 0, sizeof(*p)); /* nothing of a policy that was refused can be used by mistake */
	return err;
}

int
policy_read(struct policy *p, struct span bytes, const uint8_t (*keys)[CRYPTO_POINT_BYTES], size_t n_keys)
{
	memset(p, 0, sizeof(*p));
	return n_keys > 0 ? read_policy(p, bytes, keys, n_keys) : -EACCES;
}

int
policy_peek(struct policy *p, struct span bytes)
{
	return read_policy(p, bytes, NULL, 0);
}

int
policy_usable(const struct policy *p, int64_t now_s, uint64_t newest_version)
{
	if (p->version < newest_version)
		return -EPERM;
	if (now_s < p->not_before_s || now_s > p->not_after_s)
		return -ESTALE;
	return 0;
}

const char *
policy_trouble(int err)
{
	switch (err) {
	case 0:
		return "the policy is good";
	case -EBADMSG:
		return "the policy is not in the form that `lanekeys` writes (damaged, cut short, or another file); copy it again";
	case -EACCES:
		return "the policy is not signed by a policy key that this firmware trusts; ask the agency for one that is";
	case -ERANGE:
		return "the policy holds a value out of range, lacks a required recipient, or names a key twice; it must be made anew";
	case -ESTALE:
		return "the policy is expired or not valid yet; check the unit's clock, then ask the agency for a current one";
	case -EPERM:
		return "the policy is older than one this unit has already used; install the newest";
	default:
		return "the policy could not be checked";
	}
}

/* ---- writing ---- */

static void
write_names(struct cbor_writer *w, const char *first, size_t stride, uint32_t n)
{
	cbor_put_array(w, n);
	for (uint32_t i = 0; i < n; i++)
		cbor_put_text(w, first + i * stride);
}

static void
write_fields(struct cbor_writer *w, const struct policy *p)
{
	cbor_put_map(w, p->drop_undelivered ? DROP : KEYS);
	cbor_put_uint(w, PROFILE);
	cbor_put_uint(w, POLICY_PROFILE);
	cbor_put_uint(w, VERSION);
	cbor_put_uint(w, p->version);
	cbor_put_uint(w, NOT_BEFORE);
	cbor_put_int(w, p->not_before_s);
	cbor_put_uint(w, NOT_AFTER);
	cbor_put_int(w, p->not_after_s);
	cbor_put_uint(w, SUITE);
	cbor_put_uint(w, p->suite);
	cbor_put_uint(w, RECIPIENTS);
	cbor_put_array(w, p->n_recipients);
	for (uint32_t i = 0; i < p->n_recipients; i++) {
		cbor_put_map(w, 2);
		cbor_put_uint(w, ROLE);
		cbor_put_text(w, p->recipients[i].role);
		cbor_put_uint(w, POINT);
		cbor_put_bytes(w, SPAN_OF(p->recipients[i].point));
	}
	cbor_put_uint(w, REQUIRED);
	write_names(w, p->required[0], sizeof(p->required[0]), p->n_required);
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		uint32_t v;

		memcpy(&v, (const char *)p + numbers[i].at, sizeof(v));
		cbor_put_uint(w, numbers[i].key);
		cbor_put_uint(w, v);
	}
	cbor_put_uint(w, COLLECTORS);
	write_names(w, p->collectors[0], sizeof(p->collectors[0]), p->n_collectors);
	cbor_put_uint(w, ANCHOR);
	cbor_put_bytes(w, SPAN_OF(p->collector_anchor));
	if (p->drop_undelivered) {
		cbor_put_uint(w, DROP);
		cbor_put_uint(w, p->drop_undelivered);
	}
}

int64_t
policy_write(const struct policy *p, struct space into, cose_signer sign, void *key)
{
	uint8_t header[32], payload[POLICY_BYTES_MAX - 256];
	size_t header_bytes = protected_header(header);
	struct cbor_writer w;
	int64_t n;

	if (p->n_recipients > POLICY_RECIPIENTS_MAX || p->n_required > POLICY_RECIPIENTS_MAX ||
	    p->n_collectors > POLICY_COLLECTORS_MAX)
		return -ERANGE;
	cbor_write(&w, SPACE_OF(payload));
	write_fields(&w, p);
	n = cbor_done(&w);
	if (n < 0)
		return n;
	return cose_sign1_write(SPAN(header, header_bytes), SPAN(payload, (size_t)n), sign, key, into);
}
