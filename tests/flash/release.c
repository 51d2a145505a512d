/*
 * Makes a release without lanekeys, so that lanectl is tested against the page and not against its own writer's habits.
 */
#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <openssl/ec.h>
#include <openssl/pem.h>

#include "../../tools/common/blockmap.h"
#include "release.h"

void
release_write(const struct release *r, const char *ending, const void *bytes, size_t n)
{
	char path[RELEASE_PATH_BYTES + 32];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s%s", r->image, ending);
	f = fopen(path, "w");
	assert(f && fwrite(bytes, 1, n, f) == n && fclose(f) == 0);
}

/* OpenSSL signs in DER; COSE wants r and s. */
static int
sign(void *key, const uint8_t hash[CRYPTO_HASH_BYTES], uint8_t signature[CRYPTO_SIGNATURE_BYTES])
{
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new(key, NULL);
	uint8_t der[80];
	const uint8_t *at = der;
	size_t n = sizeof(der);
	ECDSA_SIG *s;

	assert(c && EVP_PKEY_sign_init(c) == 1 && EVP_PKEY_sign(c, der, &n, hash, CRYPTO_HASH_BYTES) == 1);
	s = d2i_ECDSA_SIG(NULL, &at, (long)n);
	assert(s && BN_bn2binpad(ECDSA_SIG_get0_r(s), signature, 32) == 32 &&
	       BN_bn2binpad(ECDSA_SIG_get0_s(s), signature + 32, 32) == 32);
	ECDSA_SIG_free(s);
	EVP_PKEY_CTX_free(c);
	return 0;
}

void
release_sign(struct release *r, void *key)
{
	uint8_t bytes[MANIFEST_BYTES_MAX];
	int64_t n = manifest_write(&r->manifest, SPACE_OF(bytes), sign, key);

	assert(n > 0);
	release_write(r, ".manifest.cose", bytes, (size_t)n);
}

static void
draw_image(struct release *r)
{
	unsigned int x = 7;
	int fd;

	r->bytes = calloc(1, RELEASE_IMAGE_BYTES);
	assert(r->bytes);
	for (size_t i = 0; i < RELEASE_IMAGE_BYTES; i += 4096) {
		/* Data but for a hole in every third stretch of 64 KiB of the body. */
		if (i >= 1 << 20 && i < 3 << 20 && i / 65536 % 3 == 0)
			continue;
		for (size_t k = 0; k < 4096; k++)
			r->bytes[i + k] = (uint8_t)((x = x * 1103515245u + 12345u) >> 16);
	}
	fd = open(r->image, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
	assert(fd >= 0 && ftruncate(fd, RELEASE_IMAGE_BYTES) == 0);
	for (size_t i = 0; i < RELEASE_IMAGE_BYTES; i += 65536)
		if (!(i >= 1 << 20 && i < 3 << 20 && i / 65536 % 3 == 0))
			assert(pwrite(fd, r->bytes + i, 65536, (off_t)i) == 65536);
	(void)close(fd);
}

static void
write_map(struct release *r)
{
	struct blockmap m;
	char *xml;
	size_t n;
	int fd = open(r->image, O_RDONLY | O_CLOEXEC);

	assert(fd >= 0 && blockmap_make(&m, fd, r->manifest.image_hash) == 0);
	(void)close(fd);
	assert(m.n > 4); /* the file system kept the holes */
	assert(blockmap_write(&m, &xml, &n) == 0);
	release_write(r, ".bmap", xml, n);
	assert(EVP_Digest(xml, n, r->manifest.map_hash, NULL, EVP_sha256(), NULL) == 1);
	free(xml);
	blockmap_free(&m);
}

void
release_make(struct release *r)
{
	FILE *f;

	memset(r, 0, sizeof(*r));
	assert(hal_crypto_open() == 0);
	(void)snprintf(r->folder, sizeof(r->folder), "%s/lanectl-XXXXXX",
		       getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	assert(mkdtemp(r->folder));
	(void)snprintf(r->image, sizeof(r->image), "%s/image", r->folder);
	(void)snprintf(r->key, sizeof(r->key), "%s/release.pub.pem", r->folder);
	(void)snprintf(r->log_key, sizeof(r->log_key), "%s/technician.pem", r->folder);
	(void)snprintf(r->log, sizeof(r->log), "%s/log", r->folder);
	r->signer = EVP_EC_gen("P-256");
	r->technician = EVP_EC_gen("P-256");
	f = fopen(r->key, "w");
	assert(f && PEM_write_PUBKEY(f, r->signer) == 1 && fclose(f) == 0);
	f = fopen(r->log_key, "w");
	assert(f && PEM_write_PrivateKey(f, r->technician, NULL, NULL, 0, NULL, NULL) == 1 && fclose(f) == 0);
	draw_image(r);
	r->manifest = (struct manifest){.board = "qemu-x86_64",
					.version = "1.2",
					.rollback = 3,
					.made_s = (int64_t)time(NULL),
					.image_bytes = RELEASE_IMAGE_BYTES};
	write_map(r);
	release_sign(r, r->signer);
}

void
release_free(struct release *r)
{
	char command[200];

	(void)snprintf(command, sizeof(command), "rm -rf '%s'", r->folder);
	assert(system(command) == 0);
	EVP_PKEY_free(r->signer);
	EVP_PKEY_free(r->technician);
	free(r->bytes);
	hal_crypto_close();
}
