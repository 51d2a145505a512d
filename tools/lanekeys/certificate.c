/*
 * The identity of a unit: a certificate by its maker, in the manner of IEEE 802.1AR,
 * so it has no end and its key never changes. Also the maker's own certificate.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <openssl/bn.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "record/policy.h"

#include "../common/file.h"
#include "../common/say.h"
#include "commands.h"
#include "pair.h"

enum { SERIAL_BYTES = 16, UNIT_NAME_BYTES = 32 /* as in the record, with the final NUL */ };

struct wish {
	const char *name, *maker, *out;
	struct key_passphrase lock; /* of the maker's key: made with it, or opened with it */
};

struct extension {
	int nid;
	const char *value;
};

static const struct extension of_maker[] = {
    {NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
    {NID_key_usage, "critical,keyCertSign,cRLSign"},
    {NID_subject_key_identifier, "hash"},
};

static const struct extension of_unit[] = {
    {NID_basic_constraints, "critical,CA:FALSE"},
    {NID_key_usage, "critical,digitalSignature"},
    {NID_subject_key_identifier, "hash"},
    {NID_authority_key_identifier, "keyid:always"},
};

static int
set_serial(X509 *c)
{
	uint8_t bytes[SERIAL_BYTES];
	BIGNUM *n;
	int good;

	if (RAND_bytes(bytes, sizeof(bytes)) != 1)
		return 0;
	bytes[0] = (uint8_t)((bytes[0] & 0x7f) | 0x40); /* positive, and never shorter */
	n = BN_bin2bn(bytes, sizeof(bytes), NULL);
	good = n && BN_to_ASN1_INTEGER(n, X509_get_serialNumber(c)) != NULL;
	BN_free(n);
	return good;
}

/* From now on, without an end: that is how 802.1AR writes it. */
static int
set_times(X509 *c)
{
	return ASN1_TIME_set(X509_getm_notBefore(c), time(NULL)) &&
	       ASN1_TIME_set_string(X509_getm_notAfter(c), "99991231235959Z");
}

static int
set_extensions(X509 *c, X509 *issuer, const struct extension *list, size_t n)
{
	X509V3_CTX context;

	X509V3_set_ctx_nodb(&context);
	X509V3_set_ctx(&context, issuer, c, NULL, NULL, 0);
	for (size_t i = 0; i < n; i++) {
		X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &context, list[i].nid, list[i].value);
		int good = e && X509_add_ext(c, e, -1);

		X509_EXTENSION_free(e);
		if (!good)
			return 0;
	}
	return 1;
}

/* issuer NULL: signed by itself. */
static X509 *
make_certificate(const char *name, EVP_PKEY *key, X509 *issuer, EVP_PKEY *signer,
		 const struct extension *list, size_t n)
{
	X509 *c = X509_new();
	X509_NAME *subject = X509_NAME_new();

	CHECK(c && subject);
	if (X509_set_version(c, X509_VERSION_3) && set_serial(c) && set_times(c) &&
	    X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_UTF8, (const unsigned char *)name,
				       -1, -1, 0) &&
	    X509_set_subject_name(c, subject) &&
	    X509_set_issuer_name(c, issuer ? X509_get_subject_name(issuer) : subject) &&
	    X509_set_pubkey(c, key) && set_extensions(c, issuer ? issuer : c, list, n) &&
	    X509_sign(c, signer, EVP_sha256())) {
		X509_NAME_free(subject);
		return c;
	}
	say_trouble("cannot make the certificate of %s: %s", name, key_library_trouble());
	X509_NAME_free(subject);
	X509_free(c);
	return NULL;
}

static int
save_certificate(X509 *c, const char *path)
{
	BIO *out = BIO_new(BIO_s_mem());
	int err;

	CHECK(out && PEM_write_bio_X509(out, c) == 1);
	err = pair_save_bio(out, path, 0644);
	BIO_free(out);
	return err;
}

enum { OPTION_NAME = 1000, OPTION_MAKER, OPTION_OUT, OPTION_PASSPHRASE, OPTION_PASSPHRASE_FILE };

