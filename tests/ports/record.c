/*
 * A whole record: made, taken apart, verified and opened; and everything that must be refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>

#include "maker.h"
#include "record/plain.h"

static struct maker m;
static uint8_t picture[3000], plain[MAKER_RECORD_MAX];

static int
set_up(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(picture); i++)
		picture[i] = (uint8_t)(i * 7 + 1);
	maker_open(&m, SPAN_OF(picture));
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	maker_close(&m);
	return 0;
}

/* Split, verify, open: 0 or the first refusal. */
static int
open_file(struct span file, enum maker_key who, struct crop *c)
{
	struct record_parts parts;
	int err = record_split(&parts, file);

	if (err == 0)
		err = record_verify(&parts, m.points[MAKER_UNIT]);
	if (err == 0 && parts.body.n == 0)
		err = -ENODATA;
	if (err == 0)
		err = body_open(m.keys[who], parts.entry.header, parts.body, SPACE_OF(plain), c);
	return err;
}

static void
each_recipient_opens_what_was_sealed(void **state)
{
	struct crop c;

	(void)state;
	for (int who = MAKER_AGENCY; who <= MAKER_ESCROW; who++) {
		const struct crop_view *v = &c.views[0], *w = &m.crop.views[0];

		assert_int_equal(open_file(SPAN(m.record, m.record_n), (enum maker_key)who, &c), 0);
		assert_int_equal(c.passage, 42);
		assert_int_equal(c.lane, 2);
		assert_int_equal(c.first_utc_us, m.crop.first_utc_us);
		assert_int_equal(c.last_utc_us, m.crop.last_utc_us);
		assert_int_equal(c.n_views, 1);
		assert_memory_equal(&v->plate, &w->plate, sizeof(v->plate));
		assert_memory_equal(&v->crop, &w->crop, sizeof(v->crop));
		assert_string_equal(v->name, w->name);
		assert_int_equal(v->bytes.n, sizeof(picture));
		assert_memory_equal(v->bytes.p, picture, sizeof(picture));
	}
}

static void
a_key_that_is_no_recipient_is_told_so(void **state)
{
	struct crop c;

	(void)state;
	assert_int_equal(open_file(SPAN(m.record, m.record_n), MAKER_STRANGER, &c), -ENOKEY);
}

static void
another_units_key_does_not_verify(void **state)
{
	struct record_parts parts;

	(void)state;
	assert_int_equal(record_split(&parts, SPAN(m.record, m.record_n)), 0);
	assert_int_equal(record_verify(&parts, m.points[MAKER_STRANGER]), -EBADMSG);
}

/* A plain buffer of the exact length lets the sanitizer see a read past the end. */
static void
every_flipped_byte_is_refused(void **state)
{
	uint8_t *file = malloc(m.record_n);
	struct crop c;

	(void)state;
	memcpy(file, m.record, m.record_n);
	for (size_t i = 0; i < m.record_n; i++) {
		file[i] ^= (uint8_t)(1U << i % 8);
		if (open_file(SPAN(file, m.record_n), MAKER_AGENCY, &c) != -EBADMSG)
			fail_msg("byte %zu flipped: not refused as altered", i);
		file[i] ^= (uint8_t)(1U << i % 8);
	}
	free(file);
}

static void
every_shorter_file_is_refused(void **state)
{
	struct crop c;

	(void)state;
	for (size_t n = 0; n < m.record_n; n++) {
		uint8_t *file = malloc(n + 1);
		int err;

		memcpy(file, m.record, n);
		err = open_file(SPAN(file, n), MAKER_AGENCY, &c);
		free(file);
		if (err != (n == m.sign1_n ? -ENODATA : -EBADMSG))
			fail_msg("cut to %zu bytes: error %d", n, err);
	}
}

