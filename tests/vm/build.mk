# The camera that a virtual machine is shown, and its own test; the virtual machine itself is "make test-vm".
softcam-parts := softcam_film.c softcam_video.c softcam_line.c
helpers += softcam
softcam-src  := softcam.c $(softcam-parts)
softcam-room := lanesim
softcam-with := firmware/base/check.c firmware/base/log.c firmware/base/io.c
softcam-lib  := -lusbredirparser -ljpeg

tests += a_soft_camera_is_a_usb_camera
a_soft_camera_is_a_usb_camera-src  := softcam_test.c $(softcam-parts)
a_soft_camera_is_a_usb_camera-room := lanesim
a_soft_camera_is_a_usb_camera-with := firmware/base/check.c firmware/base/log.c firmware/base/io.c
a_soft_camera_is_a_usb_camera-lib  := -lusbredirparser -ljpeg

# A capture that says a sum of each frame it takes, and a spool that says what it stored, for a unit in a virtual machine
# that sees the soft camera.
ifeq ($(CONFIG_HAL_CAMERA_LIBCAMERA),y)
$(eval $(call wrapped,$(B)/vm/capture,capture,$(srctree)/tests/vm/digests.c))
$(eval $(call wrapped,$(B)/vm/spool,spool,$(srctree)/tests/vm/stored.c))
endif

# Programs that hang, for the unit under faults.
$(eval $(call wrapped,$(B)/vm/init,init,$(srctree)/tests/vm/hung_init.c))
$(eval $(call wrapped,$(B)/vm/laneseald,warden,$(srctree)/tests/vm/hung_warden.c))

# The first program of a virtual machine with the kernel's simulated lines: "make test-vm-gpio".
gpio_unit-sight := base capture hal/lines.h hal/trigger.h hal/strobe.h
$(eval $(call sight,gpio_unit))
helpers += gpio_unit
gpio_unit-src  := gpio_unit.c
gpio_unit-room := gpio_unit
gpio_unit-with := hal/lines/gpio.c hal/trigger/gpio.c hal/strobe/gpio.c firmware/capture/gate.c firmware/base/check.c firmware/base/log.c
gpio_unit-lib  := -static
