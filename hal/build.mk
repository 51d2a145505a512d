# A port belongs to the programs named in its line, and to no other.
capture-sees += hal/camera.h hal/trigger.h hal/strobe.h
capture-y += strobe/strobe.c
capture-$(CONFIG_HAL_TRIGGER_SIMULATED) += trigger/simulated.c
capture-$(CONFIG_HAL_TRIGGER_GPIO) += trigger/gpio.c
capture-$(CONFIG_HAL_STROBE_SIMULATED) += strobe/simulated.c
capture-$(CONFIG_HAL_STROBE_GPIO) += strobe/gpio.c
# The lines of both are asked for by the warden, which hands each on alone.
warden-y    += lines/gpio.c
warden-sees += hal/lines.h
# The drawn lane, and the tool that writes the truth about it. The same bytes on every
# machine need plain double: no fused multiply-add. -O3 for the pixel loops.
scene := camera/scene.c camera/scene_name.c camera/vehicle.c camera/backdrop.c camera/plate.c \
         camera/glyphs.c camera/view.c camera/paint.c camera/canary.c
scene-cflags := -ffp-contract=off -O3
lanesim-y      += $(scene)
lanesim-sees   += hal/scene.h hal/canary.h
lanesim-cflags += $(scene-cflags)
capture-$(CONFIG_HAL_CAMERA_SIMULATED) += camera/simulated.c camera/replay.c camera/folder.c camera/y4m.c \
                                          camera/picture.c camera/synthetic.c camera/barrier.c $(scene)
ifeq ($(CONFIG_HAL_CAMERA_SIMULATED),y)
capture-sees   += hal/scene.h hal/canary.h hal/picture.h
capture-cflags += $(scene-cflags)
endif
$(foreach p,platebox leakscan,$(eval $(p)-y += camera/picture.c) $(eval $(p)-sees += hal/picture.h))
leakscan-y    += camera/canary.c
leakscan-sees += hal/canary.h
lanescore-y      += $(scene) camera/picture.c
lanescore-cflags += $(scene-cflags)
capture-$(CONFIG_HAL_CAMERA_LIBCAMERA) += camera/libcamera.cc
ifeq ($(CONFIG_HAL_CAMERA_SIMULATED),y)
capture-lib += -ljpeg -lspng
endif
ifeq ($(CONFIG_HAL_CAMERA_LIBCAMERA),y)
capture-lib    += $(shell $(PKG_CONFIG) --libs libcamera 2>/dev/null)
capture-cflags += $(shell $(PKG_CONFIG) --cflags libcamera 2>/dev/null | sed 's/-I/-isystem /g')
endif

crypto-users := warden seal spool laneopen lanekeys lanectl
crypto-private-users := spool laneopen lanekeys
$(foreach p,$(crypto-users),$(eval $(p)-sees += hal/crypto.h) \
  $(eval $(p)-$(CONFIG_HAL_CRYPTO_OPENSSL) += crypto/openssl.c crypto/random_check.c) \
  $(eval $(p)-$(CONFIG_HAL_CRYPTO_MBEDTLS) += crypto/mbedtls.c crypto/random_check.c))
$(foreach p,$(crypto-private-users),$(eval $(p)-sees += hal/crypto_private.h) \
  $(eval $(p)-$(CONFIG_HAL_CRYPTO_OPENSSL) += crypto/openssl_private.c) \
  $(eval $(p)-$(CONFIG_HAL_CRYPTO_MBEDTLS) += crypto/mbedtls_private.c))
ifeq ($(CONFIG_HAL_CRYPTO_OPENSSL),y)
$(foreach p,$(crypto-users),$(eval $(p)-lib += -lcrypto))
endif
ifeq ($(CONFIG_HAL_CRYPTO_MBEDTLS),y)
$(foreach p,$(crypto-users),$(eval $(p)-lib += -lmbedcrypto))
endif

spool-y    += keystore/file.c clock/linux.c storage/posix.c
spool-sees += hal/keystore.h hal/clock.h hal/storage.h
