/*
 * Opens a body. Nothing is decrypted before this key was found among the recipients
 * and the content key fits the commitment in the signed header, so two recipients can
 * never be shown two different pictures.
 */
#include <errno.h>
#include <string.h>

#include "base/wipe.h"
#include "record/cbor.h"
#include "record/cose.h"
#include "record/open.h"
#include "record/plain.h"
#include "record/recipient.h"

/* One body taken apart, and the recipient in it that is us. */
struct parts {
	uint8_t nonce[CRYPTO_NONCE_BYTES];
	struct span text;
	struct span protected_header, wrapped; /* of our recipient; empty when there is none */
	const uint8_t *enc;
};

static void
take_recipient(struct parts *b, struct cbor_reader *r, const uint8_t *expected)
{
	struct span protected_header, enc, wrapped;

	cbor_require(r, cbor_array(r, 3) == 3);
	protected_header = cbor_bytes(r, RECIPIENT_PROTECTED_BYTES);
	cbor_require(r, protected_header.n == RECIPIENT_PROTECTED_BYTES);
	cbor_map(r, 1);
	cbor_require(r, cbor_int(r) == COSE_HEADER_EK);
	enc = cbor_bytes(r, CRYPTO_POINT_BYTES);
	cbor_require(r, enc.n == CRYPTO_POINT_BYTES);
	wrapped = cbor_bytes(r, RECIPIENT_WRAPPED_BYTES);
	cbor_require(r, wrapped.n == RECIPIENT_WRAPPED_BYTES);
	if (r->bad || memcmp(protected_header.p, expected, RECIPIENT_PROTECTED_BYTES) != 0)
		return;
	cbor_require(r, b->enc == NULL); /* the same recipient twice: which one would it be? */
	b->protected_header = protected_header;
	b->enc = enc.p;
	b->wrapped = wrapped;
}

/* 0, -EBADMSG, or -ENOKEY when none of the recipients has the expected protected header. */
static int
take_apart(struct parts *b, struct span body, const uint8_t *expected)
{
	struct span protected_header;
	struct cbor_reader r;
	size_t n;

	memset(b, 0, sizeof(*b));
	cbor_read(&r, body);
	cbor_tag(&r, COSE_TAG_ENCRYPT);
	cbor_require(&r, cbor_array(&r, 4) == 4);
	protected_header = cbor_bytes(&r, BODY_PROTECTED_BYTES);
	cbor_require(&r, protected_header.n == BODY_PROTECTED_BYTES &&
				 memcmp(protected_header.p, body_protected, BODY_PROTECTED_BYTES) == 0);
	cbor_map(&r, 1);
	cbor_key(&r, COSE_HEADER_IV);
	cbor_fixed(&r, b->nonce, sizeof(b->nonce));
	b->text = cbor_bytes(&r, SIZE_MAX);
	cbor_require(&r, b->text.n >= CRYPTO_TAG_BYTES);
	n = cbor_array(&r, POLICY_RECIPIENTS_MAX);
	for (size_t i = 0; i < n; i++)
		take_recipient(b, &r, expected);
	if (cbor_end(&r) < 0)
		return -EBADMSG;
	return b->enc == NULL ? -ENOKEY : 0;
}

static int
unwrap(const struct hal_crypto_private *key, const uint8_t point[CRYPTO_POINT_BYTES], const struct parts *b,
       uint8_t content_key[CRYPTO_KEY_BYTES])
{
	uint8_t dh[CRYPTO_SCALAR_BYTES], schedule[HPKE_SCHEDULE_BYTES];
	struct hpke_secret secret;
	int err;

	err = recipient_schedule(b->protected_header, SPAN(NULL, 0), schedule);
	if (err == 0)
		err = hal_crypto_ecdh(key, b->enc, dh);
	if (err == 0)
		err = hpke_derive(&secret, dh, b->enc, point, schedule);
	if (err == 0)
		err = hal_crypto_gcm_open(secret.key, secret.nonce, SPAN(NULL, 0), b->wrapped,
					  SPACE(content_key, CRYPTO_KEY_BYTES));
	wipe(dh, sizeof(dh));
	wipe(&secret, sizeof(secret));
	return err;
}

static int
content_key_fits(const uint8_t content_key[CRYPTO_KEY_BYTES], const struct record_header *h)
{
	uint8_t commitment[CRYPTO_HASH_BYTES];
	int err = recipient_commitment(content_key, commitment);

	if (err < 0)
		return err;
	return same_bytes(commitment, h->commitment, sizeof(commitment)) ? 0 : -EBADMSG;
}

static int
decrypt(const uint8_t content_key[CRYPTO_KEY_BYTES], const struct parts *b, struct span header, struct space plain,
	struct crop *c)
{
	const size_t n = b->text.n - CRYPTO_TAG_BYTES;
	uint8_t aad[BODY_ENC_STRUCTURE_MAX];
	int64_t aad_bytes;
	int err;

	aad_bytes = cose_enc_structure(SPAN_OF(body_protected), header, SPACE_OF(aad));
	if (aad_bytes < 0)
		return -EBADMSG;
	err = hal_crypto_gcm_open(content_key, b->nonce, SPAN(aad, (size_t)aad_bytes), b->text, SPACE(plain.p, n));
	return err < 0 ? err : plain_read(c, SPAN(plain.p, n));
}

int
body_open(const struct hal_crypto_private *key, struct span header, struct span body, struct space plain, struct crop *c)
{
	uint8_t point[CRYPTO_POINT_BYTES], key_id[RECORD_KEY_ID_BYTES], expected[RECIPIENT_PROTECTED_BYTES];
	uint8_t content_key[CRYPTO_KEY_BYTES];
	struct record_header h;
	struct parts b;
	int err;

	CHECK(plain.n >= body.n);
	memset(c, 0, sizeof(*c));
	err = record_header_decode(&h, header);
	if (err == 0)
		err = hal_crypto_private_point(key, point);
	if (err == 0)
		err = record_key_id(point, key_id);
	if (err < 0)
		return err;
	recipient_protected(key_id, expected);
	err = take_apart(&b, body, expected);
	if (err == 0)
		err = unwrap(key, point, &b, content_key);
	if (err == 0)
		err = content_key_fits(content_key, &h);
	if (err == 0)
		err = decrypt(content_key, &b, header, plain, c);
	/* What the header says in the clear must be what is inside. */
	if (err == 0 && (c->passage != h.passage || c->source != h.source))
		err = -EBADMSG;
	wipe(content_key, sizeof(content_key));
	if (err < 0) {
		wipe(plain.p, plain.n);
		memset(c, 0, sizeof(*c));
	}
	return err == -EINVAL ? -EBADMSG : err;
}
