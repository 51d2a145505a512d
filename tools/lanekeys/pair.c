/*
 * Key pairs: made by OpenSSL, saved as PKCS #8 and SubjectPublicKeyInfo. Holds the
 * commands that make nothing but a pair.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>

#include "base/wipe.h"
#include "record/policy.h"

#include "../common/file.h"
#include "../common/say.h"
#include "commands.h"
#include "pair.h"

enum { UNIT_KEY_BYTES = 138, PUBLIC_KEY_BYTES = 91, LOCK_ROUNDS = 600000 };

int
pair_make(EVP_PKEY **key)
{
	*key = EVP_EC_gen("P-256");
	if (*key)
		return 0;
	say_trouble("cannot make a key: %s", key_library_trouble());
	return -EIO;
}

int
pair_save_bio(BIO *bio, const char *path, unsigned int mode)
{
	char *bytes = NULL;
	long n = BIO_get_mem_data(bio, &bytes);

	CHECK(n > 0 && bytes);
	return file_create(path, mode, SPAN((const uint8_t *)bytes, (size_t)n));
}

/* PBES2 with many more rounds than the library's default, since a passphrase is the weakest part. */
static int
write_locked(BIO *out, PKCS8_PRIV_KEY_INFO *info, const char *path, const struct key_passphrase *lock)
{
	char text[KEY_PASSPHRASE_MAX];
	X509_ALGOR *how;
	X509_SIG *locked = NULL;
	size_t n;
	int err;

	err = key_passphrase_read(lock, path, 1, text, &n);
	if (err < 0)
		return err;
	how = PKCS5_pbe2_set_iv(EVP_aes_256_cbc(), LOCK_ROUNDS, NULL, 0, NULL, NID_hmacWithSHA256);
	if (how)
		locked = PKCS8_set0_pbe(text, (int)n, info, how);
	wipe(text, sizeof(text));
	if (!locked) {
		X509_ALGOR_free(how);
		return -EIO;
	}
	err = PEM_write_bio_PKCS8(out, locked) == 1 ? 0 : -EIO;
	X509_SIG_free(locked);
	return err;
}

int
pair_save_private(const EVP_PKEY *key, const char *path, const struct key_passphrase *lock)
{
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
	BIO *out = BIO_new(BIO_s_secmem());
	int err;

	CHECK(info && out);
	if (lock->ask || lock->file)
		err = write_locked(out, info, path, lock);
	else
		err = PEM_write_bio_PKCS8_PRIV_KEY_INFO(out, info) == 1 ? 0 : -EIO;
	if (err == -EIO)
		say_trouble("%s: cannot encode the key: %s", path, key_library_trouble());
	if (err == 0)
		err = pair_save_bio(out, path, 0600);
	BIO_free(out); /* wipes what it held */
	PKCS8_PRIV_KEY_INFO_free(info);
	return err;
}

int
pair_save_unit(const EVP_PKEY *key, const char *path)
{
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
	uint8_t *der = NULL;
	int n, err;

	CHECK(info);
	n = i2d_PKCS8_PRIV_KEY_INFO(info, &der);
	CHECK(n == UNIT_KEY_BYTES);
	err = file_create(path, 0400, SPAN(der, (size_t)n));
	OPENSSL_clear_free(der, (size_t)n);
	PKCS8_PRIV_KEY_INFO_free(info);
	return err;
}

int
pair_save_public_pem(const EVP_PKEY *key, const char *path)
{
	BIO *out = BIO_new(BIO_s_mem());
	int err;

	CHECK(out);
	CHECK(PEM_write_bio_PUBKEY(out, (EVP_PKEY *)(uintptr_t)key) == 1);
	err = pair_save_bio(out, path, 0644);
	BIO_free(out);
	return err;
}

int
pair_save_public_der(const EVP_PKEY *key, const char *path)
{
	uint8_t *der = NULL;
	int n, err;

	n = i2d_PUBKEY(key, &der);
	CHECK(n == PUBLIC_KEY_BYTES);
	err = file_create(path, 0644, SPAN(der, (size_t)n));
	OPENSSL_free(der);
	return err;
}

/* ---- the commands ---- */

struct wish {
	const char *role, *out;
	struct key_passphrase lock;
};

enum { OPTION_ROLE = 1000, OPTION_OUT, OPTION_PASSPHRASE, OPTION_PASSPHRASE_FILE };

