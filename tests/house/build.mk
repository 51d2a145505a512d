# The whole house: the real programs, as built and under sanitizers (tests/house/run --help).
counters += house_runs_its_days
house_runs_its_days-cmd := $(PYTHON) $(srctree)/tests/house/run --bin $(B)/bin

# The same programs with a clock that a day can set.
clock-programs := $(foreach p,warden $(rooms),$(patsubst $(B)/%,$(B)/clock/%,$(call path-of,$(p))))
$(foreach p,warden $(rooms),$(eval $(call wrapped,$(patsubst $(B)/%,$(B)/clock/%,$(call path-of,$(p))),$(p),$(srctree)/tests/house/set_clock.c)))

# The same rooms with illnesses that a day can give them; and a warden that finds one USB function more at each look.
ill-programs := $(foreach r,$(rooms),$(B)/ill/libexec/$(r)) $(B)/ill/bin/laneseald
$(foreach r,$(rooms),$(eval $(call wrapped,$(B)/ill/libexec/$(r),$(r),$(srctree)/tests/house/faulty_room.c)))
$(eval $(call wrapped,$(B)/ill/bin/laneseald,warden,$(srctree)/tests/house/more_usb.c))

# A kernel that lacks something.
helpers += lesser_kernel
lesser_kernel-src  := lesser_kernel.c
lesser_kernel-room := warden
lesser_kernel-lib  := -lseccomp

ifeq ($(SANITIZE),)
test: $(clock-programs) $(ill-programs)
endif

# Once is enough: the crypto ports have sanitized tests of their own.
ifeq ($(SANITIZE)$(CONFIG_HAL_CRYPTO_OPENSSL),y)
counters += house_runs_its_days_sanitized
# Under sanitizers days work more than they wait.
house_runs_its_days_sanitized-cmd := $(PYTHON) $(srctree)/tests/house/run --bin $(B)/asan/bin --jobs $(shell nproc)
endif

# The real spool and uplink, with the test in seal's place.
tests += spool_and_uplink_lose_nothing_when_killed
spool_and_uplink_lose_nothing_when_killed-src  := spool_rooms.c
spool_and_uplink_lose_nothing_when_killed-room := spool
spool_and_uplink_lose_nothing_when_killed-with := $(filter-out firmware/spool/main.c,$(spool-srcs)) tests/lib/spool_kit.c
spool_and_uplink_lose_nothing_when_killed-lib  := $(spool-libs)
spool_and_uplink_lose_nothing_when_killed-args := $(B)/libexec
test-spool_and_uplink_lose_nothing_when_killed: $(B)/libexec/spool $(B)/libexec/uplink

# A drawn lane through finder and follower alone, by day and by night: counted, not timed.
checks += drawn_vehicles_are_recorded_once
once += drawn_vehicles_are_recorded_once
drawn_vehicles_are_recorded_once-cmd := $(B)/bin/lanescore --title 'a day and a night' --seeds 2019,1 --least-once-permille 900 --most-false 1
