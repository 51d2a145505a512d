# The theft of a whole unit: a spool is made by seal's and spool's own code, and then everything a thief could try.
# The maker plays locate, seal and spool at once, which no room may; so it has a sight of its own.
theft-sight := base doors/crop doors/sealed record spool locate/cut.h locate/find.h \
               hal/crypto.h hal/crypto_private.h hal/keystore.h hal/clock.h hal/storage.h
theft-flags := -ffp-contract=off
$(eval $(call sight,theft))

include $(srctree)/tests/ports/record.mk
helpers += theft_make
theft_make-src  := make.c lane.c
theft_make-room := theft
theft_make-with := $(filter-out firmware/record/plain_read.c firmware/record/open.c,$(record-with)) \
  $(addprefix firmware/spool/,store.c recover.c segment.c state.c chain.c) hal/keystore/file.c hal/storage/posix.c \
  $(addprefix firmware/base/,io.c io_file.c wire.c) firmware/locate/cut.c \
  $(addprefix hal/camera/,plate.c glyphs.c paint.c)
theft_make-lib  := $(crypto-lib) -ljpeg -lspng

helpers += theft_guess
theft_guess-src  := guess.c
theft_guess-room := theft
theft_guess-lib  := -lcrypto

# A hundred thousand records, and one thousand in "make test".
THEFT_RECORDS ?= 100000
theft-cmd = $(PYTHON) $(srctree)/tests/theft/run --bin $(B)/bin --libexec $(B)/libexec --helpers $(B)/helper
.PHONY: theft
theft: all test-deps $(B)/helper/theft_make $(B)/helper/theft_guess
	$(Q)$(theft-cmd) --records $(THEFT_RECORDS) --out $(B)/theft --all

counters += a_stolen_unit_opens_nothing
a_stolen_unit_opens_nothing-cmd := $(theft-cmd) --records 1000
