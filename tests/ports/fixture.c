/*
 * Records made by either port, with their throw-away keys, opened by the port this is linked with.
 *
 *     fixture FOLDER        opens every record listed below
 *     fixture write FILE    makes a new one with this port (done once; the files are committed)
 *
 * A file has lines "name hex". The values between a key and the open record are in it
 * too, so that somebody who writes an opener can see at which step theirs goes wrong.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "maker.h"
#include "record/recipient.h"

static const char *folder = ".";

/* A grey PNG of 144 x 46. */
static const uint8_t picture[] = {
	0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52,
	0x00, 0x00, 0x00, 0x90, 0x00, 0x00, 0x00, 0x2e, 0x08, 0x00, 0x00, 0x00, 0x00, 0xe2, 0xed, 0xcf,
	0x61, 0x00, 0x00, 0x00, 0x41, 0x49, 0x44, 0x41, 0x54, 0x78, 0xda, 0xed, 0xce, 0x31, 0x11, 0x00,
	0x40, 0x08, 0x04, 0x31, 0xe4, 0xbc, 0x7f, 0x15, 0xc8, 0xfa, 0xf6, 0x0c, 0x30, 0x50, 0x64, 0xcb,
	0xad, 0x52, 0x1d, 0xbd, 0x68, 0xeb, 0x17, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10,
	0x10, 0x10, 0xd0, 0x2c, 0xe8, 0x02, 0x22, 0x3f, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10,
	0x10, 0x10, 0x10, 0xd0, 0xec, 0xff, 0x43, 0xb3, 0x21, 0xb5, 0x70, 0xb2, 0x73, 0x30, 0x00, 0x00,
	0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
};

/* What the agency computes on its way, from the first recipient's bytes in a body. */
struct steps {
	uint8_t dh[CRYPTO_SCALAR_BYTES];
	struct hpke_secret secret;
	uint8_t content_key[CRYPTO_KEY_BYTES];
};

static void
take_steps(struct steps *st, const struct hal_crypto_private *key, struct span body)
{
	uint8_t point[CRYPTO_POINT_BYTES], schedule[HPKE_SCHEDULE_BYTES];
	const size_t each = 1 + 1 + RECIPIENT_PROTECTED_BYTES + 4 + CRYPTO_POINT_BYTES + 2 + RECIPIENT_WRAPPED_BYTES;
	const uint8_t *first = body.p + body.n - 2 * each;
	const uint8_t *protected_header = first + 2, *enc = protected_header + RECIPIENT_PROTECTED_BYTES + 4;

	CHECK(hal_crypto_private_point(key, point) == 0);
	CHECK(recipient_schedule(SPAN(protected_header, RECIPIENT_PROTECTED_BYTES), SPAN(NULL, 0), schedule) == 0);
	CHECK(hal_crypto_ecdh(key, enc, st->dh) == 0);
	CHECK(hpke_derive(&st->secret, st->dh, enc, point, schedule) == 0);
	CHECK(hal_crypto_gcm_open(st->secret.key, st->secret.nonce, SPAN(NULL, 0),
				  SPAN(enc + CRYPTO_POINT_BYTES + 2, RECIPIENT_WRAPPED_BYTES), SPACE_OF(st->content_key)) == 0);
}

/* ---- writing ---- */

static void
put(FILE *f, const char *name, struct span bytes)
{
	fprintf(f, "%s ", name);
	for (size_t i = 0; i < bytes.n; i++)
		fprintf(f, "%02x", bytes.p[i]);
	fputc('\n', f);
}

static int
write_fixture(const char *path)
{
	static struct maker m;
	uint8_t agency[CRYPTO_SCALAR_BYTES], escrow[CRYPTO_SCALAR_BYTES];
	struct steps st;
	FILE *f = fopen(path, "w");

	CHECK(f != NULL);
	maker_open(&m, SPAN_OF(picture));
	maker_scalar(MAKER_AGENCY, agency);
	maker_scalar(MAKER_ESCROW, escrow);
	take_steps(&st, m.keys[MAKER_AGENCY], SPAN(m.record + m.sign1_n, m.record_n - m.sign1_n));
	fprintf(f, "# made by %s; every key here is public and for tests only\n", hal_crypto_name());
	put(f, "policy_point", SPAN_OF(m.points[MAKER_AUTHORITY]));
	put(f, "unit_point", SPAN_OF(m.points[MAKER_UNIT]));
	put(f, "agency_scalar", SPAN_OF(agency));
	put(f, "escrow_scalar", SPAN_OF(escrow));
	put(f, "agency_dh", SPAN_OF(st.dh));
	put(f, "agency_hpke_key", SPAN_OF(st.secret.key));
	put(f, "agency_hpke_nonce", SPAN_OF(st.secret.nonce));
	put(f, "content_key", SPAN_OF(st.content_key));
	put(f, "picture", SPAN_OF(picture));
	put(f, "policy", SPAN(m.policy_bytes, m.policy_n));
	put(f, "record", SPAN(m.record, m.record_n));
	maker_close(&m);
	return fclose(f) == 0 ? 0 : 1;
}

