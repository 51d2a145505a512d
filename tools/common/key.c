/*
 * Reads the keys and certificates of the tools with OpenSSL, and takes from them
 * the plain numbers that the record works with. Most of it is telling a person
 * what was wrong with the file that was given.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "base/wipe.h"
#include "file.h"
#include "key.h"
#include "say.h"

const char *
key_library_trouble(void)
{
	unsigned long code = ERR_peek_last_error();
	const char *reason = code ? ERR_reason_error_string(code) : NULL;

	ERR_clear_error();
	return reason ? reason : "no reason given";
}

/* Order matters: a file with a private key in it is called that, whatever else it holds. */
static const struct {
	const char *mark, *kind;
} kinds[] = {
    {"-----BEGIN ENCRYPTED PRIVATE KEY-----", "a private key"},
    {"-----BEGIN PRIVATE KEY-----", "a private key"},
    {"-----BEGIN EC PRIVATE KEY-----", "a private key"},
    {"-----BEGIN RSA PRIVATE KEY-----", "a private key"},
    {"-----BEGIN OPENSSH PRIVATE KEY-----", "a private key of OpenSSH"},
    {"-----BEGIN CERTIFICATE-----", "a certificate"},
    {"-----BEGIN CERTIFICATE REQUEST-----", "a certificate request"},
    {"-----BEGIN PUBLIC KEY-----", "a public key"},
};

/* A DER private key: SEQUENCE, then INTEGER 0 (PKCS #8) or 1 (SEC 1). */
static int
is_der_private(struct span b)
{
	size_t at = b.n > 1 && b.p[1] >= 0x80 ? 2u + (b.p[1] & 0x7fu) : 2u;

	return b.n > at + 3 && b.p[0] == 0x30 && b.p[at] == 0x02 && b.p[at + 1] == 1 && b.p[at + 2] <= 1;
}

const char *
key_kind(struct span bytes)
{
	static const uint8_t policy[] = {0xd2, 0x84};
	/* SubjectPublicKeyInfo of a P-256 key begins so: two lengths, then id-ecPublicKey. */
	static const uint8_t public[] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a,
					 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (bytes.n && memmem(bytes.p, bytes.n, kinds[i].mark, strlen(kinds[i].mark)))
			return kinds[i].kind;
	if (bytes.n >= sizeof(policy) && memcmp(bytes.p, policy, sizeof(policy)) == 0)
		return "a signed policy or record";
	if (bytes.n >= sizeof(public) && memcmp(bytes.p, public, sizeof(public)) == 0)
		return "a public key (DER)";
	if (is_der_private(bytes))
		return "a private key (DER)";
	return NULL;
}

static int
wrong_kind(const char *path, struct span bytes, const char *wanted)
{
	const char *kind = key_kind(bytes);

	if (bytes.n == 0)
		say_trouble("%s: is empty; %s is needed", path, wanted);
	else if (kind)
		say_trouble("%s: is %s; %s is needed", path, kind, wanted);
	else
		say_trouble("%s: is not a key file; %s is needed", path, wanted);
	return -EINVAL;
}

static int
passphrase_of_file(const char *path, char text[KEY_PASSPHRASE_MAX], size_t *n)
{
	struct space bytes;
	int err;

	err = file_load(path, KEY_PASSPHRASE_MAX - 2, &bytes);
	if (err < 0)
		return err;
	*n = strcspn((const char *)bytes.p, "\r\n");
	memcpy(text, bytes.p, *n);
	text[*n] = 0;
	file_free(&bytes);
	if (*n > 0)
		return 0;
	say_trouble("%s: its first line, the passphrase, is empty", path);
	return -EINVAL;
}

static int
passphrase_of_terminal(const char *what, int repeat, char text[KEY_PASSPHRASE_MAX], size_t *n)
{
	char prompt[200];
	int fd, no;

	fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (fd < 0) {
		say_trouble(
		    "%s: needs a passphrase and there is no terminal to ask on; use --passphrase-file", what);
		return -ENOTTY;
	}
	(void)close(fd);
	(void)snprintf(prompt, sizeof(prompt), "Passphrase for %.150s: ", what);
	no = EVP_read_pw_string_min(text, 1, KEY_PASSPHRASE_MAX - 1, prompt, repeat);
	if (no != 0) {
		say_trouble("%s: no passphrase was given%s", what, repeat ? " twice the same way" : "");
		(void)key_library_trouble();
		return -ECANCELED;
	}
	*n = strlen(text);
	return 0;
}

