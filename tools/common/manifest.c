/*
 * Reads, checks and writes the signed manifest of an image. The reader takes
 * exactly the bytes that the writer makes.
 */
#include <errno.h>
#include <string.h>

#include "manifest.h"

enum key { PROFILE = 1, BOARD, VERSION, ROLLBACK, MADE, EXPIRES, BYTES, IMAGE, MAP, SBOM, KEYS = SBOM };
enum { MANIFEST_PROFILE = 1, HEADER_ROOM = 32, DAY_S = 86400 };

static const char manifest_typ[] = "laneseal-image";

/* So that no other signature of the same key can pass for a manifest. */
static size_t
protected_header(uint8_t out[HEADER_ROOM])
{
	struct cbor_writer w;

	cbor_write(&w, SPACE(out, HEADER_ROOM));
	cbor_put_map(&w, 2);
	cbor_put_uint(&w, COSE_HEADER_ALG);
	cbor_put_int(&w, COSE_ALG_ES256);
	cbor_put_uint(&w, COSE_HEADER_TYP);
	cbor_put_text(&w, manifest_typ);
	CHECK(!w.bad);
	return w.used;
}

static int
ranges_ok(const struct manifest *m)
{
	return m->board[0] && m->version[0] && m->made_s >= 0 && m->expires_s >= 0 &&
	       (m->expires_s == 0 || m->expires_s > m->made_s) && m->image_bytes > 0 &&
	       m->image_bytes <= INT64_MAX && m->image_bytes % MANIFEST_BLOCK_BYTES == 0;
}

static int
read_payload(struct manifest *m, struct span payload)
{
	struct cbor_reader r;
	int err;

	cbor_read(&r, payload);
	cbor_map(&r, KEYS);
	cbor_key(&r, PROFILE);
	cbor_key(&r, MANIFEST_PROFILE);
	cbor_key(&r, BOARD);
	cbor_text(&r, m->board, sizeof(m->board));
	cbor_key(&r, VERSION);
	cbor_text(&r, m->version, sizeof(m->version));
	cbor_key(&r, ROLLBACK);
	m->rollback = (uint32_t)cbor_uint_in(&r, 0, UINT32_MAX);
	cbor_key(&r, MADE);
	m->made_s = (int64_t)cbor_uint_in(&r, 0, INT64_MAX);
	cbor_key(&r, EXPIRES);
	m->expires_s = (int64_t)cbor_uint_in(&r, 0, INT64_MAX);
	cbor_key(&r, BYTES);
	m->image_bytes = cbor_uint(&r);
	cbor_key(&r, IMAGE);
	cbor_fixed(&r, m->image_hash, sizeof(m->image_hash));
	cbor_key(&r, MAP);
	cbor_fixed(&r, m->map_hash, sizeof(m->map_hash));
	cbor_key(&r, SBOM);
	cbor_fixed(&r, m->sbom_hash, sizeof(m->sbom_hash));
	err = cbor_end(&r);
	if (err < 0)
		return err;
	return ranges_ok(m) ? 0 : -ERANGE;
}

int
manifest_read(struct manifest *m, struct span bytes, const uint8_t key[CRYPTO_POINT_BYTES])
{
	uint8_t expected[HEADER_ROOM];
	size_t n = protected_header(expected);
	struct cose_sign1 s;
	struct cbor_reader r;
	int err;

	memset(m, 0, sizeof(*m));
	if (bytes.n > MANIFEST_BYTES_MAX)
		return -EBADMSG;
	cbor_read(&r, bytes);
	cose_sign1_read(&s, &r);
	cbor_require(&r, s.protected_header.n == n && memcmp(s.protected_header.p, expected, n) == 0);
	err = cbor_end(&r);
	if (err < 0)
		return err;
	err = cose_sign1_verify(&s, key);
	if (err < 0)
		return err == -EIO ? err : -EACCES;
	err = read_payload(m, s.payload);
	if (err < 0)
		memset(m, 0, sizeof(*m)); /* nothing of one that was refused can be used by mistake */
	return err;
}

int64_t
manifest_write(const struct manifest *m, struct space into, cose_signer sign, void *key)
{
	uint8_t header[HEADER_ROOM], payload[512];
	size_t n_header = protected_header(header);
	struct cbor_writer w;
	int64_t n;

	if (!ranges_ok(m))
		return -ERANGE;
	cbor_write(&w, SPACE_OF(payload));
	cbor_put_map(&w, KEYS);
	cbor_put_uint(&w, PROFILE);
	cbor_put_uint(&w, MANIFEST_PROFILE);
	cbor_put_uint(&w, BOARD);
	cbor_put_text(&w, m->board);
	cbor_put_uint(&w, VERSION);
	cbor_put_text(&w, m->version);
	cbor_put_uint(&w, ROLLBACK);
	cbor_put_uint(&w, m->rollback);
	cbor_put_uint(&w, MADE);
	cbor_put_uint(&w, (uint64_t)m->made_s);
	cbor_put_uint(&w, EXPIRES);
	cbor_put_uint(&w, (uint64_t)m->expires_s);
	cbor_put_uint(&w, BYTES);
	cbor_put_uint(&w, m->image_bytes);
	cbor_put_uint(&w, IMAGE);
	cbor_put_bytes(&w, SPAN_OF(m->image_hash));
	cbor_put_uint(&w, MAP);
	cbor_put_bytes(&w, SPAN_OF(m->map_hash));
	cbor_put_uint(&w, SBOM);
	cbor_put_bytes(&w, SPAN_OF(m->sbom_hash));
	n = cbor_done(&w);
	if (n < 0)
		return n;
	return cose_sign1_write(SPAN(header, n_header), SPAN(payload, (size_t)n), sign, key, into);
}

int
manifest_usable(const struct manifest *m, int64_t now_s)
{
	if (m->expires_s > 0 && now_s > m->expires_s)
		return -EKEYEXPIRED;
	return now_s < m->made_s - DAY_S ? -EAGAIN : 0;
}
