/*
 * record/body.h - the body: crops and all that describes them, padded, encrypted to the recipients.
 *
 * COSE_Encrypt, AES-256-GCM under a one-use content key, which is wrapped to
 * each recipient of the policy by COSE-HPKE (HPKE-7-KE). Bytes: docs/RECORD.md.
 */
#ifndef RECORD_BODY_H
#define RECORD_BODY_H

#include "base/base.h"
#include "doors/crop/crop.h"
#include "hal/crypto.h"
#include "record/header.h"
#include "record/policy.h"

/* ---- sealing: what the seal room uses ---- */

struct body_sealer; /* the recipients' keys, imported once, and work memory */

size_t body_sealer_bytes(void);
int body_sealer_open(struct body_sealer **s, struct space work, const struct policy *p) MUST_CHECK;
void body_sealer_close(struct body_sealer *s);

/*
 * Encodes, pads, encrypts. Sets the header's passage and source from the crop, fills
 * header->commitment, encodes the header into header_out, the COSE_Encrypt into body_out. The content key, the ephemeral keys
 * and the plaintext are wiped before it returns, whatever it returns.
 *   -ENOSPC   larger than PASSAGE_MAX_KIB allows
 *   -EIO      a guard failed: end the room
 */
int body_seal(struct body_sealer *s, const struct crop *c, struct record_header *header, struct space header_out,
	      size_t *header_bytes, struct space body_out, size_t *body_bytes) MUST_CHECK;

/* Length after padding: Padme (Nikitin et al., PETS 2019) above a floor of 4096 bytes. */
size_t body_padded_bytes(size_t plain_bytes);

#endif
