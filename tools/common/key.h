/*
 * tools/common/key.h - keys and certificates as people keep them: PEM, DER, X.509. All are P-256.
 *
 * What is on disk may be anything: each reader tells a wrong kind of file by name
 * ("is a certificate; give ...") on stderr and returns a negative errno.
 */
#ifndef TOOLS_COMMON_KEY_H
#define TOOLS_COMMON_KEY_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/base.h"
#include "hal/crypto.h"

enum { KEY_FILE_MAX = 65536, KEY_PASSPHRASE_MAX = 1024 };

/* Where the passphrase of a private key comes from. Never from the command line, which other users can read. */
struct key_passphrase {
	int ask;          /* on the terminal */
	const char *file; /* its first line; NULL: none */
};

/* A private key in PEM. The passphrase is needed only when the file is locked; on a terminal it is then asked for. */
int key_load_private(const char *path, const struct key_passphrase *from, EVP_PKEY **key) MUST_CHECK;
/* A public key, PEM or DER SubjectPublicKeyInfo. A private key is refused: it has no business here. */
int key_load_public(const char *path, EVP_PKEY **key) MUST_CHECK;
/* An X.509 certificate, PEM or DER, with a P-256 key. */
int key_load_certificate(const char *path, X509 **certificate) MUST_CHECK;

/* Uncompressed point of a key, checked to be on the curve. */
int key_point(const EVP_PKEY *key, uint8_t point[CRYPTO_POINT_BYTES]) MUST_CHECK;
/* The caller wipes it. */
int key_scalar(const EVP_PKEY *key, uint8_t scalar[CRYPTO_SCALAR_BYTES]) MUST_CHECK;

/*
 * Reads a passphrase: from the file's first line, or on the terminal (twice when
 * `repeat`). Sets *n to its length; the caller wipes it.
 */
int key_passphrase_read(const struct key_passphrase *from, const char *what, int repeat,
			char text[KEY_PASSPHRASE_MAX], size_t *n) MUST_CHECK;

/* Copies the subject's common name; -ENOENT when there is none, -ENAMETOOLONG when it does not fit. */
int key_certificate_name(const X509 *certificate, char *name, size_t room) MUST_CHECK;

/* What a file seems to be, in words: "a certificate", "a private key", ... NULL when it is none of them. */
const char *key_kind(struct span bytes);

/* Why OpenSSL refused last, in its words; empties its queue. */
const char *key_library_trouble(void);

#endif