int
key_passphrase_read(const struct key_passphrase *from, const char *what, int repeat,
		    char text[KEY_PASSPHRASE_MAX], size_t *n)
{
	if (from->file)
		return passphrase_of_file(from->file, text, n);
	return passphrase_of_terminal(what, repeat, text, n);
}

struct asked {
	const char *path;
	const struct key_passphrase *from;
	int err;  /* why no passphrase came */
	int used; /* so it was asked for */
	char text[KEY_PASSPHRASE_MAX];
	size_t n;
};

/* OpenSSL calls this only for a locked key, but then for each of its decoders in turn: the person is asked once. */
static int
give_passphrase(char *into, int room, int writing, void *arg)
{
	struct asked *a = arg;

	(void)writing;
	if (!a->used)
		a->err = key_passphrase_read(a->from, a->path, 0, a->text, &a->n);
	a->used = 1;
	if (a->err < 0 || a->n > (size_t)room)
		return -1;
	memcpy(into, a->text, a->n);
	return (int)a->n;
}

static int
require_p256(const char *path, const EVP_PKEY *key)
{
	uint8_t point[CRYPTO_POINT_BYTES];

	if (key_point(key, point) == 0)
		return 0;
	say_trouble("%s: is not a key of the curve P-256, the only one in use here", path);
	return -EINVAL;
}

static EVP_PKEY *
parse_private(struct span bytes, struct asked *a)
{
	EVP_PKEY *key = NULL;
	BIO *in = BIO_new_mem_buf(bytes.p, (int)bytes.n);

	CHECK(in);
	/* Not PEM_read of anything: a private key only, never the parameters or certificate beside it. */
	if (strstr((const char *)bytes.p, "PRIVATE KEY-----"))
		key = PEM_read_bio_PrivateKey(in, NULL, give_passphrase, a);
	BIO_free(in);
	return key;
}

int
key_load_private(const char *path, const struct key_passphrase *from, EVP_PKEY **key)
{
	struct asked a = {.path = path, .from = from};
	struct space bytes;
	const char *kind;
	int err;

	*key = NULL;
	err = file_load(path, KEY_FILE_MAX, &bytes);
	if (err < 0)
		return err;
	kind = key_kind(SPAN(bytes.p, bytes.n));
	if (!kind || strcmp(kind, "a private key") != 0) {
		err = wrong_kind(path, SPAN(bytes.p, bytes.n), "a private key in PEM");
		goto free;
	}
	*key = parse_private(SPAN(bytes.p, bytes.n), &a);
	if (*key) {
		err = require_p256(path, *key);
	} else {
		err = a.err < 0 ? a.err : -EACCES;
		if (a.err == 0 && a.used)
			say_trouble("%s: the passphrase does not unlock this key", path);
		else if (a.err == 0)
			say_trouble("%s: the private key in it is damaged (%s)", path, key_library_trouble());
	}
	if (err < 0) {
		EVP_PKEY_free(*key);
		*key = NULL;
	}
free:
	wipe(a.text, sizeof(a.text));
	file_free(&bytes);
	ERR_clear_error();
	return err;
}

