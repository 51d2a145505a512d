# The spool on a disk in memory that loses power, see tests/lib/storage_sim.h. The test's
# port takes the place of hal/storage/posix.c; no program of the product knows it.
# With OpenSSL only: the disk does not care who signed, and mbedTLS 2.28 takes twenty times as long to sign.
ifeq ($(CONFIG_HAL_CRYPTO_OPENSSL),y)
tests += spool_keeps_what_it_acknowledged_when_power_fails
spool_keeps_what_it_acknowledged_when_power_fails-src  := spool_power.c
spool_keeps_what_it_acknowledged_when_power_fails-room := spool
spool_keeps_what_it_acknowledged_when_power_fails-with := tests/lib/spool_kit.c tests/lib/storage_sim.c \
	$(filter-out firmware/spool/main.c hal/storage/posix.c hal/clock/linux.c,$(spool-srcs))
spool_keeps_what_it_acknowledged_when_power_fails-lib  := $(spool-libs) -Wl,--wrap=hal_crypto_verify
spool_keeps_what_it_acknowledged_when_power_fails-args := 1

# The same at the product's own speed, for "make test-power".
helpers += power_cuts
$(foreach v,src room with lib,$(eval power_cuts-$(v) := $(spool_keeps_what_it_acknowledged_when_power_fails-$(v))))
power_cuts-lib += -lcmocka
endif

# All rooms of a running unit, killed at random moments: a few in "make test", a thousand here.
counters += killed_rooms_lose_nothing
killed_rooms_lose_nothing-cmd := $(PYTHON) $(srctree)/tests/power/kills --bin $(B)/bin --kills 25

# In full: some ten minutes. What the spool logs on the way goes to build/BOARD/power.log.
POWER_SEEDS ?= 30
POWER_KILLS ?= 1000
.PHONY: test-power
test-power: all $(B)/helper/power_cuts
	$(Q)$(B)/helper/power_cuts $(POWER_SEEDS) 2>$(B)/power.log || { tail -n 20 $(B)/power.log; exit 1; }
	$(Q)$(PYTHON) $(srctree)/tests/power/kills --bin $(B)/bin --kills $(POWER_KILLS)
