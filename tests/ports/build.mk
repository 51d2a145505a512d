# The crypto port of the board, and the record on top of it. Run for BOARD=host and BOARD=host-mbedtls.
include $(srctree)/tests/ports/record.mk

tests += record_opens_for_its_recipients_and_nobody_else
record_opens_for_its_recipients_and_nobody_else-src  := record.c maker.c
record_opens_for_its_recipients_and_nobody_else-room := laneopen
record_opens_for_its_recipients_and_nobody_else-with := $(record-with)
record_opens_for_its_recipients_and_nobody_else-lib  := $(crypto-lib)

tests += keystore_takes_one_encoding_and_no_other
keystore_takes_one_encoding_and_no_other-src  := keystore_file.c
keystore_takes_one_encoding_and_no_other-room := spool
keystore_takes_one_encoding_and_no_other-with := $(filter-out firmware/spool/main.c,$(spool-srcs)) tests/lib/spool_kit.c
keystore_takes_one_encoding_and_no_other-lib  := $(spool-libs)

tests += clock_claims_no_more_than_the_kernel_says
clock_claims_no_more_than_the_kernel_says-src  := clock_linux.c
clock_claims_no_more_than_the_kernel_says-room := spool
clock_claims_no_more_than_the_kernel_says-with := hal/clock/linux.c firmware/base/check.c firmware/base/log.c
clock_claims_no_more_than_the_kernel_says-lib  := -Wl,--wrap=adjtimex -Wl,--wrap=clock_gettime

# Published vectors. The few of our own suite are in tests/ports/vectors; the rest lies outside the tree and may be absent.
VECTORS ?= $(srctree)/../shared/vectors
tests += crypto_port_keeps_its_contract
crypto_port_keeps_its_contract-src  := crypto_contract.c vectors.c
crypto_port_keeps_its_contract-room := laneopen
crypto_port_keeps_its_contract-with := $(crypto-with)
crypto_port_keeps_its_contract-lib  := $(crypto-lib) -ljansson
crypto_port_keeps_its_contract-args := $(abspath $(VECTORS))

tests += hpke_agrees_with_published_vectors
hpke_agrees_with_published_vectors-src  := hpke_vectors.c vectors.c
hpke_agrees_with_published_vectors-room := laneopen
hpke_agrees_with_published_vectors-with := $(crypto-with) $(addprefix firmware/record/,cbor.c cose.c hpke.c recipient.c)
hpke_agrees_with_published_vectors-lib  := $(crypto-lib) -ljansson
hpke_agrees_with_published_vectors-args := $(srctree)/tests/ports/vectors

tests += policy_is_taken_only_as_the_agency_signed_it
policy_is_taken_only_as_the_agency_signed_it-src  := policy.c maker.c
policy_is_taken_only_as_the_agency_signed_it-room := laneopen
policy_is_taken_only_as_the_agency_signed_it-with := $(record-with)
policy_is_taken_only_as_the_agency_signed_it-lib  := $(crypto-lib)

tests += records_of_either_port_open_with_this_one
records_of_either_port_open_with_this_one-src  := fixture.c maker.c
records_of_either_port_open_with_this_one-room := laneopen
records_of_either_port_open_with_this_one-with := $(record-with)
records_of_either_port_open_with_this_one-lib  := $(crypto-lib)
records_of_either_port_open_with_this_one-args := $(srctree)/tests/ports/fixtures

checks += docs_record_example_is_the_fixture
once += docs_record_example_is_the_fixture
docs_record_example_is_the_fixture-cmd := $(srctree)/tests/ports/annotate $(srctree)/tests/ports/fixtures/openssl.txt --check $(srctree)/docs/RECORD.md

include $(srctree)/tests/ports/camera.mk
include $(srctree)/tests/ports/trigger.mk