static error_t
parse(int option, char *arg, struct argp_state *state)
{
	struct wish *w = state->input;

	switch (option) {
	case OPTION_ROLE:
		w->role = arg;
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
		if (!w->role)
			argp_error(state, "--role is missing: agency, escrow, ...");
		if (!w->out)
			argp_error(state, "--out is missing: the folder that the key goes to");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

#define LOCK_OPTIONS                                                                                         \
	{"out", OPTION_OUT, "DIR", 0, "Folder for the files; made when it is not there", 0},                 \
	    {"passphrase",                                                                                   \
	     OPTION_PASSPHRASE,                                                                              \
	     NULL,                                                                                           \
	     0,                                                                                              \
	     "Ask on the terminal for a passphrase to lock the key with",                                    \
	     0},                                                                                             \
	{                                                                                                    \
		"passphrase-file", OPTION_PASSPHRASE_FILE, "FILE", 0,                                        \
		    "Lock the key with the first line of FILE", 0                                            \
	}

static int
role_is_good(const char *role)
{
	size_t n = strspn(role, "abcdefghijklmnopqrstuvwxyz0123456789-");

	if (n > 0 && role[n] == 0 && n < POLICY_ROLE_BYTES && role[0] != '-')
		return 1;
	say_trouble(
	    "--role %s: a role has 1 to %d small letters, digits and '-', and does not begin with '-'", role,
	    POLICY_ROLE_BYTES - 1);
	return 0;
}

/* The private half first: should the second file fail, the first is taken back, so that a retry can begin anew. */
static int
make_pair(const struct wish *w, const char *private_path, const char *public_path,
	  int (*save_public)(const EVP_PKEY *key, const char *path))
{
	EVP_PKEY *key = NULL;
	int err;

	err = file_make_folder(w->out);
	if (err == 0)
		err = file_must_be_new(private_path);
	if (err == 0)
		err = file_must_be_new(public_path);
	if (err == 0)
		err = pair_make(&key);
	if (err == 0)
		err = pair_save_private(key, private_path, &w->lock);
	if (err == 0) {
		err = save_public(key, public_path);
		if (err < 0)
			(void)unlink(private_path);
	}
	EVP_PKEY_free(key);
	return err;
}

int
command_recipient(int argc, char **argv)
{
	static const struct argp_option options[] = {
	    {"role", OPTION_ROLE, "ROLE", 0, "What this recipient is in policies: agency, escrow, ...", 0},
	    LOCK_OPTIONS,
	    {0},
	};
	static const struct argp argp = {options,
					 parse,
					 NULL,
					 "Makes ROLE.pem, which opens records: keep it away from any lane. "
					 "And ROLE.pub.pem, which goes into policies.",
					 NULL,
					 NULL,
					 NULL};
	char *private_path, *public_path, name[POLICY_ROLE_BYTES + 8];
	struct wish w = {0};
	int err;

	command_parse(&argp, argc, argv, &w);
	if (!role_is_good(w.role))
		return 1;
	(void)snprintf(name, sizeof(name), "%s.pem", w.role);
	private_path = file_path(w.out, name);
	(void)snprintf(name, sizeof(name), "%s.pub.pem", w.role);
	public_path = file_path(w.out, name);
	err = make_pair(&w, private_path, public_path, pair_save_public_pem);
	free(private_path);
	free(public_path);
	return err < 0;
}

/* A pair whose files always have the same names. */
static int
fixed_pair(const struct argp *argp, int argc, char **argv, const char *name, const char *ending,
	   int (*save_public)(const EVP_PKEY *key, const char *path))
{
	struct wish w = {.role = name};
	char *private_path, *public_path, file[64];
	int err;

	command_parse(argp, argc, argv, &w);
	(void)snprintf(file, sizeof(file), "%s.pem", name);
	private_path = file_path(w.out, file);
	(void)snprintf(file, sizeof(file), "%s%s", name, ending);
	public_path = file_path(w.out, file);
	err = make_pair(&w, private_path, public_path, save_public);
	free(private_path);
	free(public_path);
	return err < 0;
}

static const struct argp_option fixed_options[] = {LOCK_OPTIONS, {0}};

int
command_policy_key(int argc, char **argv)
{
	static const struct argp argp = {
	    fixed_options,
	    parse,
	    NULL,
	    "Makes policy-key.pem, which signs policies, and policy-key.der, which units trust.",
	    NULL,
	    NULL,
	    NULL};

	return fixed_pair(&argp, argc, argv, "policy-key", ".der", pair_save_public_der);
}

int
command_release_key(int argc, char **argv)
{
	static const struct argp argp = {
	    fixed_options,
	    parse,
	    NULL,
	    "Makes release.pem, which signs images, and release.pub.pem, which technicians' desks trust.",
	    NULL,
	    NULL,
	    NULL};

	return fixed_pair(&argp, argc, argv, "release", ".pub.pem", pair_save_public_pem);
}

int
command_technician_key(int argc, char **argv)
{
	static const struct argp argp = {
	    fixed_options,
	    parse,
	    NULL,
	    "Makes technician.pem, which signs the record of what was flashed, and technician.pub.pem, which checks it.",
	    NULL,
	    NULL,
	    NULL};

	return fixed_pair(&argp, argc, argv, "technician", ".pub.pem", pair_save_public_pem);
}
