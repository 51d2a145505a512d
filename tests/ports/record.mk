# What a test needs that stands on the board's crypto port, or on the record.
crypto-with := firmware/base/check.c firmware/base/wipe.c firmware/base/log.c hal/crypto/random_check.c \
  $(if $(CONFIG_HAL_CRYPTO_OPENSSL),hal/crypto/openssl.c hal/crypto/openssl_private.c) \
  $(if $(CONFIG_HAL_CRYPTO_MBEDTLS),hal/crypto/mbedtls.c hal/crypto/mbedtls_private.c)
crypto-lib := $(if $(CONFIG_HAL_CRYPTO_OPENSSL),-lcrypto) $(if $(CONFIG_HAL_CRYPTO_MBEDTLS),-lmbedcrypto)
record-with := $(crypto-with) $(addprefix firmware/record/,cbor.c cose.c policy.c header.c entry.c hpke.c recipient.c \
  plain_write.c plain_read.c body.c open.c)
