/*
 * The key file port takes one encoding and refuses every other.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "hal/keystore.h"
#include "spool_kit.h"

enum { SCALAR_AT = 36, SCALAR_END = 68 };

static int
try_key(struct span bytes)
{
	struct hal_crypto_private *key;
	uint8_t point[CRYPTO_POINT_BYTES];
	int fd = kit_file(bytes);
	int err = hal_keystore_open(&key, fd);

	if (err == 0) {
		/* Again, from wherever the first reader left the file. */
		hal_crypto_private_close(key);
		assert_int_equal(hal_keystore_open(&key, fd), 0);
		assert_int_equal(hal_crypto_private_point(key, point), 0);
		assert_memory_equal(point, kit_point, sizeof(point));
		hal_crypto_private_close(key);
	} else {
		assert_null(key);
	}
	(void)close(fd);
	return err;
}

static void
the_key_is_read_and_read_again(void **state)
{
	uint8_t der[KIT_KEY_BYTES];

	(void)state;
	kit_key(der);
	assert_int_equal(try_key(SPAN_OF(der)), 0);
}

static void
every_other_length_is_refused(void **state)
{
	uint8_t der[KIT_KEY_BYTES + 1] = {0};

	(void)state;
	kit_key(der);
	for (size_t n = 0; n < KIT_KEY_BYTES; n++)
		assert_int_equal(try_key(SPAN(der, n)), -EBADMSG);
	assert_int_equal(try_key(SPAN_OF(der)), -EBADMSG);
}

static void
every_flipped_bit_is_refused(void **state)
{
	uint8_t der[KIT_KEY_BYTES];

	(void)state;
	kit_key(der);
	for (size_t i = 0; i < sizeof(der); i++) {
		/* In the scalar, too: the point beside it no longer fits. */
		for (int bit = 0; bit < (i >= SCALAR_AT && i < SCALAR_END ? 1 : 8); bit++) {
			der[i] ^= (uint8_t)(1 << bit);
			assert_int_equal(try_key(SPAN_OF(der)), -EBADMSG);
			der[i] ^= (uint8_t)(1 << bit);
		}
	}
}

static void
scalars_that_are_none_are_refused(void **state)
{
	uint8_t der[KIT_KEY_BYTES];

	(void)state;
	kit_key(der);
	memset(der + SCALAR_AT, 0, SCALAR_END - SCALAR_AT);
	assert_int_equal(try_key(SPAN_OF(der)), -EBADMSG);
	memset(der + SCALAR_AT, 0xff, SCALAR_END - SCALAR_AT);
	assert_int_equal(try_key(SPAN_OF(der)), -EBADMSG);
}

static void
a_closed_descriptor_is_an_error_of_its_own(void **state)
{
	struct hal_crypto_private *key;

	(void)state;
	assert_int_equal(hal_keystore_open(&key, -1), -EBADF);
	assert_null(key);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_key_is_read_and_read_again),
	    cmocka_unit_test(every_other_length_is_refused),
	    cmocka_unit_test(every_flipped_bit_is_refused),
	    cmocka_unit_test(scalars_that_are_none_are_refused),
	    cmocka_unit_test(a_closed_descriptor_is_an_error_of_its_own),
	};

	kit_begin();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
