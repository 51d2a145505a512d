/*
 * Crypto port: OpenSSL 3, EVP only. Algorithms are fetched and contexts made once, at
 * open, because looking them up costs more than the small jobs a record is made of.
 * OpenSSL itself wipes the private numbers of a key that is freed.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include "base/wipe.h"
#include "openssl_shared.h"
#include "random_check.h"

static struct {
	EVP_MD *sha256;
	EVP_MD_CTX *hash;
	EVP_MAC *hmac;
	EVP_MAC_CTX *mac;
	EVP_CIPHER *gcm;
	EVP_CIPHER_CTX *cipher;
	EVP_PKEY_CTX *keygen;
} lib;

/* The port's name for an EVP_PKEY is all a peer is. */
struct hal_crypto_peer;

static EVP_PKEY *
peer_key(const struct hal_crypto_peer *peer)
{
	return (EVP_PKEY *)(uintptr_t)peer;
}

/* ---- open and close ---- */

static int
open_hashes(void)
{
	char digest[] = "SHA256";
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_construct_end(),
	};

	lib.sha256 = EVP_MD_fetch(NULL, digest, NULL);
	lib.hash = EVP_MD_CTX_new();
	lib.hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	if (lib.sha256 == NULL || lib.hash == NULL || lib.hmac == NULL)
		return -EIO;
	lib.mac = EVP_MAC_CTX_new(lib.hmac);
	if (lib.mac == NULL || !EVP_MAC_CTX_set_params(lib.mac, params))
		return -EIO;
	return 0;
}

static int
open_keygen(void)
{
	lib.keygen = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	if (lib.keygen == NULL || EVP_PKEY_keygen_init(lib.keygen) != 1 ||
	    EVP_PKEY_CTX_set_group_name(lib.keygen, "P-256") != 1)
		return -EIO;
	return 0;
}

int
hal_crypto_open(void)
{
	int err;

	err = open_hashes();
	if (err == 0)
		err = open_keygen();
	lib.gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
	lib.cipher = EVP_CIPHER_CTX_new();
	if (err == 0 && (lib.gcm == NULL || lib.cipher == NULL))
		err = -EIO;
	if (err == 0)
		err = random_check();
	if (err < 0)
		hal_crypto_close();
	return err;
}

void
hal_crypto_close(void)
{
	EVP_PKEY_CTX_free(lib.keygen);
	EVP_CIPHER_CTX_free(lib.cipher);
	EVP_CIPHER_free(lib.gcm);
	EVP_MAC_CTX_free(lib.mac);
	EVP_MAC_free(lib.hmac);
	EVP_MD_CTX_free(lib.hash);
	EVP_MD_free(lib.sha256);
	memset(&lib, 0, sizeof(lib));
}

const char *
hal_crypto_name(void)
{
	return OpenSSL_version(OPENSSL_VERSION);
}

/* ---- random, hash, mac ---- */

int
hal_crypto_random(struct space out)
{
	if (out.n > INT_MAX || RAND_bytes(out.p, (int)out.n) != 1)
		return -EIO;
	return 0;
}

int
hal_crypto_sha256(const struct span *pieces, size_t n, uint8_t out[CRYPTO_HASH_BYTES])
{
	int good = EVP_DigestInit_ex2(lib.hash, lib.sha256, NULL);

	for (size_t i = 0; i < n && good; i++)
		good = EVP_DigestUpdate(lib.hash, pieces[i].p, pieces[i].n);
	return good && EVP_DigestFinal_ex(lib.hash, out, NULL) ? 0 : -EIO;
}

int
hal_crypto_hmac(struct span key, const struct span *pieces, size_t n, uint8_t out[CRYPTO_HASH_BYTES])
{
	static const uint8_t none[1];
	/* A NULL key would mean "the key of last time". */
	int good = EVP_MAC_init(lib.mac, key.p == NULL ? none : key.p, key.n, NULL);

	for (size_t i = 0; i < n && good; i++)
		good = EVP_MAC_update(lib.mac, pieces[i].p, pieces[i].n);
	good = good && EVP_MAC_final(lib.mac, out, NULL, CRYPTO_HASH_BYTES);
	/* The context keeps its key until it gets another. */
	return EVP_MAC_init(lib.mac, none, 0, NULL) && good ? 0 : -EIO;
}

