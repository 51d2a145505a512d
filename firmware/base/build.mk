# Every program knows base. room.c is for rooms, log_text.h for programs that handle no picture.
base-rooms := capture locate seal spool uplink
base-texts := warden spool uplink $(tools)
# Opening files by name is not for those who see crops.
base-files := $(filter-out locate seal,$(programs))
$(foreach p,$(programs),$(eval $(p)-y += check.c log.c wipe.c io.c wire.c) \
  $(eval $(p)-sees += base/base.h base/log.h base/wipe.h base/io.h base/wire.h))
$(foreach p,$(base-rooms),$(eval $(p)-y += room.c pipe.c) $(eval $(p)-sees += base/room.h base/pipe.h))
$(foreach p,$(base-files),$(eval $(p)-y += io_file.c))
warden-y    += pipe.c
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
