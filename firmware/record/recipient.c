/*
 * The small byte strings that bind a wrapped key to its recipient, and the content key to the sealed header.
 */
#include "record/cbor.h"
#include "record/cose.h"
#include "record/recipient.h"

const uint8_t body_protected[BODY_PROTECTED_BYTES] = {0xa1, COSE_HEADER_ALG, COSE_ALG_A256GCM};

void
recipient_protected(const uint8_t key_id[RECORD_KEY_ID_BYTES], uint8_t out[RECIPIENT_PROTECTED_BYTES])
{
	struct cbor_writer w;

	cbor_write(&w, SPACE(out, RECIPIENT_PROTECTED_BYTES));
	cbor_put_map(&w, 2);
	cbor_put_uint(&w, COSE_HEADER_ALG);
	cbor_put_uint(&w, COSE_ALG_HPKE_7_KE);
	cbor_put_uint(&w, COSE_HEADER_KID);
	cbor_put_bytes(&w, SPAN(key_id, RECORD_KEY_ID_BYTES));
	CHECK(cbor_done(&w) == RECIPIENT_PROTECTED_BYTES);
}

/* Recipient_structure: ["HPKE Recipient", algorithm of the layer above, protected header, extra info]. */
int
recipient_schedule(struct span protected_header, struct span extra_info, uint8_t schedule[HPKE_SCHEDULE_BYTES])
{
	uint8_t info[160];
	struct cbor_writer w;

	cbor_write(&w, SPACE_OF(info));
	cbor_put_array(&w, 4);
	cbor_put_text(&w, "HPKE Recipient");
	cbor_put_int(&w, COSE_ALG_A256GCM);
	cbor_put_bytes(&w, protected_header);
	cbor_put_bytes(&w, extra_info);
	CHECK(!w.bad);
	return hpke_schedule(SPAN(info, w.used), schedule);
}

int
recipient_commitment(const uint8_t content_key[CRYPTO_KEY_BYTES], uint8_t commitment[CRYPTO_HASH_BYTES])
{
	static const char label[] = "laneseal content key commitment v1\x01"; /* 1: the first block of HKDF-Expand */
	const struct span piece = SPAN((const uint8_t *)label, sizeof(label) - 1);

	return hal_crypto_hmac(SPAN(content_key, CRYPTO_KEY_BYTES), &piece, 1, commitment);
}