/* The body alone, for the case that the unit itself is the attacker and signs what it altered. */
static void
every_flipped_byte_of_the_body_is_refused_without_the_signature(void **state)
{
	struct record_parts parts;
	uint8_t *body;
	struct crop c;

	(void)state;
	assert_int_equal(record_split(&parts, SPAN(m.record, m.record_n)), 0);
	body = malloc(parts.body.n);
	memcpy(body, parts.body.p, parts.body.n);
	for (size_t i = 0; i < parts.body.n; i++) {
		int err;

		body[i] ^= 0x10;
		err = body_open(m.keys[MAKER_AGENCY], parts.entry.header, SPAN(body, parts.body.n), SPACE_OF(plain), &c);
		/* The other recipient's part is not ours to check: the signature covers it. */
		if (err == 0 && parts.body.n - i > RECORD_KEY_ID_BYTES + 140)
			fail_msg("byte %zu of the body flipped: opened", i);
		body[i] ^= 0x10;
	}
	free(body);
}

static void
a_content_key_that_does_not_fit_the_commitment_is_refused(void **state)
{
	uint8_t bytes[RECORD_HEADER_MAX];
	struct record_parts parts;
	struct record_header h;
	struct crop c;
	int64_t n;

	(void)state;
	assert_int_equal(record_split(&parts, SPAN(m.record, m.record_n)), 0);
	assert_int_equal(record_header_decode(&h, parts.entry.header), 0);
	h.commitment[0] ^= 1;
	n = record_header_encode(&h, SPACE_OF(bytes));
	assert_true(n > 0);
	memset(plain, 0x55, sizeof(plain));
	assert_int_equal(body_open(m.keys[MAKER_AGENCY], SPAN(bytes, (size_t)n), parts.body, SPACE_OF(plain), &c), -EBADMSG);
	for (size_t i = 0; i < sizeof(plain); i++)
		assert_int_equal(plain[i], 0);
}

static void
the_lawfully_deleted_body_leaves_an_entry_that_verifies(void **state)
{
	struct record_parts parts;

	(void)state;
	assert_int_equal(record_split(&parts, SPAN(m.record, m.sign1_n)), 0);
	assert_int_equal(record_verify(&parts, m.points[MAKER_UNIT]), 0);
	assert_int_equal(parts.entry.sequence, 1001);
	assert_string_equal(parts.entry.unit, "demo-lane-2");
}

