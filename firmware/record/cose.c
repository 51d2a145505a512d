/*
 * COSE_Sign1 and the structures that COSE signs and authenticates. What is hashed
 * is never put together in memory: the hash takes the pieces in order.
 */
#include <errno.h>

#include "record/cose.h"

/* SHA-256 of ["Signature1", protected, h'', payload]. */
static int
sign1_hash(struct span protected_header, struct span payload, uint8_t hash[CRYPTO_HASH_BYTES])
{
	uint8_t front[24], between[16];
	struct cbor_writer f, b;

	cbor_write(&f, SPACE_OF(front));
	cbor_put_array(&f, 4);
	cbor_put_text(&f, "Signature1");
	cbor_put_bytes_head(&f, protected_header.n);
	cbor_write(&b, SPACE_OF(between));
	cbor_put_bytes_head(&b, 0);
	cbor_put_bytes_head(&b, payload.n);
	CHECK(!f.bad && !b.bad);

	const struct span pieces[] = {SPAN(front, f.used), protected_header, SPAN(between, b.used), payload};

	return hal_crypto_sha256(pieces, ARRAY_SIZE(pieces), hash);
}

int64_t
cose_sign1_write(struct span protected_header, struct span payload, cose_signer sign, void *key, struct space into)
{
	uint8_t hash[CRYPTO_HASH_BYTES], signature[CRYPTO_SIGNATURE_BYTES];
	struct cbor_writer w;
	int err;

	err = sign1_hash(protected_header, payload, hash);
	if (err == 0)
		err = sign(key, hash, signature);
	if (err < 0)
		return err;
	cbor_write(&w, into);
	cbor_put_tag(&w, COSE_TAG_SIGN1);
	cbor_put_array(&w, 4);
	cbor_put_bytes(&w, protected_header);
	cbor_put_map(&w, 0);
	cbor_put_bytes(&w, payload);
	cbor_put_bytes(&w, SPAN_OF(signature));
	return cbor_done(&w);
}

void
cose_sign1_read(struct cose_sign1 *s, struct cbor_reader *r)
{
	struct span signature;

	cbor_tag(r, COSE_TAG_SIGN1);
	cbor_require(r, cbor_array(r, 4) == 4);
	s->protected_header = cbor_bytes(r, SIZE_MAX);
	cbor_map(r, 0);
	s->payload = cbor_bytes(r, SIZE_MAX);
	signature = cbor_bytes(r, CRYPTO_SIGNATURE_BYTES);
	cbor_require(r, signature.n == CRYPTO_SIGNATURE_BYTES);
	s->signature = signature.p;
}

int
cose_sign1_verify(const struct cose_sign1 *s, const uint8_t point[CRYPTO_POINT_BYTES])
{
	uint8_t hash[CRYPTO_HASH_BYTES];
	int err = sign1_hash(s->protected_header, s->payload, hash);

	return err < 0 ? err : hal_crypto_verify(point, hash, s->signature);
}

int64_t
cose_enc_structure(struct span protected_header, struct span external_aad, struct space into)
{
	struct cbor_writer w;

	cbor_write(&w, into);
	cbor_put_array(&w, 3);
	cbor_put_text(&w, "Encrypt");
	cbor_put_bytes(&w, protected_header);
	cbor_put_bytes(&w, external_aad);
	return cbor_done(&w);
}
