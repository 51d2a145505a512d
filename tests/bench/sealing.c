/*
 * What sealing a passage costs, beside what its primitives cost in the same run: AES-GCM and SHA-256 over
 * the padded length, an ephemeral key agreement for each recipient, one signature. Turns are interleaved,
 * so that a slow moment of the machine hits both sides, and medians are compared.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../ports/maker.h"
#include "base/clock.h"
#include "record/plain.h"

enum { TURNS = 401, PICTURE_BYTES = 99800, BODY_BYTES = 160000 };

static struct maker m;
static uint8_t picture[PICTURE_BYTES], body[BODY_BYTES], scratch[BODY_BYTES];
static _Alignas(16) uint8_t work[8192];

static int
by_value(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
median(double *v)
{
	qsort(v, TURNS, sizeof(v[0]), by_value);
	return v[TURNS / 2];
}

/* What seal and spool do for one passage. Returns the whole record's length. */
static size_t
seal_and_sign(struct body_sealer *s, const uint8_t id[RECORD_KEY_ID_BYTES])
{
	struct record_entry e = {.kind = ENTRY_PASSAGE, .unit = "demo-lane-2", .boot = 3, .sequence = 1001, .clock = CLOCK_SYNCED};
	struct record_header h = {.unit = "demo-lane-2", .coarse_time_s = 1789999200};
	uint8_t header[RECORD_HEADER_MAX], sign1[RECORD_SIGN1_MAX];
	size_t header_n, body_n;
	int64_t n;

	CHECK(body_seal(s, &m.crop, &h, SPACE_OF(header), &header_n, SPACE_OF(body), &body_n) == 0);
	e.header = SPAN(header, header_n);
	e.body_bytes = body_n;
	CHECK(hal_crypto_sha256(&SPAN(body, body_n), 1, e.body_hash) == 0);
	n = record_entry_sign(&e, id, maker_sign, m.keys[MAKER_UNIT], SPACE_OF(sign1));
	CHECK(n > 0);
	return (size_t)n + body_n;
}

struct primitives {
	double gcm[TURNS], hash[TURNS], ecdh[TURNS], sign[TURNS], all[TURNS];
};

static void
time_primitives(struct primitives *p, int turn, size_t padded, struct hal_crypto_peer *const peers[2])
{
	uint8_t key[CRYPTO_KEY_BYTES] = {1}, nonce[CRYPTO_NONCE_BYTES] = {2}, point[CRYPTO_POINT_BYTES];
	uint8_t out[CRYPTO_SIGNATURE_BYTES], hash[CRYPTO_HASH_BYTES] = {0};
	int64_t t0 = clock_us(CLOCK_MONOTONIC), t1, t2, t3, t4;

	CHECK(hal_crypto_gcm_seal(key, nonce, SPAN(NULL, 0), SPAN(scratch, padded), SPACE(scratch, padded + CRYPTO_TAG_BYTES)) == 0);
	t1 = clock_us(CLOCK_MONOTONIC);
	CHECK(hal_crypto_sha256(&SPAN(scratch, padded), 1, hash) == 0);
	t2 = clock_us(CLOCK_MONOTONIC);
	for (int i = 0; i < 2; i++)
		CHECK(hal_crypto_ecdh_once(peers[i], point, out) == 0);
	t3 = clock_us(CLOCK_MONOTONIC);
	CHECK(hal_crypto_sign(m.keys[MAKER_UNIT], hash, out) == 0);
	t4 = clock_us(CLOCK_MONOTONIC);
	p->gcm[turn] = (double)(t1 - t0);
	p->hash[turn] = (double)(t2 - t1);
	p->ecdh[turn] = (double)(t3 - t2);
	p->sign[turn] = (double)(t4 - t3);
	p->all[turn] = (double)(t4 - t0);
}

int
main(void)
{
	static struct primitives p;
	static double whole[TURNS];
	struct hal_crypto_peer *peers[2];
	uint8_t id[RECORD_KEY_ID_BYTES];
	struct body_sealer *s;
	size_t padded, record_n = 0;
	double sealing, floor_us;

	maker_open(&m, SPAN(picture, 100));
	m.crop.views[0].bytes = SPAN_OF(picture);
	padded = body_padded_bytes(plain_bytes(&m.crop));
	CHECK(record_key_id(m.points[MAKER_UNIT], id) == 0);
	CHECK(body_sealer_open(&s, SPACE_OF(work), &m.policy) == 0);
	for (int i = 0; i < 2; i++)
		CHECK(hal_crypto_peer_open(&peers[i], m.points[MAKER_AGENCY + i]) == 0);
	for (int turn = 0; turn < TURNS; turn++) {
		int64_t began_us = clock_us(CLOCK_MONOTONIC);

		record_n = seal_and_sign(s, id);
		whole[turn] = (double)(clock_us(CLOCK_MONOTONIC) - began_us);
		time_primitives(&p, turn, padded, peers);
	}
	sealing = median(whole);
	floor_us = median(p.all);
	printf("%s; %zu bytes padded to %zu, 2 recipients, medians of %d\n", hal_crypto_name(), plain_bytes(&m.crop), padded, TURNS);
	printf("seal + sign     %8.0f us\n", sealing);
	printf("primitives      %8.0f us  (GCM %.0f, SHA-256 %.0f, 2 x ECDH %.0f, sign %.0f)\n", floor_us, median(p.gcm),
	       median(p.hash), median(p.ecdh), median(p.sign));
	printf("ratio           %8.2f     (target 1.50)\n", sealing / floor_us);
	printf("record overhead %8zu bytes over the padded plaintext\n", record_n - padded);
	for (int i = 0; i < 2; i++)
		hal_crypto_peer_close(peers[i]);
	body_sealer_close(s);
	maker_close(&m);
	return 0;
}
