/*
 * tools/lanekeys/pair.h - a fresh P-256 key pair, and the files it is kept in.
 *
 * Each function says what went wrong on stderr and returns a negative errno.
 */
#ifndef LANEKEYS_PAIR_H
#define LANEKEYS_PAIR_H

#include "../common/key.h"

int pair_make(EVP_PKEY **key) MUST_CHECK;
/* PKCS #8 in PEM, mode 0600; locked when a passphrase is wished for. */
int pair_save_private(const EVP_PKEY *key, const char *path, const struct key_passphrase *lock) MUST_CHECK;
/* PKCS #8 in DER, 138 bytes, mode 0400: what a unit's keystore reads. */
int pair_save_unit(const EVP_PKEY *key, const char *path) MUST_CHECK;
/* SubjectPublicKeyInfo, mode 0644: PEM for people, DER (91 bytes) for units. */
int pair_save_public_pem(const EVP_PKEY *key, const char *path) MUST_CHECK;
int pair_save_public_der(const EVP_PKEY *key, const char *path) MUST_CHECK;
/* A memory BIO's bytes into a new file. */
int pair_save_bio(BIO *bio, const char *path, unsigned int mode) MUST_CHECK;

#endif