int
key_load_public(const char *path, EVP_PKEY **key)
{
	struct space bytes;
	const uint8_t *at;
	const char *kind;
	int err;

	*key = NULL;
	err = file_load(path, KEY_FILE_MAX, &bytes);
	if (err < 0)
		return err;
	kind = key_kind(SPAN(bytes.p, bytes.n));
	at = bytes.p;
	if (kind && strcmp(kind, "a public key") == 0) {
		BIO *in = BIO_new_mem_buf(bytes.p, (int)bytes.n);

		CHECK(in);
		*key = PEM_read_bio_PUBKEY(in, NULL, NULL, NULL);
		BIO_free(in);
	} else if (bytes.n > 0 && (!kind || strcmp(kind, "a public key (DER)") == 0)) {
		*key = d2i_PUBKEY(NULL, &at, (long)bytes.n);
	}
	if (*key)
		err = require_p256(path, *key);
	else if (kind && strncmp(kind, "a private key", 13) == 0)
		err = wrong_kind(path, SPAN(bytes.p, bytes.n),
				 "never give that away: its public half (.pub.pem or .der)");
	else
		err = wrong_kind(path, SPAN(bytes.p, bytes.n), "a whole public key");
	if (err < 0) {
		EVP_PKEY_free(*key);
		*key = NULL;
	}
	file_free(&bytes);
	ERR_clear_error();
	return err;
}

static X509 *
parse_certificate(struct span bytes)
{
	const uint8_t *at = bytes.p;
	X509 *c = NULL;
	BIO *in;

	if (!memmem(bytes.p, bytes.n, "-----BEGIN", 10))
		return bytes.n ? d2i_X509(NULL, &at, (long)bytes.n) : NULL;
	in = BIO_new_mem_buf(bytes.p, (int)bytes.n);
	CHECK(in);
	c = PEM_read_bio_X509(in, NULL, NULL, NULL);
	BIO_free(in);
	return c;
}

int
key_load_certificate(const char *path, X509 **certificate)
{
	struct space bytes;
	int err;

	*certificate = NULL;
	err = file_load(path, KEY_FILE_MAX, &bytes);
	if (err < 0)
		return err;
	*certificate = parse_certificate(SPAN(bytes.p, bytes.n));
	if (!*certificate)
		err = wrong_kind(path, SPAN(bytes.p, bytes.n), "a whole certificate (X.509)");
	else if (!X509_get0_pubkey(*certificate))
		err = require_p256(path, NULL);
	else
		err = require_p256(path, X509_get0_pubkey(*certificate));
	if (err < 0) {
		X509_free(*certificate);
		*certificate = NULL;
	}
	file_free(&bytes);
	ERR_clear_error();
	return err;
}

static int
number_of_key(const EVP_PKEY *key, const char *name, uint8_t *out)
{
	BIGNUM *n = NULL;
	int err = -EINVAL;

	if (EVP_PKEY_get_bn_param(key, name, &n) == 1 &&
	    BN_bn2binpad(n, out, CRYPTO_SCALAR_BYTES) == CRYPTO_SCALAR_BYTES)
		err = 0;
	BN_clear_free(n);
	return err;
}

int
key_point(const EVP_PKEY *key, uint8_t point[CRYPTO_POINT_BYTES])
{
	char group[64] = "";
	size_t n = 0;

	if (!key || !EVP_PKEY_is_a(key, "EC") ||
	    EVP_PKEY_get_group_name(key, group, sizeof(group), &n) != 1 || strcmp(group, "prime256v1") != 0)
		return -EINVAL;
	point[0] = 0x04;
	if (number_of_key(key, OSSL_PKEY_PARAM_EC_PUB_X, point + 1) < 0)
		return -EINVAL;
	return number_of_key(key, OSSL_PKEY_PARAM_EC_PUB_Y, point + 1 + CRYPTO_SCALAR_BYTES);
}

int
key_scalar(const EVP_PKEY *key, uint8_t scalar[CRYPTO_SCALAR_BYTES])
{
	return number_of_key(key, OSSL_PKEY_PARAM_PRIV_KEY, scalar);
}

int
key_certificate_name(const X509 *certificate, char *name, size_t room)
{
	const X509_NAME *subject = X509_get_subject_name(certificate);
	const X509_NAME_ENTRY *entry;
	const ASN1_STRING *text;
	int at, n;

	at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
	if (at < 0)
		return -ENOENT;
	entry = X509_NAME_get_entry(subject, at);
	text = X509_NAME_ENTRY_get_data(entry);
	n = ASN1_STRING_length(text);
	if (n <= 0 || (size_t)n >= room)
		return -ENAMETOOLONG;
	memcpy(name, ASN1_STRING_get0_data(text), (size_t)n);
	name[n] = 0;
	return 0;
}
