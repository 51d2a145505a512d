/*
 * The policy: what is accepted, and each thing that must be refused with its own answer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>

#include "maker.h"
#include "record/cbor.h"
#include "record/cose.h"

static struct maker m;
static const uint8_t picture[] = {1, 2, 3};

static int
set_up(void **state)
{
	(void)state;
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

static int
read_back(struct span bytes)
{
	struct policy p;

	return policy_read(&p, bytes, (const uint8_t(*)[CRYPTO_POINT_BYTES])&m.points[MAKER_AUTHORITY], 1);
}

/* Writes and signs p, and says what the reader answers. */
static int
answer_to(const struct policy *p)
{
	static uint8_t bytes[POLICY_BYTES_MAX];
	int64_t n = maker_write_policy(&m, p, SPACE_OF(bytes));

	assert_true(n > 0);
	return read_back(SPAN(bytes, (size_t)n));
}

static void
a_good_policy_comes_back_as_written(void **state)
{
	struct policy p;

	(void)state;
	maker_policy(&m, &p);
	assert_int_equal(answer_to(&p), 0);
	assert_int_equal(m.policy.version, 7);
	assert_int_equal(m.policy.not_after_s, 2000000000);
	assert_int_equal(m.policy.n_recipients, 2);
	assert_string_equal(m.policy.recipients[1].role, "escrow");
	assert_memory_equal(m.policy.recipients[1].point, m.points[MAKER_ESCROW], CRYPTO_POINT_BYTES);
	assert_int_equal(m.policy.n_required, 2);
	assert_int_equal(m.policy.margin_y_permille, 250);
	assert_int_equal(m.policy.clock_error_max_ms, 1000);
	assert_string_equal(m.policy.collectors[0], "https://collector.example/records");
	assert_int_equal(m.policy.collector_anchor[31], 0xca);
}

static void
the_next_policy_key_is_trusted_too(void **state)
{
	uint8_t keys[2][CRYPTO_POINT_BYTES];
	struct policy p;

	(void)state;
	memcpy(keys[0], m.points[MAKER_STRANGER], sizeof(keys[0]));
	memcpy(keys[1], m.points[MAKER_AUTHORITY], sizeof(keys[1]));
	assert_int_equal(policy_read(&p, SPAN(m.policy_bytes, m.policy_n), (const uint8_t(*)[CRYPTO_POINT_BYTES])keys, 2), 0);
	assert_int_equal(policy_read(&p, SPAN(m.policy_bytes, m.policy_n), (const uint8_t(*)[CRYPTO_POINT_BYTES])keys, 1), -EACCES);
	assert_int_equal(policy_read(&p, SPAN(m.policy_bytes, m.policy_n), NULL, 0), -EACCES);
	assert_int_equal(p.n_recipients, 0);
}

static void
every_flipped_byte_and_every_shorter_policy_is_refused(void **state)
{
	uint8_t *bytes = malloc(m.policy_n);

	(void)state;
	memcpy(bytes, m.policy_bytes, m.policy_n);
	for (size_t i = 0; i < m.policy_n; i++) {
		int err;

		bytes[i] ^= (uint8_t)(1U << i % 8);
		err = read_back(SPAN(bytes, m.policy_n));
		if (err != -EBADMSG && err != -EACCES)
			fail_msg("byte %zu flipped: error %d", i, err);
		bytes[i] ^= (uint8_t)(1U << i % 8);
	}
	free(bytes);
	for (size_t n = 0; n < m.policy_n; n++) {
		bytes = malloc(n + 1);
		memcpy(bytes, m.policy_bytes, n);
		assert_int_equal(read_back(SPAN(bytes, n)), -EBADMSG);
		free(bytes);
	}
}

static void
trailing_bytes_are_refused(void **state)
{
	static uint8_t bytes[POLICY_BYTES_MAX];

	(void)state;
	memcpy(bytes, m.policy_bytes, m.policy_n);
	assert_int_equal(read_back(SPAN(bytes, m.policy_n + 1)), -EBADMSG);
}

/* A longer form of the same number, properly signed: the same meaning in other bytes. */
static void
bytes_that_are_not_canonical_are_refused_though_signed(void **state)
{
	const uint8_t header[] = "\xa2\x01\x26\x10\x6f" "laneseal-policy";
	uint8_t payload[POLICY_BYTES_MAX], bytes[POLICY_BYTES_MAX];
	struct cbor_reader r;
	struct cose_sign1 s;
	int64_t n;

	(void)state;
	cbor_read(&r, SPAN(m.policy_bytes, m.policy_n));
	cose_sign1_read(&s, &r);
	assert_int_equal(cbor_end(&r), 0);
	assert_int_equal(s.payload.p[4], 7); /* map head, 1: 1, 2: 7 */
	memcpy(payload, s.payload.p, 4);
	payload[4] = 0x18;
	memcpy(payload + 5, s.payload.p + 4, s.payload.n - 4);
	n = cose_sign1_write(SPAN(header, sizeof(header) - 1), SPAN(payload, s.payload.n + 1), maker_sign, m.keys[MAKER_AUTHORITY],
			     SPACE_OF(bytes));
	assert_true(n > 0);
	assert_int_equal(read_back(SPAN(bytes, (size_t)n)), -EBADMSG);
	/* The same without the kind in the protected header: a signature made for something else. */
	n = cose_sign1_write(SPAN((const uint8_t *)"\xa1\x01\x26", 3), s.payload, maker_sign, m.keys[MAKER_AUTHORITY], SPACE_OF(bytes));
	assert_true(n > 0);
	assert_int_equal(read_back(SPAN(bytes, (size_t)n)), -EBADMSG);
}