/* ---- reading ---- */

/* Finds "name hex" and decodes it. */
static size_t
get(FILE *f, const char *name, struct space out)
{
	static char line[2 * MAKER_RECORD_MAX + 64];
	const size_t n = strlen(name);

	rewind(f);
	while (fgets(line, sizeof(line), f) != NULL) {
		size_t bytes = 0;
		unsigned int byte;

		if (strncmp(line, name, n) != 0 || line[n] != ' ')
			continue;
		while (bytes < out.n && sscanf(line + n + 1 + 2 * bytes, "%2x", &byte) == 1)
			out.p[bytes++] = (uint8_t)byte;
		return bytes;
	}
	fail_msg("no line '%s'", name);
	return 0;
}

static void
check_steps(FILE *f, const struct hal_crypto_private *key, struct span body)
{
	uint8_t expected[64];
	struct steps st;

	take_steps(&st, key, body);
	assert_int_equal(get(f, "agency_dh", SPACE_OF(expected)), sizeof(st.dh));
	assert_memory_equal(expected, st.dh, sizeof(st.dh));
	(void)get(f, "agency_hpke_key", SPACE_OF(expected));
	assert_memory_equal(expected, st.secret.key, sizeof(st.secret.key));
	(void)get(f, "agency_hpke_nonce", SPACE_OF(expected));
	assert_memory_equal(expected, st.secret.nonce, sizeof(st.secret.nonce));
	(void)get(f, "content_key", SPACE_OF(expected));
	assert_memory_equal(expected, st.content_key, sizeof(st.content_key));
}

static void
open_fixture(const char *name)
{
	static uint8_t record[MAKER_RECORD_MAX], policy_bytes[POLICY_BYTES_MAX], plain[MAKER_RECORD_MAX];
	uint8_t policy_points[1][CRYPTO_POINT_BYTES], unit[CRYPTO_POINT_BYTES], scalar[CRYPTO_SCALAR_BYTES];
	const char *who[] = {"agency_scalar", "escrow_scalar"};
	struct record_header h;
	struct record_parts parts;
	struct policy p;
	size_t record_n, policy_n;
	char path[512];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "r");
	if (f == NULL)
		fail_msg("cannot open %s", path);
	record_n = get(f, "record", SPACE_OF(record));
	policy_n = get(f, "policy", SPACE_OF(policy_bytes));
	assert_int_equal(get(f, "policy_point", SPACE_OF(policy_points)), CRYPTO_POINT_BYTES);
	assert_int_equal(get(f, "unit_point", SPACE_OF(unit)), CRYPTO_POINT_BYTES);
	assert_int_equal(policy_read(&p, SPAN(policy_bytes, policy_n), (const uint8_t(*)[CRYPTO_POINT_BYTES])policy_points, 1), 0);
	assert_int_equal(record_split(&parts, SPAN(record, record_n)), 0);
	assert_int_equal(record_verify(&parts, unit), 0);
	assert_int_equal(record_header_decode(&h, parts.entry.header), 0);
	assert_memory_equal(h.policy, p.hash, sizeof(h.policy));
	for (size_t i = 0; i < ARRAY_SIZE(who); i++) {
		struct hal_crypto_private *key;
		struct crop c;

		assert_int_equal(get(f, who[i], SPACE_OF(scalar)), sizeof(scalar));
		assert_int_equal(hal_crypto_private_open(&key, scalar), 0);
		if (i == 0)
			check_steps(f, key, parts.body);
		assert_int_equal(body_open(key, parts.entry.header, parts.body, SPACE_OF(plain), &c), 0);
		assert_int_equal(c.n_views, 1);
		assert_int_equal(c.views[0].bytes.n, sizeof(picture));
		assert_memory_equal(c.views[0].bytes.p, picture, sizeof(picture));
		hal_crypto_private_close(key);
	}
	(void)fclose(f);
}

static void
a_record_made_with_openssl_opens(void **state)
{
	(void)state;
	open_fixture("openssl.txt");
}

static void
a_record_of_the_first_profile_opens(void **state)
{
	(void)state;
	open_fixture("profile1.txt");
}

static void
a_record_made_with_mbedtls_opens(void **state)
{
	(void)state;
	open_fixture("mbedtls.txt");
}

static int
set_up(void **state)
{
	(void)state;
	return hal_crypto_open();
}

static int
tear_down(void **state)
{
	(void)state;
	hal_crypto_close();
	return 0;
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_made_with_openssl_opens),
		cmocka_unit_test(a_record_made_with_mbedtls_opens),
		cmocka_unit_test(a_record_of_the_first_profile_opens),
	};

	if (argc == 3 && strcmp(argv[1], "write") == 0)
		return write_fixture(argv[2]);
	if (argc > 1)
		folder = argv[1];
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
