/*
 * The key schedule of HPKE on top of HMAC-SHA256. Names follow RFC 9180, sections 4 and 5,
 * so that the code can be read beside it. Every intermediate secret is wiped.
 */
#include <errno.h>
#include <string.h>

#include "base/wipe.h"
#include "record/hpke.h"

#define TEXT(s) SPAN((const uint8_t *)(s), sizeof(s) - 1)

/* "KEM" || kem_id, and "HPKE" || kem_id || kdf_id || aead_id. */
static const uint8_t kem_suite[] = {'K', 'E', 'M', 0x00, 0x10};
static const uint8_t hpke_suite[] = {'H', 'P', 'K', 'E', 0x00, 0x10, 0x00, 0x01, 0x00, 0x02};

static int
labeled_extract(struct span suite, struct span salt, struct span label, struct span ikm, uint8_t prk[CRYPTO_HASH_BYTES])
{
	const struct span pieces[] = {TEXT("HPKE-v1"), suite, label, ikm};

	return hal_crypto_hmac(salt, pieces, ARRAY_SIZE(pieces), prk);
}

/* One block of HKDF-Expand is enough for all that is asked here. */
static int
labeled_expand(struct span suite, const uint8_t prk[CRYPTO_HASH_BYTES], struct span label, struct span info, struct space out)
{
	static const uint8_t first_block[] = {1};
	const uint8_t length[] = {0, (uint8_t)out.n};
	const struct span pieces[] = {SPAN_OF(length), TEXT("HPKE-v1"), suite, label, info, SPAN_OF(first_block)};
	uint8_t block[CRYPTO_HASH_BYTES];
	int err;

	CHECK(out.n <= sizeof(block));
	err = hal_crypto_hmac(SPAN(prk, CRYPTO_HASH_BYTES), pieces, ARRAY_SIZE(pieces), block);
	if (err == 0)
		memcpy(out.p, block, out.n);
	wipe(block, sizeof(block));
	return err;
}

int
hpke_schedule(struct span info, uint8_t schedule[HPKE_SCHEDULE_BYTES])
{
	const struct span suite = SPAN_OF(hpke_suite), none = SPAN(NULL, 0);
	int err;

	schedule[0] = 0; /* mode_base */
	err = labeled_extract(suite, none, TEXT("psk_id_hash"), none, schedule + 1);
	if (err == 0)
		err = labeled_extract(suite, none, TEXT("info_hash"), info, schedule + 1 + CRYPTO_HASH_BYTES);
	return err;
}

/* DHKEM's ExtractAndExpand. */
static int
shared_secret(uint8_t out[CRYPTO_HASH_BYTES], const uint8_t dh[CRYPTO_SCALAR_BYTES], const uint8_t enc[CRYPTO_POINT_BYTES],
	      const uint8_t recipient[CRYPTO_POINT_BYTES])
{
	uint8_t kem_context[2 * CRYPTO_POINT_BYTES], eae_prk[CRYPTO_HASH_BYTES];
	int err;

	memcpy(kem_context, enc, CRYPTO_POINT_BYTES);
	memcpy(kem_context + CRYPTO_POINT_BYTES, recipient, CRYPTO_POINT_BYTES);
	err = labeled_extract(SPAN_OF(kem_suite), SPAN(NULL, 0), TEXT("eae_prk"), SPAN(dh, CRYPTO_SCALAR_BYTES), eae_prk);
	if (err == 0)
		err = labeled_expand(SPAN_OF(kem_suite), eae_prk, TEXT("shared_secret"), SPAN_OF(kem_context),
				     SPACE(out, CRYPTO_HASH_BYTES));
	wipe(eae_prk, sizeof(eae_prk));
	return err;
}

int
hpke_derive(struct hpke_secret *out, const uint8_t dh[CRYPTO_SCALAR_BYTES], const uint8_t enc[CRYPTO_POINT_BYTES],
	    const uint8_t recipient[CRYPTO_POINT_BYTES], const uint8_t schedule[HPKE_SCHEDULE_BYTES])
{
	const struct span suite = SPAN_OF(hpke_suite), context = SPAN(schedule, HPKE_SCHEDULE_BYTES);
	uint8_t shared[CRYPTO_HASH_BYTES], secret[CRYPTO_HASH_BYTES];
	int err;

	err = shared_secret(shared, dh, enc, recipient);
	if (err == 0)
		err = labeled_extract(suite, SPAN_OF(shared), TEXT("secret"), SPAN(NULL, 0), secret);
	if (err == 0)
		err = labeled_expand(suite, secret, TEXT("key"), context, SPACE_OF(out->key));
	if (err == 0)
		err = labeled_expand(suite, secret, TEXT("base_nonce"), context, SPACE_OF(out->nonce));
	if (err < 0)
		wipe(out, sizeof(*out));
	wipe(shared, sizeof(shared));
	wipe(secret, sizeof(secret));
	return err;
}

int
hpke_seal(const struct hal_crypto_peer *peer, const uint8_t recipient[CRYPTO_POINT_BYTES],
	  const uint8_t schedule[HPKE_SCHEDULE_BYTES], struct span plain, uint8_t enc[CRYPTO_POINT_BYTES], struct space out)
{
	uint8_t dh[CRYPTO_SCALAR_BYTES];
	struct hpke_secret secret;
	int err;

	err = hal_crypto_ecdh_once(peer, enc, dh);
	if (err == 0)
		err = hpke_derive(&secret, dh, enc, recipient, schedule);
	if (err == 0)
		err = hal_crypto_gcm_seal(secret.key, secret.nonce, SPAN(NULL, 0), plain, out);
	if (err < 0)
		wipe(out.p, out.n);
	wipe(dh, sizeof(dh));
	wipe(&secret, sizeof(secret));
	return err;
}