/* ---- AES-256-GCM ---- */

/* Forgets the key schedule; the context stays usable. */
static void
cipher_forget(void)
{
	(void)EVP_CIPHER_CTX_reset(lib.cipher);
}

static int
gcm_encrypt(struct span aad, struct span plain, uint8_t *out)
{
	EVP_CIPHER_CTX *c = lib.cipher;
	int n;

	if (aad.n > 0 && EVP_EncryptUpdate(c, NULL, &n, aad.p, (int)aad.n) != 1)
		return -EIO;
	if (plain.n > 0 && (EVP_EncryptUpdate(c, out, &n, plain.p, (int)plain.n) != 1 || (size_t)n != plain.n))
		return -EIO;
	if (EVP_EncryptFinal_ex(c, out + plain.n, &n) != 1 || n != 0)
		return -EIO;
	return EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, CRYPTO_TAG_BYTES, out + plain.n) == 1 ? 0 : -EIO;
}

int
hal_crypto_gcm_seal(const uint8_t key[CRYPTO_KEY_BYTES], const uint8_t nonce[CRYPTO_NONCE_BYTES], struct span aad,
		    struct span plain, struct space out)
{
	int err = -EIO;

	CHECK(plain.n <= INT_MAX - CRYPTO_TAG_BYTES && aad.n <= INT_MAX && out.n == plain.n + CRYPTO_TAG_BYTES);
	if (EVP_EncryptInit_ex2(lib.cipher, lib.gcm, key, nonce, NULL) == 1)
		err = gcm_encrypt(aad, plain, out.p);
	cipher_forget();
	if (err < 0)
		wipe(out.p, out.n);
	return err;
}

static int
gcm_decrypt(struct span aad, struct span cipher, uint8_t *out)
{
	EVP_CIPHER_CTX *c = lib.cipher;
	size_t text = cipher.n - CRYPTO_TAG_BYTES;
	uint8_t tag[CRYPTO_TAG_BYTES];
	int n;

	memcpy(tag, cipher.p + text, sizeof(tag));
	if (aad.n > 0 && EVP_DecryptUpdate(c, NULL, &n, aad.p, (int)aad.n) != 1)
		return -EIO;
	if (text > 0 && EVP_DecryptUpdate(c, out, &n, cipher.p, (int)text) != 1)
		return -EIO;
	if (EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, sizeof(tag), tag) != 1)
		return -EIO;
	return EVP_DecryptFinal_ex(c, tag, &n) == 1 ? 0 : -EBADMSG;
}

int
hal_crypto_gcm_open(const uint8_t key[CRYPTO_KEY_BYTES], const uint8_t nonce[CRYPTO_NONCE_BYTES], struct span aad,
		    struct span cipher, struct space out)
{
	int err = -EIO;

	if (cipher.n < CRYPTO_TAG_BYTES || cipher.n > INT_MAX || aad.n > INT_MAX)
		return -EBADMSG;
	CHECK(out.n == cipher.n - CRYPTO_TAG_BYTES);
	if (EVP_DecryptInit_ex2(lib.cipher, lib.gcm, key, nonce, NULL) == 1)
		err = gcm_decrypt(aad, cipher, out.p);
	cipher_forget();
	if (err < 0)
		wipe(out.p, out.n);
	return err;
}

/* ---- P-256 ---- */

int
openssl_key_import(EVP_PKEY **key, const uint8_t point[CRYPTO_POINT_BYTES], const uint8_t *scalar)
{
	char group[] = "P-256";
	uint8_t little[CRYPTO_SCALAR_BYTES]; /* parameters carry numbers in the machine's order */
	OSSL_PARAM params[4];
	EVP_PKEY_CTX *ctx;
	int good;

	*key = NULL;
	if (point[0] != 4)
		return -EINVAL;
	params[0] = OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0);
	params[1] = OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, (void *)(uintptr_t)point, CRYPTO_POINT_BYTES);
	params[2] = params[3] = OSSL_PARAM_construct_end();
	if (scalar != NULL) {
		for (size_t i = 0; i < sizeof(little); i++)
			little[i] = scalar[__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? sizeof(little) - 1 - i : i];
		params[2] = OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY, little, sizeof(little));
	}
	ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	if (ctx == NULL)
		return -EIO;
	good = EVP_PKEY_fromdata_init(ctx) == 1 &&
	       EVP_PKEY_fromdata(ctx, key, scalar != NULL ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, params) == 1;
	EVP_PKEY_CTX_free(ctx);
	if (scalar != NULL)
		wipe(little, sizeof(little));
	return good ? 0 : -EINVAL;
}