static void
entries_without_a_body_come_back_as_signed(void **state)
{
	struct record_entry e = {.unit = "u-1", .boot = 1, .sequence = 9, .clock = CLOCK_HOLDOVER, .clock_error_ms = 5,
				 .clock_source = CLOCK_SOURCE_PULSE, .holdover_s = 70, .clock_set_s = -31536000,
				 .time_s = 1790000000, .interval_s = 60,
				 .health = {.n = 3, .of = {0, 7, UINT64_MAX}}};
	uint8_t id[RECORD_KEY_ID_BYTES], bytes[RECORD_SIGN1_MAX];
	struct record_parts parts;

	(void)state;
	assert_int_equal(record_key_id(m.points[MAKER_UNIT], id), 0);
	for (e.kind = ENTRY_HEARTBEAT; e.kind < ENTRY_KINDS; e.kind++) {
		int64_t n;

		e.gap_first = e.kind == ENTRY_GAP ? 4 : 0;
		e.gap_count = e.kind == ENTRY_GAP ? 3 : 0;
		e.gap_reason = e.kind == ENTRY_GAP ? GAP_SPACE : 0;
		n = record_entry_sign(&e, id, maker_sign, m.keys[MAKER_UNIT], SPACE_OF(bytes));
		assert_true(n > 0);
		assert_int_equal(record_split(&parts, SPAN(bytes, (size_t)n)), 0);
		assert_int_equal(record_verify(&parts, m.points[MAKER_UNIT]), 0);
		assert_int_equal(parts.entry.kind, e.kind);
		assert_string_equal(parts.entry.unit, "u-1");
		assert_int_equal(parts.entry.gap_count, e.gap_count);
		assert_int_equal(parts.entry.gap_first, e.gap_first);
		assert_int_equal(parts.entry.time_s, e.time_s);
		assert_int_equal(parts.entry.interval_s, e.kind == ENTRY_HEARTBEAT ? 60 : 0);
		assert_int_equal(parts.entry.profile, RECORD_ENTRY_PROFILE);
		assert_int_equal(parts.entry.clock, e.clock);
		assert_int_equal(parts.entry.clock_source, e.clock_source);
		assert_int_equal(parts.entry.holdover_s, e.holdover_s);
		assert_int_equal(parts.entry.clock_set_s, e.clock_set_s);
		assert_int_equal(parts.entry.health.n, e.kind == ENTRY_HEALTH ? 3 : 0);
		if (e.kind == ENTRY_HEALTH)
			assert_memory_equal(parts.entry.health.of, e.health.of, 3 * sizeof(e.health.of[0]));
	}
	/* Passages that were only counted never had a number; all others had. */
	e.kind = ENTRY_GAP;
	e.gap_count = 3;
	for (e.gap_reason = 0; e.gap_reason <= GAP_REASONS; e.gap_reason++)
		for (e.gap_first = 0; e.gap_first < 2; e.gap_first++) {
			int good = e.gap_reason >= GAP_AGE && e.gap_reason < GAP_REASONS &&
				   (e.gap_first == 0) == (e.gap_reason >= GAP_NO_POLICY);
			int64_t n = record_entry_sign(&e, id, maker_sign, m.keys[MAKER_UNIT], SPACE_OF(bytes));

			assert_true(good ? n > 0 : n == -EINVAL);
		}
	e.kind = ENTRY_HEALTH; /* a statement that says nothing is none; one with as many numbers as may be is one */
	e.health.n = 0;
	assert_int_equal(record_entry_sign(&e, id, maker_sign, m.keys[MAKER_UNIT], SPACE_OF(bytes)), -EINVAL);
	e.health.n = HEALTH_MAX;
	memset(e.health.of, 0xff, sizeof(e.health.of));
	assert_true(record_entry_sign(&e, id, maker_sign, m.keys[MAKER_UNIT], SPACE_OF(bytes)) > 0);
	e.kind = ENTRY_HEARTBEAT;
	e.sequence = 0; /* our reader refuses it, so our signer must too */
	assert_int_equal(record_entry_sign(&e, id, maker_sign, m.keys[MAKER_UNIT], SPACE_OF(bytes)), -EINVAL);
}

/* Passage, heartbeat, passage: as they lie in a segment of a spool. */
static void
records_behind_each_other_are_taken_apart(void **state)
{
	struct record_entry e = {.kind = ENTRY_HEARTBEAT, .unit = "u-1", .sequence = 9, .interval_s = 60};
	static uint8_t bytes[2 * MAKER_RECORD_MAX + RECORD_SIGN1_MAX];
	struct span left = SPAN(bytes, 0), cut;
	uint8_t id[RECORD_KEY_ID_BYTES];
	struct record_parts parts;
	size_t starts[3];
	int64_t n;

	(void)state;
	assert_int_equal(record_key_id(m.points[MAKER_UNIT], id), 0);
	for (size_t i = 0; i < 3; i++) {
		starts[i] = left.n;
		if (i == 1)
			n = record_entry_sign(&e, id, maker_sign, m.keys[MAKER_UNIT], SPACE(bytes + left.n, RECORD_SIGN1_MAX));
		else
			memcpy(bytes + left.n, m.record, (size_t)(n = (int64_t)m.record_n));
		assert_true(n > 0);
		left.n += (size_t)n;
	}
	assert_int_equal(record_find(left, id), 0);
	assert_int_equal(record_find(SPAN(bytes + 1, left.n - 1), id), starts[1] - 1);
	for (size_t n_cut = starts[2] + m.sign1_n; n_cut < left.n; n_cut += 997) {
		cut = SPAN(bytes + starts[2], n_cut - starts[2]);
		assert_int_equal(record_take(&parts, &cut), -ENODATA);
		assert_int_equal(record_bytes(&parts), m.record_n);
	}
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(record_take(&parts, &left), 0);
		assert_int_equal(parts.entry.kind, i == 1 ? ENTRY_HEARTBEAT : ENTRY_PASSAGE);
		assert_int_equal(record_verify(&parts, m.points[MAKER_UNIT]), 0);
	}
	assert_int_equal(left.n, 0);
	assert_int_equal(record_take(&parts, &left), -EBADMSG);
}

