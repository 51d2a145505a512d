/*
 * HPKE and COSE-HPKE against published vectors. The few that concern our suite are kept
 * in vectors/ (argument 1), so that they run everywhere.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>

#include "hal/crypto_private.h"
#include "record/cbor.h"
#include "record/cose.h"
#include "record/recipient.h"
#include "vectors.h"

static const char *folder = "";

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

/* From a private key of either side and the other's point to the first key, by RFC 9180's numbers. */
static void
check_rfc9180(const json_t *v)
{
	struct span enc = vectors_field(v, "enc"), recipient = vectors_field(v, "pkRm");
	const char *sides[] = {"skRm", "skEm"};
	const struct span others[] = {enc, recipient};
	uint8_t dh[CRYPTO_SCALAR_BYTES], schedule[HPKE_SCHEDULE_BYTES], out[64];
	const json_t *first = json_array_get(json_object_get(v, "encryptions"), 0);
	struct span ct = vectors_field(first, "ct"), pt = vectors_field(first, "pt");
	struct hpke_secret secret;

	assert_int_equal(hpke_schedule(vectors_field(v, "info"), schedule), 0);
	assert_memory_equal(schedule, vectors_field(v, "key_schedule_context").p, sizeof(schedule));
	for (int side = 0; side < 2; side++) {
		struct hal_crypto_private *key;

		assert_int_equal(hal_crypto_private_open(&key, vectors_field(v, sides[side]).p), 0);
		assert_int_equal(hal_crypto_ecdh(key, others[side].p, dh), 0);
		hal_crypto_private_close(key);
		assert_int_equal(hpke_derive(&secret, dh, enc.p, recipient.p, schedule), 0);
		assert_memory_equal(secret.key, vectors_field(v, "key").p, sizeof(secret.key));
		assert_memory_equal(secret.nonce, vectors_field(v, "base_nonce").p, sizeof(secret.nonce));
	}
	assert_int_equal(hal_crypto_gcm_open(secret.key, secret.nonce, vectors_field(first, "aad"), ct, SPACE(out, pt.n)), 0);
	assert_memory_equal(out, pt.p, pt.n);
	vectors_forget();
}

static void
rfc9180_base_mode_vector_of_our_suite(void **state)
{
	json_t *root = vectors_load(folder, "hpke-rfc9180-p256.json");

	(void)state;
	if (root == NULL)
		skip();
	assert_int_equal(json_array_size(root), 1);
	check_rfc9180(json_array_get(root, 0));
	json_decref(root);
}

/* {1: alg, ...}: finds the d of the draft's COSE_Key, whose last pair it is, and its point. */
static struct hal_crypto_private *
draft_key(const json_t *root, uint8_t point[CRYPTO_POINT_BYTES])
{
	struct span cose_key = vectors_field(root, "key");
	struct hal_crypto_private *key;

	assert_true(cose_key.n > CRYPTO_SCALAR_BYTES);
	assert_int_equal(hal_crypto_private_open(&key, cose_key.p + cose_key.n - CRYPTO_SCALAR_BYTES), 0);
	assert_int_equal(hal_crypto_private_point(key, point), 0);
	return key;
}

static void
check_draft(const json_t *v, const struct hal_crypto_private *key, const uint8_t point[CRYPTO_POINT_BYTES])
{
	struct span extra = vectors_field(v, "extra_info"), protected_header, enc, wrapped;
	uint8_t dh[CRYPTO_SCALAR_BYTES], schedule[HPKE_SCHEDULE_BYTES], content_key[CRYPTO_KEY_BYTES];
	struct hpke_secret secret;
	struct cbor_reader r;

	cbor_read(&r, vectors_field(v, "message"));
	cbor_tag(&r, COSE_TAG_ENCRYPT);
	assert_int_equal(cbor_array(&r, 4), 4);
	assert_int_equal(cbor_bytes(&r, 3).n, BODY_PROTECTED_BYTES);
	cbor_map(&r, 1);
	cbor_key(&r, COSE_HEADER_IV);
	(void)cbor_bytes(&r, 32); /* the draft's example has an IV of 32 bytes; ours have twelve */
	(void)cbor_bytes(&r, 100);
	assert_int_equal(cbor_array(&r, 1), 1);
	assert_int_equal(cbor_array(&r, 3), 3);
	protected_header = cbor_bytes(&r, 100);
	cbor_map(&r, 1);
	assert_int_equal(cbor_int(&r), COSE_HEADER_EK);
	enc = cbor_bytes(&r, CRYPTO_POINT_BYTES);
	wrapped = cbor_bytes(&r, RECIPIENT_WRAPPED_BYTES);
	assert_int_equal(cbor_end(&r), 0);
	assert_int_equal(wrapped.n, RECIPIENT_WRAPPED_BYTES);

	assert_int_equal(recipient_schedule(protected_header, extra, schedule), 0);
	assert_int_equal(hal_crypto_ecdh(key, enc.p, dh), 0);
	assert_int_equal(hpke_derive(&secret, dh, enc.p, point, schedule), 0);
	if (hal_crypto_gcm_open(secret.key, secret.nonce, vectors_field(v, "hpke_aad"), wrapped, SPACE_OF(content_key)) != 0)
		fail_msg("does not unwrap: %s", json_string_value(json_object_get(v, "name")));
	vectors_forget();
}

static void
cose_hpke_draft_vectors_of_our_suite_unwrap(void **state)
{
	json_t *root = vectors_load(folder, "cose-hpke-7-ke.json"), *v;
	uint8_t point[CRYPTO_POINT_BYTES];
	struct hal_crypto_private *key;
	size_t i;

	(void)state;
	if (root == NULL)
		skip();
	key = draft_key(root, point);
	json_array_foreach(json_object_get(root, "vectors"), i, v)
		check_draft(v, key, point);
	assert_int_equal(i, 8);
	hal_crypto_private_close(key);
	json_decref(root);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rfc9180_base_mode_vector_of_our_suite),
		cmocka_unit_test(cose_hpke_draft_vectors_of_our_suite_unwrap),
	};

	if (argc > 1)
		folder = argv[1];
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