/* ---- values ---- */

struct change {
	const char *what;
	void (*make)(struct policy *p);
};

static void
key_twice(struct policy *p)
{
	memcpy(p->recipients[1].point, p->recipients[0].point, CRYPTO_POINT_BYTES);
}

static void
no_agency(struct policy *p)
{
	strcpy(p->recipients[0].role, "someone");
	p->n_required = 0;
}

static void
required_role_missing(struct policy *p)
{
	strcpy(p->required[1], "court");
}

static void
role_twice(struct policy *p)
{
	strcpy(p->recipients[1].role, "agency");
	p->n_required = 1;
}

static void
one_recipient(struct policy *p)
{
	p->n_recipients = p->n_required = 1;
}

static void
point_off_the_curve(struct policy *p)
{
	p->recipients[1].point[40] ^= 1;
}

static void
empty_role(struct policy *p)
{
	p->recipients[1].role[0] = 0;
	p->n_required = 1;
}

#define SETS(name, field, value)          \
	static void name(struct policy *p) \
	{                                  \
		p->field = (value);        \
	}
SETS(version_zero, version, 0)
SETS(unknown_suite, suite, 2)
SETS(ends_before_it_begins, not_after_s, p->not_before_s)
SETS(margin_x_large, margin_x_permille, 1001)
SETS(margin_y_large, margin_y_permille, 1001)
SETS(share_zero, share_max_permille, 0)
SETS(share_large, share_max_permille, 251)
SETS(views_zero, views_max, 0)
SETS(views_many, views_max, 9)
SETS(retention_zero, retention_days, 0)
SETS(retention_long, retention_days, 3651)
SETS(heartbeat_zero, heartbeat_s, 0)
SETS(heartbeat_long, heartbeat_s, 86401)
SETS(drops_what, drop_undelivered, 4)

static const struct change changes[] = {
	{"a key twice", key_twice},
	{"no agency", no_agency},
	{"a required role missing", required_role_missing},
	{"a role twice", role_twice},
	{"one recipient", one_recipient},
	{"a point off the curve", point_off_the_curve},
	{"an empty role", empty_role},
	{"version 0", version_zero},
	{"an unknown suite", unknown_suite},
	{"an end before the beginning", ends_before_it_begins},
	{"margin x over 1000", margin_x_large},
	{"margin y over 1000", margin_y_large},
	{"share 0", share_zero},
	{"share over 250", share_large},
	{"views 0", views_zero},
	{"views over 8", views_many},
	{"retention 0", retention_zero},
	{"retention over 3650", retention_long},
	{"heartbeat 0", heartbeat_zero},
	{"heartbeat over 86400", heartbeat_long},
	{"drops 4", drops_what},
};

static void
values_out_of_range_are_refused_though_signed(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		struct policy p;
		int err;

		maker_policy(&m, &p);
		changes[i].make(&p);
		err = answer_to(&p);
		if (err != -ERANGE)
			fail_msg("%s: answered %d", changes[i].what, err);
	}
}

/* ---- time and version ---- */

static void
expired_early_and_older_policies_are_told_apart(void **state)
{
	const struct policy *p = &m.policy;

	(void)state;
	assert_int_equal(policy_usable(p, 1800000000, 0), 0);
	assert_int_equal(policy_usable(p, 1800000000, 7), 0);
	assert_int_equal(policy_usable(p, 1800000000, 8), -EPERM);
	assert_int_equal(policy_usable(p, p->not_after_s + 1, 7), -ESTALE);
	assert_int_equal(policy_usable(p, p->not_before_s - 1, 7), -ESTALE);
}

static void
each_trouble_has_its_own_words(void **state)
{
	const int errors[] = {0, -EBADMSG, -EACCES, -ERANGE, -ESTALE, -EPERM, -EIO};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++)
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(policy_trouble(errors[i]), policy_trouble(errors[k]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_policy_comes_back_as_written),
		cmocka_unit_test(the_next_policy_key_is_trusted_too),
		cmocka_unit_test(every_flipped_byte_and_every_shorter_policy_is_refused),
		cmocka_unit_test(trailing_bytes_are_refused),
		cmocka_unit_test(bytes_that_are_not_canonical_are_refused_though_signed),
		cmocka_unit_test(values_out_of_range_are_refused_though_signed),
		cmocka_unit_test(expired_early_and_older_policies_are_told_apart),
		cmocka_unit_test(each_trouble_has_its_own_words),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
