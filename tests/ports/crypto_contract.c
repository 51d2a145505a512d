/*
 * The contract of hal/crypto.h and hal/crypto_private.h, run against the port of the board: what it promises,
 * what it refuses, and the published vectors (argument 1: folder of Wycheproof's files).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/wipe.h"
#include "hal/crypto_private.h"
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

/* ---- what is promised ---- */

static void
opens_again_after_close(void **state)
{
	uint8_t a[32];

	(void)state;
	hal_crypto_close();
	assert_int_equal(hal_crypto_open(), 0);
	assert_int_equal(hal_crypto_random(SPACE_OF(a)), 0);
	print_message("port: %s\n", hal_crypto_name());
}

static void
hash_and_hmac_take_pieces_and_empty_things(void **state)
{
	static const uint8_t abc[] = "abc";
	static const char sha_abc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
	static const char hmac_empty[] = "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad";
	const struct span pieces[] = {SPAN(abc, 1), SPAN(NULL, 0), SPAN(abc + 1, 2)};
	uint8_t out[CRYPTO_HASH_BYTES];

	(void)state;
	assert_int_equal(hal_crypto_sha256(pieces, ARRAY_SIZE(pieces), out), 0);
	assert_memory_equal(out, vectors_hex(sha_abc).p, sizeof(out));
	for (int again = 0; again < 2; again++) {
		assert_int_equal(hal_crypto_hmac(SPAN(NULL, 0), NULL, 0, out), 0);
		assert_memory_equal(out, vectors_hex(hmac_empty).p, sizeof(out));
		assert_int_equal(hal_crypto_hmac(SPAN(abc, 3), pieces, 3, out), 0); /* its key must not linger */
	}
	vectors_forget();
}

static void
gcm_works_in_place_and_wipes_what_it_refuses(void **state)
{
	uint8_t key[CRYPTO_KEY_BYTES] = {1}, nonce[CRYPTO_NONCE_BYTES] = {2}, text[1000 + CRYPTO_TAG_BYTES], back[1000];

	(void)state;
	for (size_t i = 0; i < 1000; i++)
		text[i] = (uint8_t)i;
	assert_int_equal(hal_crypto_gcm_seal(key, nonce, SPAN(key, 5), SPAN(text, 1000), SPACE_OF(text)), 0);
	assert_int_equal(hal_crypto_gcm_open(key, nonce, SPAN(key, 5), SPAN_OF(text), SPACE_OF(back)), 0);
	for (size_t i = 0; i < 1000; i++)
		assert_int_equal(back[i], (uint8_t)i);
	text[999 + CRYPTO_TAG_BYTES] ^= 1;
	assert_int_equal(hal_crypto_gcm_open(key, nonce, SPAN(key, 5), SPAN_OF(text), SPACE_OF(back)), -EBADMSG);
	for (size_t i = 0; i < 1000; i++)
		assert_int_equal(back[i], 0);
	assert_int_equal(hal_crypto_gcm_open(key, nonce, SPAN(NULL, 0), SPAN(text, 15), SPACE(back, 0)), -EBADMSG);
}

/* A key, and the other side as it sees that key. */
static void
open_pair(struct hal_crypto_private **key, struct hal_crypto_peer **peer, const uint8_t scalar[CRYPTO_SCALAR_BYTES],
	  uint8_t point[CRYPTO_POINT_BYTES])
{
	assert_int_equal(hal_crypto_private_open(key, scalar), 0);
	assert_int_equal(hal_crypto_private_point(*key, point), 0);
	assert_int_equal(hal_crypto_peer_open(peer, point), 0);
}

static void
both_sides_of_a_key_agreement_agree(void **state)
{
	uint8_t scalar[CRYPTO_SCALAR_BYTES] = {7, 7, 7}, point[CRYPTO_POINT_BYTES], last[CRYPTO_POINT_BYTES] = {0};
	struct hal_crypto_private *key;
	struct hal_crypto_peer *peer;

	(void)state;
	open_pair(&key, &peer, scalar, point);
	for (int i = 0; i < 20; i++) {
		uint8_t once[CRYPTO_POINT_BYTES], a[CRYPTO_SCALAR_BYTES], b[CRYPTO_SCALAR_BYTES];

		assert_int_equal(hal_crypto_ecdh_once(peer, once, a), 0);
		assert_int_equal(hal_crypto_ecdh(key, once, b), 0);
		assert_memory_equal(a, b, sizeof(a));
		assert_memory_not_equal(once, last, sizeof(last));
		memcpy(last, once, sizeof(last));
	}
	hal_crypto_peer_close(peer);
	hal_crypto_private_close(key);
	hal_crypto_peer_close(NULL);
	hal_crypto_private_close(NULL);
}

