# Every program knows base. room.c is for rooms, log_text.h for programs that handle no picture.
calls-of = $(1)/syscalls$(if $(filter capture,$(1)),$(if $(CONFIG_HAL_CAMERA_LIBCAMERA),_libcamera,_simulated)).def
base-rooms := capture locate seal spool uplink
base-texts := warden init spool uplink $(tools)
# Opening files by name is not for those who see crops.
base-files := $(filter-out locate seal,$(programs))
$(foreach p,$(programs),$(eval $(p)-y += check.c log.c wipe.c io.c wire.c) \
  $(eval $(p)-sees += base/base.h base/log.h base/clock.h base/wipe.h base/io.h base/wire.h))
$(foreach p,$(base-rooms),$(eval $(p)-y += room.c pipe.c) $(eval $(p)-sees += base/room.h base/pipe.h))
# A room closes itself in with the list of its folder; the warden explains the same lists.
$(foreach p,$(base-rooms),$(eval $(p)-y += lock.c landlock.c memory.c) $(eval $(p)-lib += -lseccomp) \
  $(eval $(p)-sees += base/lock.h base/landlock.h base/memory.h $(p) base/syscalls_sanitized.def) \
  $(eval $(p)-cflags += -DROOM_CALLS=\"$(call calls-of,$(p))\" $(if $(SANITIZE),-DROOM_CALLS_MORE=\"base/syscalls_sanitized.def\")))
warden-y    += landlock.c
warden-sees += base/lock.h base/landlock.h base/syscalls_sanitized.def $(foreach p,$(base-rooms),$(call calls-of,$(p)))
warden-cflags += -DCAPTURE_CALLS=\"$(call calls-of,capture)\" $(if $(SANITIZE),-DROOM_CALLS_MORE=\"base/syscalls_sanitized.def\")
$(foreach p,$(base-files),$(eval $(p)-y += io_file.c))
warden-y    += pipe.c usb.c
init-y      += usb.c
warden-sees += base/usb.h
init-sees   += base/usb.h
warden-sees += base/pipe.h base/room.h
$(foreach p,$(base-texts),$(eval $(p)-y += log_text.c) $(eval $(p)-sees += base/log_text.h))
capture-$(CONFIG_HAL_CAMERA_SIMULATED) += log_text.c
ifeq ($(CONFIG_HAL_CAMERA_SIMULATED),y)
capture-sees += base/log_text.h
endif

# Rooms whose libraries allocate: malloc is a fixed, locked, wiped region (arena.h).
arena-rooms := locate seal $(if $(CONFIG_HAL_CAMERA_SIMULATED),capture)
$(foreach p,$(arena-rooms),$(eval $(p)-sees += base/arena.h))
$(foreach p,$(arena-rooms),$(eval $(p)-y += $(if $(SANITIZE),arena_none.c,arena.c)))
seal-cflags    += -DARENA_KIB=2048
locate-cflags  += -DARENA_KIB=8192
capture-cflags += -DARENA_KIB=65536
