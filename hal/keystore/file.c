/*
 * The unit's signing key from a file the warden opened: PKCS #8 DER of a P-256
 * key, in the one encoding that OpenSSL 3 writes and lanekeys keeps to. Every
 * byte that is not key is compared, so there is no DER parser here to get wrong.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/wipe.h"
#include "hal/keystore.h"

/* PrivateKeyInfo, version 0, id-ecPublicKey, prime256v1; then ECPrivateKey, version 1, a scalar of 32 bytes. */
static const uint8_t before_scalar[] = {
    0x30, 0x81, 0x87, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d,
    0x03, 0x01, 0x07, 0x04, 0x6d, 0x30, 0x6b, 0x02, 0x01, 0x01, 0x04, 0x20,
};
/* [1] publicKey, a BIT STRING of 65 bytes without unused bits. */
static const uint8_t before_point[] = {0xa1, 0x44, 0x03, 0x42, 0x00};

enum {
	SCALAR_AT = sizeof(before_scalar),
	INFIX_AT = SCALAR_AT + CRYPTO_SCALAR_BYTES,
	POINT_AT = INFIX_AT + sizeof(before_point),
	KEY_BYTES = POINT_AT + CRYPTO_POINT_BYTES,
};

/*
 * pread, not read: the warden may hand the same open file to the next instance
 * of the room, and with it the place where this one stopped reading.
 */
static int
read_whole(int fd, uint8_t *into, size_t room, size_t *have)
{
	ssize_t got;

	*have = 0;
	while (*have < room) {
		got = pread(fd, into + *have, room - *have, (off_t)*have);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		*have += (size_t)got;
	}
	return 0;
}

/* A file whose two halves do not belong together would sign what nobody can verify. */
static int
point_fits(const struct hal_crypto_private *key, const uint8_t *expected)
{
	uint8_t point[CRYPTO_POINT_BYTES];
	int err;

	err = hal_crypto_private_point(key, point);
	if (err < 0)
		return err;
	return same_bytes(point, expected, sizeof(point)) ? 0 : -EBADMSG;
}

int
hal_keystore_open(struct hal_crypto_private **key, int fd)
{
	uint8_t der[KEY_BYTES + 1]; /* one more, to notice a longer file */
	size_t have;
	int err;

	*key = NULL;
	err = read_whole(fd, der, sizeof(der), &have);
	if (err < 0)
		goto wipe_der;
	err = -EBADMSG;
	if (have != KEY_BYTES || memcmp(der, before_scalar, sizeof(before_scalar)) != 0 ||
	    memcmp(der + INFIX_AT, before_point, sizeof(before_point)) != 0)
		goto wipe_der;
	err = hal_crypto_private_open(key, der + SCALAR_AT);
	if (err == -EINVAL)
		err = -EBADMSG;
	if (err < 0)
		goto wipe_der;
	err = point_fits(*key, der + POINT_AT);
	if (err < 0) {
		hal_crypto_private_close(*key);
		*key = NULL;
	}

wipe_der:
	wipe(der, sizeof(der));
	return err;
}
