# The simulated cameras and the capture room's own parts. Another camera port has none of this.
camera-base := $(addprefix firmware/base/,check.c log.c log_text.c wipe.c wire.c io.c)
camera-with := $(filter hal/camera/%,$(capture-srcs)) firmware/doors/frame/frame.c $(camera-base)
scene-with  := $(filter hal/camera/%,$(lanesim-srcs)) $(camera-base)

ifeq ($(CONFIG_HAL_CAMERA_SIMULATED),y)
tests += camera_keeps_its_contract
camera_keeps_its_contract-src  := camera_contract.c
camera_keeps_its_contract-room := capture
camera_keeps_its_contract-with := $(camera-with) tests/lib/pictures.c firmware/capture/expose.c
camera_keeps_its_contract-lib  := -ljpeg -lspng

tests += broken_pictures_are_refused
broken_pictures_are_refused-src  := camera_picture.c
broken_pictures_are_refused-room := capture
broken_pictures_are_refused-with := hal/camera/picture.c tests/lib/pictures.c $(camera-base)
broken_pictures_are_refused-lib  := -ljpeg -lspng

tests += drawn_lane_is_what_its_seed_says
drawn_lane_is_what_its_seed_says-src  := camera_scene.c
drawn_lane_is_what_its_seed_says-room := capture
drawn_lane_is_what_its_seed_says-with := $(scene-with)
endif
