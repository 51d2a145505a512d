# Records opened with other people's libraries.
counters += records_open_with_foreign_libraries
once += records_open_with_foreign_libraries
records_open_with_foreign_libraries-cmd := $(srctree)/tests/interop/run $(srctree)/tests/ports/fixtures/openssl.txt \
  $(srctree)/tests/ports/fixtures/mbedtls.txt $(srctree)/tests/ports/fixtures/profile1.txt