/* ---- what is left behind ---- */

static int
holds(const uint8_t *hay, size_t hay_n, const uint8_t *needle, size_t needle_n)
{
	return memmem(hay, hay_n, needle, needle_n) != NULL;
}

static void
nothing_of_the_passage_is_left_after_sealing(void **state)
{
	static _Alignas(16) uint8_t work[8192];
	static uint8_t body[MAKER_RECORD_MAX];
	uint8_t header_bytes[RECORD_HEADER_MAX];
	struct record_header h = {.unit = "u"};
	struct body_sealer *s;
	size_t header_n, body_n;

	(void)state;
	assert_int_equal(body_sealer_open(&s, SPACE_OF(work), &m.policy), 0);
	assert_int_equal(body_seal(s, &m.crop, &h, SPACE_OF(header_bytes), &header_n, SPACE_OF(body), &body_n), 0);
	for (size_t i = 0; i + 16 <= sizeof(picture); i += 16) {
		assert_false(holds(work, sizeof(work), picture + i, 16));
		assert_false(holds(body, sizeof(body), picture + i, 16));
	}
	/* No room for the body: refused, and nothing of the plaintext stays behind. */
	memset(body, 0, sizeof(body));
	assert_int_equal(body_seal(s, &m.crop, &h, SPACE_OF(header_bytes), &header_n, SPACE(body, 4200), &body_n), -ENOSPC);
	assert_int_equal(body_n, 0);
	for (size_t i = 0; i < sizeof(body); i++)
		assert_int_equal(body[i], 0);
	body_sealer_close(s);
	for (size_t i = 0; i < body_sealer_bytes(); i++)
		assert_int_equal(work[i], 0);
}

/* Every 32-byte window of the sealer's memory is held against the commitment: none is the content key. */
static void
the_content_key_is_not_left_in_the_sealers_memory(void **state)
{
	static const char label[] = "laneseal content key commitment v1\x01";
	const struct span piece = SPAN((const uint8_t *)label, sizeof(label) - 1);
	static _Alignas(16) uint8_t work[8192];
	static uint8_t body[MAKER_RECORD_MAX];
	uint8_t header_bytes[RECORD_HEADER_MAX], tried[CRYPTO_HASH_BYTES];
	struct record_header h = {.unit = "u"};
	struct body_sealer *s;
	size_t header_n, body_n;

	(void)state;
	assert_int_equal(body_sealer_open(&s, SPACE_OF(work), &m.policy), 0);
	assert_int_equal(body_seal(s, &m.crop, &h, SPACE_OF(header_bytes), &header_n, SPACE_OF(body), &body_n), 0);
	for (size_t i = 0; i + 32 <= body_sealer_bytes(); i++) {
		assert_int_equal(hal_crypto_hmac(SPAN(work + i, 32), &piece, 1, tried), 0);
		assert_memory_not_equal(tried, h.commitment, sizeof(tried));
	}
	for (size_t i = 0; i + 32 <= body_n; i++) {
		assert_int_equal(hal_crypto_hmac(SPAN(body + i, 32), &piece, 1, tried), 0);
		assert_memory_not_equal(tried, h.commitment, sizeof(tried));
	}
	body_sealer_close(s);
}