static void
signatures_verify_for_their_hash_and_key_alone(void **state)
{
	uint8_t scalar[CRYPTO_SCALAR_BYTES] = {9}, point[CRYPTO_POINT_BYTES], hash[CRYPTO_HASH_BYTES] = {3};
	uint8_t signature[CRYPTO_SIGNATURE_BYTES], other[CRYPTO_POINT_BYTES];
	struct hal_crypto_private *key, *second;

	(void)state;
	assert_int_equal(hal_crypto_private_open(&key, scalar), 0);
	scalar[1] = 1;
	assert_int_equal(hal_crypto_private_open(&second, scalar), 0);
	assert_int_equal(hal_crypto_private_point(key, point), 0);
	assert_int_equal(hal_crypto_private_point(second, other), 0);
	/* Many times: a leading zero in r or s comes once in 128 signatures. */
	for (int i = 0; i < 300; i++) {
		hash[1] = (uint8_t)i;
		assert_int_equal(hal_crypto_sign(key, hash, signature), 0);
		assert_int_equal(hal_crypto_verify(point, hash, signature), 0);
	}
	assert_int_equal(hal_crypto_verify(other, hash, signature), -EBADMSG);
	hash[0] ^= 1;
	assert_int_equal(hal_crypto_verify(point, hash, signature), -EBADMSG);
	memset(signature, 0, sizeof(signature));
	assert_int_equal(hal_crypto_verify(point, hash, signature), -EBADMSG);
	memset(signature, 0xff, sizeof(signature));
	assert_int_equal(hal_crypto_verify(point, hash, signature), -EBADMSG);
	hal_crypto_private_close(key);
	hal_crypto_private_close(second);
}

static void
points_off_the_curve_and_scalars_out_of_range_are_refused(void **state)
{
	static const char order[] = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
	uint8_t point[CRYPTO_POINT_BYTES] = {4, 1}, scalar[CRYPTO_SCALAR_BYTES] = {0}, secret[CRYPTO_SCALAR_BYTES];
	struct hal_crypto_private *key;
	struct hal_crypto_peer *peer;

	(void)state;
	assert_int_equal(hal_crypto_peer_open(&peer, point), -EINVAL);
	assert_int_equal(hal_crypto_verify(point, secret, point), -EINVAL);
	assert_int_equal(hal_crypto_private_open(&key, scalar), -EINVAL);
	assert_int_equal(hal_crypto_private_open(&key, vectors_hex(order).p), -EINVAL);
	scalar[31] = 1;
	assert_int_equal(hal_crypto_private_open(&key, scalar), 0);
	assert_int_equal(hal_crypto_ecdh(key, point, secret), -EINVAL);
	assert_int_equal(hal_crypto_private_point(key, point), 0);
	point[0] = 6; /* hybrid form of a good point */
	assert_int_equal(hal_crypto_peer_open(&peer, point), -EINVAL);
	hal_crypto_private_close(key);
	vectors_forget();
}

/* ---- Wycheproof ---- */

typedef int (*wycheproof_case)(const json_t *group, const json_t *test); /* 1 fits, 0 does not, -1 not for us */

static void
wycheproof(const char *name, wycheproof_case check)
{
	json_t *root = vectors_load(folder, name), *group, *test;
	size_t i, k, done = 0;

	if (root == NULL)
		skip();
	json_array_foreach(json_object_get(root, "testGroups"), i, group) {
		json_array_foreach(json_object_get(group, "tests"), k, test) {
			int fits = check(group, test);

			vectors_forget();
			if (fits == 0)
				fail_msg("%s: test %lld", name, (long long)json_integer_value(json_object_get(test, "tcId")));
			done += fits == 1;
		}
	}
	json_decref(root);
	print_message("%s: %zu cases\n", name, done);
	assert_true(done > 30);
}

static int
is_valid(const json_t *test)
{
	return strcmp(json_string_value(json_object_get(test, "result")), "valid") == 0;
}