static error_t
parse(int option, char *arg, struct argp_state *state)
{
	struct wish *w = state->input;

	switch (option) {
	case OPTION_NAME:
		w->name = arg;
		return 0;
	case OPTION_MAKER:
		w->maker = arg;
		return 0;
	case OPTION_OUT:
		w->out = arg;
		return 0;
	case OPTION_PASSPHRASE:
		w->lock.ask = 1;
		return 0;
	case OPTION_PASSPHRASE_FILE:
		w->lock.file = arg;
		return 0;
	case ARGP_KEY_END:
		if (!w->name)
			argp_error(state, "--name is missing: the unit's name, such as lane-7");
		if (!w->maker)
			argp_error(state,
				   "--maker is missing: the folder with the maker's key and certificate");
		if (!w->out)
			argp_error(state, "--out is missing: the folder that the files go to");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int
command_maker(int argc, char **argv)
{
	static const struct argp_option options[] = {
	    {"name", OPTION_NAME, "NAME", 0, "The maker's name in certificates (default: laneseal maker)", 0},
	    {"out", OPTION_OUT, "DIR", 0, "Folder for the files; made when it is not there", 0},
	    {"passphrase", OPTION_PASSPHRASE, NULL, 0,
	     "Ask on the terminal for a passphrase to lock the key with", 0},
	    {"passphrase-file", OPTION_PASSPHRASE_FILE, "FILE", 0, "Lock the key with the first line of FILE",
	     0},
	    {0},
	};
	static const struct argp argp = {
	    options, parse,
	    NULL,    "Makes maker-key.pem and maker-cert.pem, which vouch for the units of one maker.",
	    NULL,    NULL,
	    NULL};
	struct wish w = {.name = "laneseal maker", .maker = ""};
	char *key_path, *certificate_path;
	EVP_PKEY *key = NULL;
	X509 *c = NULL;
	int err;

	command_parse(&argp, argc, argv, &w);
	key_path = file_path(w.out, "maker-key.pem");
	certificate_path = file_path(w.out, "maker-cert.pem");
	err = file_make_folder(w.out);
	if (err == 0)
		err = file_must_be_new(certificate_path);
	if (err == 0)
		err = pair_make(&key);
	if (err == 0)
		c = make_certificate(w.name, key, NULL, key, of_maker, ARRAY_SIZE(of_maker));
	if (err == 0)
		err = c ? pair_save_private(key, key_path, &w.lock) : -EIO;
	if (err == 0 && (err = save_certificate(c, certificate_path)) < 0)
		(void)unlink(key_path);
	X509_free(c);
	EVP_PKEY_free(key);
	free(key_path);
	free(certificate_path);
	return err < 0;
}

static int
name_is_good(const char *name)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.");

	if (n > 0 && name[n] == 0 && n < UNIT_NAME_BYTES)
		return 1;
	say_trouble("--name %s: a unit's name has 1 to %d letters, digits, '-' and '.'", name,
		    UNIT_NAME_BYTES - 1);
	return 0;
}

struct maker {
	X509 *certificate;
	EVP_PKEY *key;
};

static int
load_maker(const struct wish *w, struct maker *m)
{
	char *key_path = file_path(w->maker, "maker-key.pem");
	char *certificate_path = file_path(w->maker, "maker-cert.pem");
	int err;

	err = key_load_certificate(certificate_path, &m->certificate);
	if (err == 0)
		err = key_load_private(key_path, &w->lock, &m->key);
	if (err == 0 && X509_check_private_key(m->certificate, m->key) != 1) {
		say_trouble("%s: is not the key of %s", key_path, certificate_path);
		err = -EINVAL;
	}
	if (err == 0 && X509_check_ca(m->certificate) != 1) {
		say_trouble("%s: is not the certificate of a maker: it may not sign others",
			    certificate_path);
		err = -EINVAL;
	}
	free(key_path);
	free(certificate_path);
	return err;
}

static int
make_unit(const struct wish *w, const struct maker *m, const char *key_path, const char *certificate_path)
{
	EVP_PKEY *key = NULL;
	X509 *c = NULL;
	int err;

	err = pair_make(&key);
	if (err < 0)
		return err;
	c = make_certificate(w->name, key, m->certificate, m->key, of_unit, ARRAY_SIZE(of_unit));
	err = c ? pair_save_unit(key, key_path) : -EIO;
	if (err == 0 && (err = save_certificate(c, certificate_path)) < 0)
		(void)unlink(key_path);
	X509_free(c);
	EVP_PKEY_free(key);
	return err;
}

int
command_unit(int argc, char **argv)
{
	static const struct argp_option options[] = {
	    {"name", OPTION_NAME, "NAME", 0, "The unit's name: letters, digits, '-' and '.'", 0},
	    {"maker", OPTION_MAKER, "DIR", 0, "Folder with maker-key.pem and maker-cert.pem", 0},
	    {"out", OPTION_OUT, "DIR", 0, "Folder for the files; made when it is not there", 0},
	    {"passphrase-file", OPTION_PASSPHRASE_FILE, "FILE", 0,
	     "Unlock the maker's key with the first line of FILE", 0},
	    {0},
	};
	static const struct argp argp = {
	    options,
	    parse,
	    NULL,
	    "Makes unit.der, the signing key that stays in the unit, and unit-cert.pem, "
	    "with which anyone checks its records.",
	    NULL,
	    NULL,
	    NULL};
	char *key_path, *certificate_path;
	struct wish w = {0};
	struct maker m = {0};
	int err;

	command_parse(&argp, argc, argv, &w);
	if (!name_is_good(w.name))
		return 1;
	key_path = file_path(w.out, "unit.der");
	certificate_path = file_path(w.out, "unit-cert.pem");
	err = load_maker(&w, &m);
	if (err == 0)
		err = file_make_folder(w.out);
	if (err == 0)
		err = file_must_be_new(key_path);
	if (err == 0)
		err = file_must_be_new(certificate_path);
	if (err == 0)
		err = make_unit(&w, &m, key_path, certificate_path);
	X509_free(m.certificate);
	EVP_PKEY_free(m.key);
	free(key_path);
	free(certificate_path);
	return err < 0;
}
