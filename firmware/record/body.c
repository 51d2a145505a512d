/*
 * Makes the body. The plaintext is written where its ciphertext will stand and is
 * encrypted in place, so there is one copy of it here, in memory that the caller
 * lent, and none when the function is done.
 */
#include <errno.h>
#include <string.h>

#include "base/wipe.h"
#include "record/body.h"
#include "record/cbor.h"
#include "record/cose.h"
#include "record/plain.h"
#include "record/recipient.h"

enum { PADDING_FLOOR_BYTES = 4096 };

struct sealer_recipient {
	struct hal_crypto_peer *peer;
	uint8_t point[CRYPTO_POINT_BYTES];
	uint8_t protected_header[RECIPIENT_PROTECTED_BYTES];
	uint8_t schedule[HPKE_SCHEDULE_BYTES];
};

struct body_sealer {
	uint32_t n_recipients;
	struct sealer_recipient recipients[POLICY_RECIPIENTS_MAX];
};

size_t
body_sealer_bytes(void)
{
	return sizeof(struct body_sealer);
}

int
body_sealer_open(struct body_sealer **s, struct space work, const struct policy *p)
{
	struct body_sealer *made = (struct body_sealer *)(void *)work.p;
	int err = 0;

	CHECK(work.n >= sizeof(*made) && (uintptr_t)work.p % _Alignof(struct body_sealer) == 0);
	CHECK(p->n_recipients <= POLICY_RECIPIENTS_MAX);
	*s = NULL;
	memset(made, 0, sizeof(*made));
	for (uint32_t i = 0; i < p->n_recipients && err == 0; i++) {
		struct sealer_recipient *r = &made->recipients[i];

		memcpy(r->point, p->recipients[i].point, sizeof(r->point));
		recipient_protected(p->recipients[i].key_id, r->protected_header);
		err = recipient_schedule(SPAN_OF(r->protected_header), SPAN(NULL, 0), r->schedule);
		if (err == 0)
			err = hal_crypto_peer_open(&r->peer, r->point);
		if (err == 0)
			made->n_recipients++;
	}
	if (err < 0) {
		body_sealer_close(made);
		return err;
	}
	*s = made;
	return 0;
}

void
body_sealer_close(struct body_sealer *s)
{
	if (s == NULL)
		return;
	for (uint32_t i = 0; i < s->n_recipients; i++)
		hal_crypto_peer_close(s->recipients[i].peer);
	wipe(s, sizeof(*s));
}

/* Padme: as many low bits are cleared, upwards, as the length's own length in bits leaves over. At most 12 % more. */
size_t
body_padded_bytes(size_t plain_bytes)
{
	unsigned int e, s;
	size_t mask;

	if (plain_bytes <= PADDING_FLOOR_BYTES)
		return PADDING_FLOOR_BYTES;
	e = 63U - (unsigned int)__builtin_clzll(plain_bytes);
	s = 32U - (unsigned int)__builtin_clz(e);
	mask = ((size_t)1 << (e - s)) - 1;
	return (plain_bytes + mask) & ~mask;
}

static int
put_recipient(struct cbor_writer *w, const struct sealer_recipient *r, struct span content_key)
{
	uint8_t *enc, *wrapped;

	cbor_put_array(w, 3);
	cbor_put_bytes(w, SPAN_OF(r->protected_header));
	cbor_put_map(w, 1);
	cbor_put_int(w, COSE_HEADER_EK);
	enc = cbor_put_space(w, CRYPTO_POINT_BYTES);
	wrapped = cbor_put_space(w, RECIPIENT_WRAPPED_BYTES);
	if (enc == NULL || wrapped == NULL)
		return -ENOSPC;
	return hpke_seal(r->peer, r->point, r->schedule, content_key, enc, SPACE(wrapped, RECIPIENT_WRAPPED_BYTES));
}

/* Writes the plaintext into text, which has room for the tag as well, and encrypts it there. */
static int
put_text(struct space text, const struct crop *c, struct span header, const uint8_t *key, const uint8_t *nonce)
{
	const size_t n = text.n - CRYPTO_TAG_BYTES;
	uint8_t aad[BODY_ENC_STRUCTURE_MAX];
	int64_t aad_bytes;
	int err;

	aad_bytes = cose_enc_structure(SPAN_OF(body_protected), header, SPACE_OF(aad));
	if (aad_bytes < 0)
		return (int)aad_bytes;
	err = plain_write(c, SPACE(text.p, n));
	if (err < 0)
		return err;
	return hal_crypto_gcm_seal(key, nonce, SPAN(aad, (size_t)aad_bytes), SPAN(text.p, n), text);
}

static int
put_body(struct body_sealer *s, struct cbor_writer *w, const struct crop *c, struct span header, const uint8_t *key,
	 const uint8_t *nonce)
{
	const size_t text_bytes = body_padded_bytes(plain_bytes(c)) + CRYPTO_TAG_BYTES;
	uint8_t *text;
	int err;

	cbor_put_tag(w, COSE_TAG_ENCRYPT);
	cbor_put_array(w, 4);
	cbor_put_bytes(w, SPAN_OF(body_protected));
	cbor_put_map(w, 1);
	cbor_put_uint(w, COSE_HEADER_IV);
	cbor_put_bytes(w, SPAN(nonce, CRYPTO_NONCE_BYTES));
	text = cbor_put_space(w, text_bytes);
	if (text == NULL)
		return -ENOSPC;
	err = put_text(SPACE(text, text_bytes), c, header, key, nonce);
	cbor_put_array(w, s->n_recipients);
	for (uint32_t i = 0; i < s->n_recipients && err == 0; i++)
		err = put_recipient(w, &s->recipients[i], SPAN(key, CRYPTO_KEY_BYTES));
	return err;
}

int
body_seal(struct body_sealer *s, const struct crop *c, struct record_header *header, struct space header_out,
	  size_t *header_bytes, struct space body_out, size_t *body_bytes)
{
	uint8_t once[CRYPTO_KEY_BYTES + CRYPTO_NONCE_BYTES];
	struct cbor_writer w;
	int64_t n = 0;
	int err;

	*header_bytes = *body_bytes = 0;
	cbor_write(&w, body_out);
	header->passage = c->passage;
	_Static_assert((int)RECORD_SOURCE_LAST == CROP_SOURCE_SELF_TEST, "a header takes every source of a crop");
	header->source = c->source;
	err = hal_crypto_random(SPACE_OF(once));
	if (err == 0)
		err = recipient_commitment(once, header->commitment);
	if (err == 0)
		n = record_header_encode(header, header_out);
	if (err == 0 && n < 0)
		err = (int)n;
	if (err == 0)
		err = put_body(s, &w, c, SPAN(header_out.p, (size_t)n), once, once + CRYPTO_KEY_BYTES);
	if (err == 0 && cbor_done(&w) < 0)
		err = -ENOSPC;
	wipe(once, sizeof(once));
	if (err < 0) {
		wipe(body_out.p, w.used);
		return err;
	}
	*header_bytes = (size_t)n;
	*body_bytes = w.used;
	return 0;
}
