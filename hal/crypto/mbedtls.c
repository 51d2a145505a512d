/*
 * Crypto port: mbedTLS, through the PSA Crypto API only, as 2.28 and 3.6 both have it.
 * Keys lie in PSA's slots for as long as one call needs them; destroying a slot wipes it.
 */
#include <errno.h>
#include <string.h>

#include "base/wipe.h"
#include "mbedtls_shared.h"
#include "random_check.h"

#include <mbedtls/version.h>

enum { PEERS_MAX = 16 };

/*
 * PSA's key agreement takes the other side as bytes, so a peer is its point, checked
 * once when it is opened. They lie in a fixed table: the seal room has no heap.
 */
struct hal_crypto_peer {
	int taken;
	uint8_t point[CRYPTO_POINT_BYTES];
};
static struct hal_crypto_peer peers[PEERS_MAX];

static int
error_of(psa_status_t status)
{
	switch (status) {
	case PSA_SUCCESS:
		return 0;
	case PSA_ERROR_INVALID_ARGUMENT:
		return -EINVAL;
	case PSA_ERROR_INVALID_SIGNATURE:
		return -EBADMSG;
	default:
		return -EIO;
	}
}

/* ---- open and close ---- */

int
hal_crypto_open(void)
{
	int err;

	if (psa_crypto_init() != PSA_SUCCESS)
		return -EIO;
	err = random_check();
	if (err < 0)
		hal_crypto_close();
	return err;
}

void
hal_crypto_close(void)
{
	wipe(peers, sizeof(peers));
	mbedtls_psa_crypto_free();
}

const char *
hal_crypto_name(void)
{
	return MBEDTLS_VERSION_STRING_FULL " (PSA)";
}

/* ---- random, hash, mac ---- */

int
hal_crypto_random(struct space out)
{
	return psa_generate_random(out.p, out.n) == PSA_SUCCESS ? 0 : -EIO;
}

int
hal_crypto_sha256(const struct span *pieces, size_t n, uint8_t out[CRYPTO_HASH_BYTES])
{
	psa_hash_operation_t op = PSA_HASH_OPERATION_INIT;
	psa_status_t status = psa_hash_setup(&op, PSA_ALG_SHA_256);
	size_t made;

	for (size_t i = 0; i < n && status == PSA_SUCCESS; i++)
		if (pieces[i].n > 0)
			status = psa_hash_update(&op, pieces[i].p, pieces[i].n);
	if (status == PSA_SUCCESS)
		status = psa_hash_finish(&op, out, CRYPTO_HASH_BYTES, &made);
	if (status == PSA_SUCCESS)
		return 0;
	(void)psa_hash_abort(&op);
	return -EIO;
}

int
port_key_import(psa_key_id_t *id, struct span bytes, psa_key_type_t type, psa_key_usage_t usage, psa_algorithm_t alg)
{
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;

	psa_set_key_type(&attributes, type);
	psa_set_key_usage_flags(&attributes, usage);
	psa_set_key_algorithm(&attributes, alg);
	return error_of(psa_import_key(&attributes, bytes.p, bytes.n, id));
}

static psa_status_t
hmac_with(psa_key_id_t id, const struct span *pieces, size_t n, uint8_t out[CRYPTO_HASH_BYTES])
{
	psa_mac_operation_t op = PSA_MAC_OPERATION_INIT;
	psa_status_t status = psa_mac_sign_setup(&op, id, PSA_ALG_HMAC(PSA_ALG_SHA_256));
	size_t made;

	for (size_t i = 0; i < n && status == PSA_SUCCESS; i++)
		if (pieces[i].n > 0)
			status = psa_mac_update(&op, pieces[i].p, pieces[i].n);
	if (status == PSA_SUCCESS)
		status = psa_mac_sign_finish(&op, out, CRYPTO_HASH_BYTES, &made);
	if (status != PSA_SUCCESS)
		(void)psa_mac_abort(&op);
	return status;
}

int
hal_crypto_hmac(struct span key, const struct span *pieces, size_t n, uint8_t out[CRYPTO_HASH_BYTES])
{
	/* PSA has no empty key. HMAC fills short keys up with zeros, so this is the same one. */
	static const uint8_t empty[CRYPTO_HASH_BYTES];
	psa_key_id_t id;
	psa_status_t status;
	int err;

	if (key.n == 0)
		key = SPAN_OF(empty);
	err = port_key_import(&id, key, PSA_KEY_TYPE_HMAC, PSA_KEY_USAGE_SIGN_HASH | PSA_KEY_USAGE_SIGN_MESSAGE,
				 PSA_ALG_HMAC(PSA_ALG_SHA_256));
	if (err < 0)
		return -EIO;
	status = hmac_with(id, pieces, n, out);
	(void)psa_destroy_key(id);
	return status == PSA_SUCCESS ? 0 : -EIO;
}

/* ---- AES-256-GCM ---- */

int
hal_crypto_gcm_seal(const uint8_t key[CRYPTO_KEY_BYTES], const uint8_t nonce[CRYPTO_NONCE_BYTES], struct span aad,
		    struct span plain, struct space out)
{
	psa_status_t status;
	psa_key_id_t id;
	size_t made = 0;

	CHECK(out.n == plain.n + CRYPTO_TAG_BYTES);
	if (port_key_import(&id, SPAN(key, CRYPTO_KEY_BYTES), PSA_KEY_TYPE_AES, PSA_KEY_USAGE_ENCRYPT, PSA_ALG_GCM) < 0) {
		wipe(out.p, out.n);
		return -EIO;
	}
	status = psa_aead_encrypt(id, PSA_ALG_GCM, nonce, CRYPTO_NONCE_BYTES, aad.p, aad.n, plain.p, plain.n, out.p, out.n, &made);
	(void)psa_destroy_key(id);
	if (status == PSA_SUCCESS && made == out.n)
		return 0;
	wipe(out.p, out.n);
	return -EIO;
}