int
openssl_derive(EVP_PKEY *mine, EVP_PKEY *peer, uint8_t secret[CRYPTO_SCALAR_BYTES])
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, mine, NULL);
	size_t n = CRYPTO_SCALAR_BYTES;
	int good;

	if (ctx == NULL)
		return -EIO;
	good = EVP_PKEY_derive_init(ctx) == 1 && EVP_PKEY_derive_set_peer_ex(ctx, peer, 0) == 1 &&
	       EVP_PKEY_derive(ctx, secret, &n) == 1 && n == CRYPTO_SCALAR_BYTES;
	EVP_PKEY_CTX_free(ctx);
	if (good)
		return 0;
	wipe(secret, CRYPTO_SCALAR_BYTES);
	return -EIO;
}

/*
 * OpenSSL refuses a point that is not on the curve. P-256 has cofactor 1, so a
 * point on the curve is in the right group and needs no further check.
 */
int
hal_crypto_peer_open(struct hal_crypto_peer **peer, const uint8_t point[CRYPTO_POINT_BYTES])
{
	EVP_PKEY *key;
	int err = openssl_key_import(&key, point, NULL);

	*peer = (struct hal_crypto_peer *)key;
	return err;
}

void
hal_crypto_peer_close(struct hal_crypto_peer *peer)
{
	EVP_PKEY_free(peer_key(peer));
}

int
hal_crypto_ecdh_once(const struct hal_crypto_peer *peer, uint8_t ephemeral[CRYPTO_POINT_BYTES],
		     uint8_t secret[CRYPTO_SCALAR_BYTES])
{
	EVP_PKEY *once = NULL;
	size_t n;
	int err = -EIO;

	if (EVP_PKEY_generate(lib.keygen, &once) != 1)
		return -EIO;
	if (EVP_PKEY_get_octet_string_param(once, OSSL_PKEY_PARAM_PUB_KEY, ephemeral, CRYPTO_POINT_BYTES, &n) == 1 &&
	    n == CRYPTO_POINT_BYTES)
		err = openssl_derive(once, peer_key(peer), secret);
	EVP_PKEY_free(once);
	return err;
}

/* ---- ES256 ---- */

/* One INTEGER of a DER signature, from 32 bytes: no leading zeros, and one when the top bit is set. */
static size_t
der_integer(uint8_t *out, const uint8_t number[CRYPTO_SCALAR_BYTES])
{
	size_t skip = 0, pad;

	while (skip < CRYPTO_SCALAR_BYTES - 1 && number[skip] == 0)
		skip++;
	pad = number[skip] >> 7;
	out[0] = 0x02;
	out[1] = (uint8_t)(CRYPTO_SCALAR_BYTES - skip + pad);
	out[2] = 0;
	memcpy(out + 2 + pad, number + skip, CRYPTO_SCALAR_BYTES - skip);
	return 2U + out[1];
}

int
hal_crypto_verify(const uint8_t point[CRYPTO_POINT_BYTES], const uint8_t hash[CRYPTO_HASH_BYTES],
		  const uint8_t signature[CRYPTO_SIGNATURE_BYTES])
{
	uint8_t der[2 + 2 * (3 + CRYPTO_SCALAR_BYTES)];
	EVP_PKEY_CTX *ctx;
	EVP_PKEY *key;
	size_t n = 2;
	int err;

	n += der_integer(der + n, signature);
	n += der_integer(der + n, signature + CRYPTO_SCALAR_BYTES);
	der[0] = 0x30;
	der[1] = (uint8_t)(n - 2);
	err = openssl_key_import(&key, point, NULL);
	if (err < 0)
		return err;
	ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
	if (ctx == NULL || EVP_PKEY_verify_init(ctx) != 1)
		err = -EIO;
	else if (EVP_PKEY_verify(ctx, der, n, hash, CRYPTO_HASH_BYTES) != 1)
		err = -EBADMSG;
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(key);
	return err;
}
