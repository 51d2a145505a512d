/*
 * The doors below the seal: sealed and parcel.
 */
#include <errno.h>

#include "doors/parcel/parcel.h"
#include "doors/sealed/sealed.h"
#include "door.h"

static uint8_t large[PARCEL_RECORD_MAX + 1], into[PARCEL_MESSAGE_MAX + 1];

static int
sealed_again(struct span bytes, struct space again, int64_t *n)
{
	struct sealed s;
	int err = sealed_decode(&s, bytes);

	if (err < 0)
		return err;
	assert_in_range(s.header.n, 1, SEALED_HEADER_MAX);
	assert_in_range(s.body.n, 1, SEALED_BODY_MAX);
	assert_true(s.header.p > bytes.p && s.body.p + s.body.n == bytes.p + bytes.n);
	*n = sealed_encode(&s, again);
	return 0;
}

static int
sealed_ack_again(struct span bytes, struct space again, int64_t *n)
{
	struct sealed_ack a;
	int err = sealed_ack_decode(&a, bytes);

	if (err < 0)
		return err;
	assert_in_range(a.answer, SEALED_STORED, SEALED_FULL);
	*n = sealed_ack_encode(&a, again);
	return 0;
}

static int
parcel_again(struct span bytes, struct space again, int64_t *n)
{
	struct parcel p;
	int err = parcel_decode(&p, bytes);

	if (err < 0)
		return err;
	assert_true(p.sequence > 0);
	assert_in_range(p.record.n, 1, PARCEL_RECORD_MAX);
	*n = parcel_encode(&p, again);
	return 0;
}

static int
receipt_again(struct span bytes, struct space again, int64_t *n)
{
	struct parcel_receipt r;
	int err = parcel_receipt_decode(&r, bytes);

	if (err < 0)
		return err;
	assert_in_range(r.answer, PARCEL_DELIVERED, PARCEL_FAILED);
	*n = parcel_receipt_encode(&r, again);
	return 0;
}

static void
a_sealed_body_is_whole_or_refused(void **state)
{
	const struct sealed s = {.passage = 5, .header = SPAN(large, 20), .body = SPAN(large, 30)};
	uint8_t bytes[128];
	int64_t n = sealed_encode(&s, SPACE_OF(bytes));

	(void)state;
	assert_int_equal(n, 8 + 4 + 20 + 4 + 30);
	door_test(sealed_again, bytes, (size_t)n);
	assert_int_equal(sealed_encode(&s, SPACE(bytes, (size_t)n - 1)), -ENOSPC);
}

static void
a_sealed_answer_is_whole_or_refused(void **state)
{
	const struct sealed_ack a = {.passage = 5, .answer = SEALED_FULL};
	uint8_t bytes[SEALED_ACK_BYTES];

	(void)state;
	assert_int_equal(sealed_ack_encode(&a, SPACE_OF(bytes)), sizeof(bytes));
	door_test(sealed_ack_again, bytes, sizeof(bytes));
}

static void
a_parcel_is_whole_or_refused(void **state)
{
	const struct parcel p = {.boot = 7, .sequence = 1, .record = SPAN(large, 40)};
	uint8_t bytes[128];
	int64_t n = parcel_encode(&p, SPACE_OF(bytes));

	(void)state;
	assert_int_equal(n, 4 + 8 + 4 + 40);
	door_test(parcel_again, bytes, (size_t)n);
}

static void
a_receipt_is_whole_or_refused(void **state)
{
	const struct parcel_receipt r = {.boot = 7, .sequence = 1, .answer = PARCEL_FAILED};
	uint8_t bytes[PARCEL_RECEIPT_BYTES];

	(void)state;
	assert_int_equal(parcel_receipt_encode(&r, SPACE_OF(bytes)), sizeof(bytes));
	door_test(receipt_again, bytes, sizeof(bytes));
}

/* The largest of each fits the buffer that the header promises, and one byte more is refused. */
static void
the_largest_message_fits(void **state)
{
	const struct sealed s = {.header = SPAN(large, SEALED_HEADER_MAX),
				 .body = SPAN(large, SEALED_BODY_MAX)};
	const struct parcel p = {.sequence = 1, .record = SPAN(large, PARCEL_RECORD_MAX)};
	struct parcel back;
	int64_t n;

	(void)state;
	n = sealed_encode(&s, SPACE(into, SEALED_MESSAGE_MAX));
	assert_true(n > 0);
	assert_int_equal(door_holds(sealed_again, into, (size_t)n), 0);
	n = parcel_encode(&p, SPACE(into, PARCEL_MESSAGE_MAX));
	assert_true(n > 0);
	assert_int_equal(door_holds(parcel_again, into, (size_t)n), 0);
	for (size_t i = 0, over = PARCEL_RECORD_MAX + 1; i < 4; i++)
		into[12 + i] = (uint8_t)(over >> (24 - 8 * i));
	assert_int_equal(parcel_decode(&back, SPAN(into, (size_t)n + 1)), -EBADMSG);
}

int
main(void)
{
	const struct CMUnitTest all[] = {
	    cmocka_unit_test(a_sealed_body_is_whole_or_refused),
	    cmocka_unit_test(a_sealed_answer_is_whole_or_refused),
	    cmocka_unit_test(a_parcel_is_whole_or_refused),
	    cmocka_unit_test(a_receipt_is_whole_or_refused),
	    cmocka_unit_test(the_largest_message_fits),
	};

	return cmocka_run_group_tests(all, NULL, NULL);
}