int
hal_crypto_gcm_open(const uint8_t key[CRYPTO_KEY_BYTES], const uint8_t nonce[CRYPTO_NONCE_BYTES], struct span aad,
		    struct span cipher, struct space out)
{
	psa_status_t status;
	psa_key_id_t id;
	size_t made = 0;
	int err = -EIO;

	if (cipher.n < CRYPTO_TAG_BYTES)
		return -EBADMSG;
	CHECK(out.n == cipher.n - CRYPTO_TAG_BYTES);
	if (port_key_import(&id, SPAN(key, CRYPTO_KEY_BYTES), PSA_KEY_TYPE_AES, PSA_KEY_USAGE_DECRYPT, PSA_ALG_GCM) == 0) {
		status = psa_aead_decrypt(id, PSA_ALG_GCM, nonce, CRYPTO_NONCE_BYTES, aad.p, aad.n, cipher.p, cipher.n, out.p, out.n,
					  &made);
		(void)psa_destroy_key(id);
		err = status == PSA_SUCCESS && made != out.n ? -EIO : error_of(status);
	}
	if (err < 0)
		wipe(out.p, out.n);
	return err;
}

/* ---- P-256 ---- */

int
hal_crypto_peer_open(struct hal_crypto_peer **peer, const uint8_t point[CRYPTO_POINT_BYTES])
{
	psa_key_id_t id;
	int err;

	*peer = NULL;
	if (point[0] != 4)
		return -EINVAL;
	/* Importing checks that the point lies on the curve. */
	err = port_key_import(&id, SPAN(point, CRYPTO_POINT_BYTES), MBEDTLS_PUBLIC, 0, PSA_ALG_ECDH);
	if (err < 0)
		return err;
	(void)psa_destroy_key(id);
	for (size_t i = 0; i < PEERS_MAX; i++) {
		if (peers[i].taken)
			continue;
		peers[i].taken = 1;
		memcpy(peers[i].point, point, CRYPTO_POINT_BYTES);
		*peer = &peers[i];
		return 0;
	}
	return -ENOSPC;
}

void
hal_crypto_peer_close(struct hal_crypto_peer *peer)
{
	if (peer != NULL)
		wipe(peer, sizeof(*peer));
}

int
port_derive(psa_key_id_t mine, const uint8_t point[CRYPTO_POINT_BYTES], uint8_t secret[CRYPTO_SCALAR_BYTES])
{
	psa_status_t status;
	size_t n = 0;

	if (point[0] != 4)
		return -EINVAL;
	status = psa_raw_key_agreement(PSA_ALG_ECDH, mine, point, CRYPTO_POINT_BYTES, secret, CRYPTO_SCALAR_BYTES, &n);
	if (status == PSA_SUCCESS && n == CRYPTO_SCALAR_BYTES)
		return 0;
	wipe(secret, CRYPTO_SCALAR_BYTES);
	return status == PSA_SUCCESS ? -EIO : error_of(status);
}

/*
 * A fresh key from our own random bytes. psa_generate_key() would work out the public
 * half, throw it away, and let it be worked out again on export: a third of the time.
 * PSA refuses the one scalar in 2^32 that is out of range, and the next one is drawn.
 */
static int
fresh_key(psa_key_id_t *id)
{
	uint8_t scalar[CRYPTO_SCALAR_BYTES];
	int err = -EINVAL;

	for (int i = 0; i < 4 && err == -EINVAL; i++) {
		err = hal_crypto_random(SPACE_OF(scalar));
		if (err == 0)
			err = port_key_import(id, SPAN_OF(scalar), MBEDTLS_PAIR, PSA_KEY_USAGE_DERIVE, PSA_ALG_ECDH);
	}
	wipe(scalar, sizeof(scalar));
	return err;
}

int
hal_crypto_ecdh_once(const struct hal_crypto_peer *peer, uint8_t ephemeral[CRYPTO_POINT_BYTES],
		     uint8_t secret[CRYPTO_SCALAR_BYTES])
{
	psa_key_id_t id;
	size_t n = 0;
	int err = -EIO;

	if (fresh_key(&id) < 0)
		return -EIO;
	if (psa_export_public_key(id, ephemeral, CRYPTO_POINT_BYTES, &n) == PSA_SUCCESS && n == CRYPTO_POINT_BYTES)
		err = port_derive(id, peer->point, secret);
	(void)psa_destroy_key(id);
	return err < 0 ? -EIO : 0;
}

/* ---- ES256 ---- */

int
hal_crypto_verify(const uint8_t point[CRYPTO_POINT_BYTES], const uint8_t hash[CRYPTO_HASH_BYTES],
		  const uint8_t signature[CRYPTO_SIGNATURE_BYTES])
{
	const psa_algorithm_t alg = PSA_ALG_ECDSA(PSA_ALG_SHA_256);
	psa_status_t status;
	psa_key_id_t id;
	int err;

	if (point[0] != 4)
		return -EINVAL;
	err = port_key_import(&id, SPAN(point, CRYPTO_POINT_BYTES), MBEDTLS_PUBLIC, PSA_KEY_USAGE_VERIFY_HASH, alg);
	if (err < 0)
		return err;
	status = psa_verify_hash(id, alg, hash, CRYPTO_HASH_BYTES, signature, CRYPTO_SIGNATURE_BYTES);
	(void)psa_destroy_key(id);
	/* r or s out of range is a bad signature, not a bad call. */
	return status == PSA_ERROR_INVALID_ARGUMENT ? -EBADMSG : error_of(status);
}
