/*
 * Makes throw-away keys, a policy and a record for tests, with the crypto port the test is linked with.
 */
#include <string.h>

#include "maker.h"

void
maker_scalar(enum maker_key which, uint8_t scalar[CRYPTO_SCALAR_BYTES])
{
	char seed[] = "laneseal test key 0";
	const struct span piece = SPAN((const uint8_t *)seed, sizeof(seed) - 1);

	seed[sizeof(seed) - 2] = (char)('0' + which);
	CHECK(hal_crypto_sha256(&piece, 1, scalar) == 0);
}

int
maker_sign(void *key, const uint8_t hash[CRYPTO_HASH_BYTES], uint8_t signature[CRYPTO_SIGNATURE_BYTES])
{
	return hal_crypto_sign(key, hash, signature);
}

void
maker_policy(const struct maker *m, struct policy *p)
{
	*p = (struct policy){
		.version = 7,
		.not_before_s = 1700000000,
		.not_after_s = 2000000000,
		.suite = 1,
		.n_recipients = 2,
		.recipients = {{.role = "agency"}, {.role = "escrow"}},
		.n_required = 2,
		.required = {"agency", "escrow"},
		.margin_x_permille = 100,
		.margin_y_permille = 250,
		.share_max_permille = 100,
		.views_max = 3,
		.retention_days = 30,
		.heartbeat_s = 600,
		.clock_error_max_ms = 1000,
		.n_collectors = 1,
		.collectors = {"https://collector.example/records"},
	};
	memcpy(p->recipients[0].point, m->points[MAKER_AGENCY], CRYPTO_POINT_BYTES);
	memcpy(p->recipients[1].point, m->points[MAKER_ESCROW], CRYPTO_POINT_BYTES);
	memset(p->collector_anchor, 0xca, sizeof(p->collector_anchor));
}

int64_t
maker_write_policy(const struct maker *m, const struct policy *p, struct space into)
{
	return policy_write(p, into, maker_sign, m->keys[MAKER_AUTHORITY]);
}

static void
make_crop(struct crop *c, struct span picture)
{
	*c = (struct crop){
		.passage = 42,
		.source = 3,
		.direction = CROP_APPROACHING,
		.lane = 2,
		.frame_width_px = 1280,
		.frame_height_px = 720,
		.frames_seen = 21,
		.first_utc_us = 1790000000100000,
		.last_utc_us = 1790000000800000,
		.n_views = 1,
	};
	c->views[0] = (struct crop_view){
		.plate = {600, 400, 120, 30},
		.crop = {588, 392, 144, 46},
		.utc_us = 1790000000500000,
		.score_permille = 930,
		.sharpness_milli = 151000,
		.exposure_us = 500,
		.encoding = CROP_PNG,
		.name = "lane-0001.png",
		.bytes = picture,
	};
}

static void
make_header(const struct maker *m, struct record_header *h)
{
	*h = (struct record_header){.unit = "demo-lane-2", .coarse_time_s = 1790000000 / RECORD_COARSE_TIME_S * RECORD_COARSE_TIME_S};
	memcpy(h->policy, m->policy.hash, sizeof(h->policy));
	memset(h->firmware, 0xf1, sizeof(h->firmware));
}

void
maker_record(struct maker *m, struct span picture)
{
	static _Alignas(16) uint8_t work[8192];
	uint8_t header_bytes[RECORD_HEADER_MAX], body[MAKER_RECORD_MAX], id[RECORD_KEY_ID_BYTES];
	struct record_entry e = {.kind = ENTRY_PASSAGE, .unit = "demo-lane-2", .boot = 3, .sequence = 1001, .clock = CLOCK_SYNCED,
				 .clock_error_ms = 12, .clock_source = CLOCK_SOURCE_DAEMON};
	struct record_header h;
	struct body_sealer *s;
	size_t header_n, body_n;
	int64_t n;

	make_crop(&m->crop, picture);
	make_header(m, &h);
	CHECK(body_sealer_bytes() <= sizeof(work));
	CHECK(body_sealer_open(&s, SPACE_OF(work), &m->policy) == 0);
	CHECK(body_seal(s, &m->crop, &h, SPACE_OF(header_bytes), &header_n, SPACE_OF(body), &body_n) == 0);
	body_sealer_close(s);
	e.header = SPAN(header_bytes, header_n);
	e.body_bytes = body_n;
	CHECK(hal_crypto_sha256(&SPAN(body, body_n), 1, e.body_hash) == 0);
	memset(e.previous, 0x9e, sizeof(e.previous));
	CHECK(record_key_id(m->points[MAKER_UNIT], id) == 0);
	n = record_entry_sign(&e, id, maker_sign, m->keys[MAKER_UNIT], SPACE_OF(m->record));
	CHECK(n > 0 && (size_t)n + body_n <= sizeof(m->record));
	memcpy(m->record + n, body, body_n);
	m->sign1_n = (size_t)n;
	m->record_n = (size_t)n + body_n;
}

void
maker_open(struct maker *m, struct span picture)
{
	const uint8_t(*authority)[CRYPTO_POINT_BYTES] = &m->points[MAKER_AUTHORITY];
	uint8_t scalar[CRYPTO_SCALAR_BYTES];
	struct policy p;
	int64_t n;

	memset(m, 0, sizeof(*m));
	CHECK(hal_crypto_open() == 0);
	for (int i = 0; i < MAKER_KEYS; i++) {
		maker_scalar((enum maker_key)i, scalar);
		CHECK(hal_crypto_private_open(&m->keys[i], scalar) == 0);
		CHECK(hal_crypto_private_point(m->keys[i], m->points[i]) == 0);
	}
	maker_policy(m, &p);
	n = maker_write_policy(m, &p, SPACE_OF(m->policy_bytes));
	CHECK(n > 0);
	m->policy_n = (size_t)n;
	CHECK(policy_read(&m->policy, SPAN(m->policy_bytes, m->policy_n), authority, 1) == 0);
	maker_record(m, picture);
}

void
maker_close(struct maker *m)
{
	for (int i = 0; i < MAKER_KEYS; i++)
		hal_crypto_private_close(m->keys[i]);
	hal_crypto_close();
}