static long long
number(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

static int
gcm_case(const json_t *group, const json_t *test)
{
	struct span key = vectors_field(test, "key"), iv = vectors_field(test, "iv"), aad = vectors_field(test, "aad");
	struct span msg = vectors_field(test, "msg"), ct = vectors_field(test, "ct"), tag = vectors_field(test, "tag");
	uint8_t cipher[4096], out[4096];
	int err;

	if (number(group, "keySize") != 256 || number(group, "ivSize") != 96 || number(group, "tagSize") != 128)
		return -1;
	memcpy(cipher, ct.p, ct.n);
	memcpy(cipher + ct.n, tag.p, tag.n);
	err = hal_crypto_gcm_open(key.p, iv.p, aad, SPAN(cipher, ct.n + tag.n), SPACE(out, ct.n));
	if (!is_valid(test))
		return err == -EBADMSG;
	if (err != 0 || memcmp(out, msg.p, msg.n) != 0)
		return 0;
	err = hal_crypto_gcm_seal(key.p, iv.p, aad, msg, SPACE(out, msg.n + tag.n));
	return err == 0 && memcmp(out, cipher, msg.n + tag.n) == 0;
}

static int
ecdh_case(const json_t *group, const json_t *test)
{
	struct span public = vectors_field(test, "public"), private = vectors_field(test, "private");
	struct span shared = vectors_field(test, "shared");
	uint8_t scalar[CRYPTO_SCALAR_BYTES] = {0}, secret[CRYPTO_SCALAR_BYTES];
	struct hal_crypto_private *key;
	int err;

	(void)group;
	if (public.n != CRYPTO_POINT_BYTES || private.n > CRYPTO_SCALAR_BYTES + 1)
		return -1; /* our interface has no place for another length */
	for (size_t i = 0; i < private.n && i < CRYPTO_SCALAR_BYTES; i++)
		scalar[CRYPTO_SCALAR_BYTES - 1 - i] = private.p[private.n - 1 - i];
	if (hal_crypto_private_open(&key, scalar) < 0)
		return 0;
	err = hal_crypto_ecdh(key, public.p, secret);
	hal_crypto_private_close(key);
	if (!is_valid(test))
		return err == -EINVAL;
	return err == 0 && memcmp(secret, shared.p, sizeof(secret)) == 0;
}

static int
ecdsa_case(const json_t *group, const json_t *test)
{
	struct span point = vectors_field(json_object_get(group, "publicKey"), "uncompressed");
	struct span msg = vectors_field(test, "msg"), sig = vectors_field(test, "sig");
	uint8_t hash[CRYPTO_HASH_BYTES];

	if (sig.n != CRYPTO_SIGNATURE_BYTES || point.n != CRYPTO_POINT_BYTES)
		return -1;
	if (hal_crypto_sha256(&msg, 1, hash) < 0)
		return 0;
	return hal_crypto_verify(point.p, hash, sig.p) == (is_valid(test) ? 0 : -EBADMSG);
}

/* HKDF made of the port's HMAC, as record/hpke.c makes it. */
static int
hkdf_case(const json_t *group, const json_t *test)
{
	struct span info = vectors_field(test, "info"), okm = vectors_field(test, "okm"), ikm = vectors_field(test, "ikm");
	uint8_t prk[CRYPTO_HASH_BYTES], block[CRYPTO_HASH_BYTES], i = 0;

	(void)group;
	if (!is_valid(test))
		return -1; /* asks for more than HKDF gives */
	if (hal_crypto_hmac(vectors_field(test, "salt"), &ikm, 1, prk) < 0)
		return 0;
	for (size_t at = 0; at < okm.n; at += sizeof(block)) {
		const struct span pieces[] = {SPAN(block, at == 0 ? 0 : sizeof(block)), info, SPAN(&i, 1)};
		size_t n = okm.n - at < sizeof(block) ? okm.n - at : sizeof(block);

		i++;
		if (hal_crypto_hmac(SPAN_OF(prk), pieces, ARRAY_SIZE(pieces), block) < 0 || memcmp(block, okm.p + at, n) != 0)
			return 0;
	}
	return 1;
}

static void
wycheproof_aes_gcm(void **state)
{
	(void)state;
	wycheproof("wycheproof/aes_gcm_test.json", gcm_case);
}

static void
wycheproof_ecdh(void **state)
{
	(void)state;
	wycheproof("wycheproof/ecdh_secp256r1_ecpoint_test.json", ecdh_case);
}

static void
wycheproof_ecdsa(void **state)
{
	(void)state;
	wycheproof("wycheproof/ecdsa_secp256r1_sha256_p1363_test.json", ecdsa_case);
}

static void
wycheproof_hkdf(void **state)
{
	(void)state;
	wycheproof("wycheproof/hkdf_sha256_test.json", hkdf_case);
}

/* ---- what stays behind ---- */

enum { MASK = 0x5a, WINDOW_BYTES = 1 << 20 };

static int
unmasks_to(const uint8_t *p, const uint8_t masked[CRYPTO_KEY_BYTES])
{
	for (size_t i = 0; i < CRYPTO_KEY_BYTES; i++)
		if ((p[i] ^ MASK) != masked[i])
			return 0;
	return 1;
}

static int
lies_between(int memory, uint8_t *window, unsigned long from, unsigned long to, const uint8_t masked[CRYPTO_KEY_BYTES])
{
	for (ssize_t n = CRYPTO_KEY_BYTES; from < to; from += (unsigned long)n - CRYPTO_KEY_BYTES + 1) {
		n = pread(memory, window, to - from < WINDOW_BYTES ? to - from : WINDOW_BYTES, (off_t)from);
		for (ssize_t i = 0; i + CRYPTO_KEY_BYTES <= n; i++)
			if (unmasks_to(window + i, masked))
				return 1;
		if (n < CRYPTO_KEY_BYTES)
			return 0;
	}
	return 0;
}

/* Looks for a key, known under a mask, in all that this process can write; but not in the sanitizer's terabytes. */
static int
lies_in_memory(const uint8_t masked[CRYPTO_KEY_BYTES])
{
	uint8_t *window = mmap(NULL, WINDOW_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int memory = open("/proc/self/mem", O_RDONLY), found = 0;
	FILE *maps = fopen("/proc/self/maps", "r");
	unsigned long from, to;
	char line[512], may[5];

	assert_true(window != MAP_FAILED && memory >= 0 && maps != NULL);
	while (!found && fgets(line, sizeof(line), maps))
		if (sscanf(line, "%lx-%lx %4s", &from, &to, may) == 3 && may[1] == 'w' && to - from < 1UL << 30 &&
		    from != (unsigned long)(uintptr_t)window)
			found = lies_between(memory, window, from, to, masked);
	assert_int_equal(fclose(maps) | close(memory) | munmap(window, WINDOW_BYTES), 0);
	return found;
}

static void
keys_are_gone_when_a_call_returns(void **state)
{
	static uint8_t key[CRYPTO_KEY_BYTES], masked[CRYPTO_KEY_BYTES], text[100 + CRYPTO_TAG_BYTES], out[CRYPTO_HASH_BYTES];
	static const uint8_t nonce[CRYPTO_NONCE_BYTES];
	const struct span piece = SPAN(text, 100);

	(void)state;
	for (int call = 0; call < 3; call++) {
		assert_int_equal(hal_crypto_random(SPACE_OF(masked)), 0);
		for (size_t i = 0; i < sizeof(key); i++)
			key[i] = masked[i] ^ MASK;
		if (call == 0)
			assert_int_equal(hal_crypto_hmac(SPAN_OF(key), &piece, 1, out), 0);
		else if (call == 1)
			assert_int_equal(hal_crypto_gcm_seal(key, nonce, SPAN(NULL, 0), piece, SPACE_OF(text)), 0);
		else
			assert_int_equal(hal_crypto_gcm_open(key, nonce, SPAN(NULL, 0), SPAN_OF(text), SPACE(text, 100)), -EBADMSG);
		assert_true(lies_in_memory(masked)); /* our own */
		wipe(key, sizeof(key));
		assert_false(lies_in_memory(masked));
	}
}

/* In either order of bytes: the libraries work with numbers, whose lowest byte comes first. */
static void
an_agreed_secret_is_gone_when_its_caller_wipes_it(void **state)
{
	static uint8_t secret[CRYPTO_SCALAR_BYTES], masked[2][CRYPTO_SCALAR_BYTES];
	uint8_t scalar[CRYPTO_SCALAR_BYTES] = {1}, point[CRYPTO_POINT_BYTES];
	struct hal_crypto_private *key;
	struct hal_crypto_peer *peer;

	(void)state;
	open_pair(&key, &peer, scalar, point);
	assert_int_equal(hal_crypto_ecdh_once(peer, point, secret), 0);
	for (size_t i = 0; i < sizeof(secret); i++)
		masked[0][i] = masked[1][sizeof(secret) - 1 - i] = secret[i] ^ MASK;
	assert_true(lies_in_memory(masked[0]));
	wipe(secret, sizeof(secret));
	assert_false(lies_in_memory(masked[0]) || lies_in_memory(masked[1]));
	hal_crypto_peer_close(peer);
	hal_crypto_private_close(key);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens_again_after_close),
		cmocka_unit_test(hash_and_hmac_take_pieces_and_empty_things),
		cmocka_unit_test(gcm_works_in_place_and_wipes_what_it_refuses),
		cmocka_unit_test(both_sides_of_a_key_agreement_agree),
		cmocka_unit_test(signatures_verify_for_their_hash_and_key_alone),
		cmocka_unit_test(points_off_the_curve_and_scalars_out_of_range_are_refused),
		cmocka_unit_test(keys_are_gone_when_a_call_returns),
		cmocka_unit_test(an_agreed_secret_is_gone_when_its_caller_wipes_it),
		cmocka_unit_test(wycheproof_aes_gcm),
		cmocka_unit_test(wycheproof_ecdh),
		cmocka_unit_test(wycheproof_ecdsa),
		cmocka_unit_test(wycheproof_hkdf),
	};

	if (argc > 1)
		folder = argv[1];
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