static void
lengths_say_little(void **state)
{
	(void)state;
	assert_int_equal(body_padded_bytes(0), 4096);
	assert_int_equal(body_padded_bytes(4096), 4096);
	assert_int_equal(body_padded_bytes(4097), 4352);
	assert_int_equal(body_padded_bytes(65536), 65536);
	assert_int_equal(body_padded_bytes(65537), 67584);
	assert_int_equal(body_padded_bytes(100000), 100352);
	for (size_t n = 1; n < 700000; n += 977) {
		assert_true(body_padded_bytes(n) >= n);
		assert_int_equal(body_padded_bytes(body_padded_bytes(n)), body_padded_bytes(n));
		assert_true(n <= 4096 || body_padded_bytes(n) <= n + n / 8);
	}
}

/* Zeros may follow the map, and nothing else. */
static void
anything_but_zeros_in_the_padding_is_refused(void **state)
{
	static uint8_t bytes[8192];
	struct crop c;
	size_t n = plain_bytes(&m.crop);

	(void)state;
	assert_int_equal(plain_write(&m.crop, SPACE_OF(bytes)), 0);
	assert_int_equal(plain_read(&c, SPAN_OF(bytes)), 0);
	bytes[sizeof(bytes) - 1] = 1;
	assert_int_equal(plain_read(&c, SPAN_OF(bytes)), -EBADMSG);
	bytes[sizeof(bytes) - 1] = 0;
	for (size_t cut = 0; cut < n; cut++)
		assert_int_equal(plain_read(&c, SPAN(bytes, cut)), -EBADMSG);
}

static void
a_record_costs_few_bytes(void **state)
{
	size_t padded = body_padded_bytes(plain_bytes(&m.crop));

	(void)state;
	print_message("overhead of a record with two recipients: %zu bytes (entry %zu, body %zu)\n", m.record_n - padded,
		      m.sign1_n, m.record_n - m.sign1_n - padded);
	assert_true(m.record_n - padded <= 680);
}

/* Whatever number of views this build's own locate keeps. */
static void
a_passage_of_as_many_views_as_a_policy_may_allow_is_read(void **state)
{
	struct crop c = m.crop, back;

	(void)state;
	c.n_views = CROP_VIEWS_MAX;
	for (uint32_t i = 1; i < CROP_VIEWS_MAX; i++)
		c.views[i] = c.views[0];
	assert_int_equal(CROP_VIEWS_MAX, 8); /* as docs/RECORD.md has it for a policy */
	assert_int_equal(plain_write(&c, SPACE_OF(plain)), 0);
	assert_int_equal(plain_read(&back, SPAN_OF(plain)), 0);
	assert_int_equal(back.n_views, CROP_VIEWS_MAX);
	assert_memory_equal(back.views[CROP_VIEWS_MAX - 1].bytes.p, picture, sizeof(picture));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_recipient_opens_what_was_sealed),
		cmocka_unit_test(a_key_that_is_no_recipient_is_told_so),
		cmocka_unit_test(another_units_key_does_not_verify),
		cmocka_unit_test(every_flipped_byte_is_refused),
		cmocka_unit_test(every_shorter_file_is_refused),
		cmocka_unit_test(every_flipped_byte_of_the_body_is_refused_without_the_signature),
		cmocka_unit_test(a_content_key_that_does_not_fit_the_commitment_is_refused),
		cmocka_unit_test(the_lawfully_deleted_body_leaves_an_entry_that_verifies),
		cmocka_unit_test(entries_without_a_body_come_back_as_signed),
		cmocka_unit_test(records_behind_each_other_are_taken_apart),
		cmocka_unit_test(nothing_of_the_passage_is_left_after_sealing),
		cmocka_unit_test(the_content_key_is_not_left_in_the_sealers_memory),
		cmocka_unit_test(lengths_say_little),
		cmocka_unit_test(anything_but_zeros_in_the_padding_is_refused),
		cmocka_unit_test(a_record_costs_few_bytes),
		cmocka_unit_test(a_passage_of_as_many_views_as_a_policy_may_allow_is_read),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
