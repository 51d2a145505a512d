/*
 * The fields of a message: what was put is what is taken, and nothing is taken past the end.
 */
#include <errno.h>
#include <string.h>

#include "base/wire.h"
#include "cm.h"

static void
fields_come_back_as_they_were_put(void **state)
{
	uint8_t bytes[128], fixed[3];
	struct wire_writer w;
	struct wire_reader r;
	struct span inner;
	char name[8];
	int64_t n;

	(void)state;
	wire_write(&w, SPACE_OF(bytes));
	wire_put_u8(&w, 0xfe);
	wire_put_u16(&w, 0xfedc);
	wire_put_u32(&w, 0xfedcba98);
	wire_put_u64(&w, 0xfedcba9876543210);
	wire_put_i64(&w, INT64_MIN);
	wire_put_i32(&w, -2);
	wire_put_bytes(&w, SPAN((const uint8_t *)"hello", 5));
	wire_put_fixed(&w, "abc", 3);
	wire_put_name(&w, "a b.jpg", sizeof(name));
	n = wire_done(&w);
	assert_int_equal(n, 1 + 2 + 4 + 8 + 8 + 4 + 4 + 5 + 3 + 8);
	assert_memory_equal(bytes, "\xfe\xfe\xdc\xfe\xdc\xba\x98", 7);

	wire_read(&r, SPAN(bytes, (size_t)n));
	assert_int_equal(wire_u8(&r), 0xfe);
	assert_int_equal(wire_u16(&r), 0xfedc);
	assert_int_equal(wire_u32(&r), 0xfedcba98);
	assert_true(wire_u64(&r) == 0xfedcba9876543210);
	assert_true(wire_i64(&r) == INT64_MIN);
	assert_int_equal(wire_i32(&r), -2);
	inner = wire_bytes(&r, 5);
	assert_int_equal(inner.n, 5);
	assert_memory_equal(inner.p, "hello", 5);
	wire_fixed(&r, fixed, sizeof(fixed));
	assert_memory_equal(fixed, "abc", 3);
	wire_name(&r, name, sizeof(name));
	assert_string_equal(name, "a b.jpg");
	assert_int_equal(wire_end(&r), 0);
}

static void
an_error_sticks_and_reads_as_zero(void **state)
{
	const uint8_t bytes[] = {1, 2, 3};
	uint8_t fixed[2] = {9, 9};
	struct wire_reader r;

	(void)state;
	wire_read(&r, SPAN_OF(bytes));
	assert_int_equal(wire_u32(&r), 0);
	assert_int_equal(wire_u8(&r), 0);
	wire_fixed(&r, fixed, sizeof(fixed));
	assert_int_equal(fixed[0] | fixed[1], 0);
	assert_int_equal(wire_end(&r), -EBADMSG);
}

static void
bytes_left_over_are_an_error(void **state)
{
	const uint8_t bytes[] = {1, 2, 3};
	struct wire_reader r;

	(void)state;
	wire_read(&r, SPAN_OF(bytes));
	assert_int_equal(wire_u16(&r), 0x0102);
	assert_int_equal(wire_end(&r), -EBADMSG);
}

static void
a_length_is_compared_before_it_is_used(void **state)
{
	const uint8_t huge[] = {0xff, 0xff, 0xff, 0xff, 1}, over[] = {0, 0, 0, 2, 1, 2};
	struct wire_reader r;

	(void)state;
	wire_read(&r, SPAN_OF(huge));
	assert_int_equal(wire_bytes(&r, SIZE_MAX).n, 0);
	assert_int_equal(wire_end(&r), -EBADMSG);
	wire_read(&r, SPAN_OF(over));
	assert_int_equal(wire_bytes(&r, 1).n, 0);
	assert_int_equal(wire_end(&r), -EBADMSG);
}

static void
names_hold_no_path_and_no_control_character(void **state)
{
	static const struct {
		char bytes[5];
		int good;
	} rows[] = {
	    {"", 1},    {"abc", 1},  {"\xc3\xa4", 1}, {"abcd", 0} /* no NUL */,
	    {"a/b", 0}, {"a\nb", 0}, {"a\x7f", 0},    {{'a', 0, 'b', 0}, 0} /* something after the NUL */,
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct wire_reader r;
		char name[4];

		wire_read(&r, SPAN((const uint8_t *)rows[i].bytes, 4));
		wire_name(&r, name, sizeof(name));
		assert_int_equal(wire_end(&r), rows[i].good ? 0 : -EBADMSG);
		assert_true(rows[i].good || name[0] == 0);
	}
}

static void
a_full_writer_says_so_once_at_the_end(void **state)
{
	uint8_t bytes[3];
	struct wire_writer w;

	(void)state;
	wire_write(&w, SPACE_OF(bytes));
	wire_put_u16(&w, 1);
	assert_null(wire_put_space(&w, 2));
	wire_put_u8(&w, 1);
	assert_int_equal(wire_done(&w), -ENOSPC);
	wire_write(&w, SPACE(NULL, 0));
	wire_put_bytes(&w, SPAN(NULL, 0));
	assert_int_equal(wire_done(&w), -ENOSPC);
}

int
main(void)
{
	const struct CMUnitTest all[] = {
	    cmocka_unit_test(fields_come_back_as_they_were_put),
	    cmocka_unit_test(an_error_sticks_and_reads_as_zero),
	    cmocka_unit_test(bytes_left_over_are_an_error),
	    cmocka_unit_test(a_length_is_compared_before_it_is_used),
	    cmocka_unit_test(names_hold_no_path_and_no_control_character),
	    cmocka_unit_test(a_full_writer_says_so_once_at_the_end),
	};

	return cmocka_run_group_tests(all, NULL, NULL);
}
