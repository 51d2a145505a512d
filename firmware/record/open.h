/*
 * record/open.h - opening a body with a recipient's private key. Only the recipient's tool may see it.
 */
#ifndef RECORD_OPEN_H
#define RECORD_OPEN_H

#include "hal/crypto_private.h"
#include "record/body.h"

/*
 * Finds this key among the recipients, unwraps the content key, checks the
 * commitment of the header, decrypts and decodes. `plain` holds at least
 * body.n bytes; *c points into it. Call record_verify() before.
 *   -ENOKEY    this key is not a recipient of this record
 *   -EBADMSG   altered: unwrapping, commitment, decryption or decoding failed
 * On failure `plain` is wiped.
 */
int body_open(const struct hal_crypto_private *key, struct span header, struct span body, struct space plain, struct crop *c) MUST_CHECK;

#endif
