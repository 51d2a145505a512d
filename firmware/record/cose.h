/*
 * record/cose.h - the two COSE messages (RFC 9052) that a record is made of, and what they sign and authenticate.
 *
 * COSE_Sign1 with ES256, attached payload, no external data: chain entries and
 * policies. Framing of COSE_Encrypt is in body.c and open.c; its Enc_structure is
 * here. Numbers of the COSE registries that we use are named here and nowhere else.
 */
#ifndef RECORD_COSE_H
#define RECORD_COSE_H

#include "base/base.h"
#include "hal/crypto.h"
#include "record/cbor.h"

enum {
	COSE_TAG_SIGN1 = 18,
	COSE_TAG_ENCRYPT = 96,
	COSE_HEADER_ALG = 1,
	COSE_HEADER_KID = 4,
	COSE_HEADER_IV = 5,
	COSE_HEADER_TYP = 16,   /* RFC 9596 */
	COSE_HEADER_EK = -4,    /* draft-ietf-cose-hpke */
	COSE_ALG_ES256 = -7,
	COSE_ALG_A256GCM = 3,
	COSE_ALG_HPKE_7_KE = 53, /* draft-ietf-cose-hpke: assumed number */
};

typedef int (*cose_signer)(void *key, const uint8_t hash[CRYPTO_HASH_BYTES], uint8_t signature[CRYPTO_SIGNATURE_BYTES]);

struct cose_sign1 {
	struct span protected_header; /* the encoded map */
	struct span payload;
	const uint8_t *signature;     /* CRYPTO_SIGNATURE_BYTES */
};

/* Signs and writes. Returns the length, -ENOSPC, or what sign returned. */
int64_t cose_sign1_write(struct span protected_header, struct span payload, cose_signer sign, void *key, struct space into)
	MUST_CHECK;

/* Takes one COSE_Sign1 from r; trusts nothing. A bad one leaves r bad. */
void cose_sign1_read(struct cose_sign1 *s, struct cbor_reader *r);

/* 0, -EBADMSG when the signature does not fit, -EINVAL when the point is none. */
int cose_sign1_verify(const struct cose_sign1 *s, const uint8_t point[CRYPTO_POINT_BYTES]) MUST_CHECK;

/* What AES-GCM authenticates of a COSE_Encrypt: Enc_structure. Returns its length or -ENOSPC. */
int64_t cose_enc_structure(struct span protected_header, struct span external_aad, struct space into) MUST_CHECK;

#endif
