# The technician's tool, over disks in memory that fail, over tables of disks, and over loop devices where there are any.
flash-port := tools/lanectl/device_linux.c
flash-with := $(filter-out tools/lanectl/main.c $(flash-port),$(lanectl-srcs)) tools/common/blockmap_make.c

tests += a_half_written_disk_never_boots
a_half_written_disk_never_boots-src  := writing.c disk.c release.c
a_half_written_disk_never_boots-room := lanectl
a_half_written_disk_never_boots-with := $(filter-out $(addprefix tools/lanectl/,flash.c image.c devices.c log.c flash_args.c),$(flash-with))
a_half_written_disk_never_boots-lib  := $(lanectl-libs)

tests += a_disk_in_use_is_never_offered
a_disk_in_use_is_never_offered-src  := uses.c
a_disk_in_use_is_never_offered-room := lanectl
a_disk_in_use_is_never_offered-with := $(addprefix tools/lanectl/,uses.c judge.c) $(addprefix tools/common/,file.c say.c) \
                                       $(addprefix firmware/base/,check.c log.c io.c wipe.c)

tests += files_beside_an_image_are_taken_only_as_signed
files_beside_an_image_are_taken_only_as_signed-src  := formats.c release.c disk.c
files_beside_an_image_are_taken_only_as_signed-room := lanectl
files_beside_an_image_are_taken_only_as_signed-with := $(a_half_written_disk_never_boots-with)
files_beside_an_image_are_taken_only_as_signed-lib  := $(lanectl-libs)

tests += flash_refuses_before_it_writes
flash_refuses_before_it_writes-src  := command.c disk.c release.c
flash_refuses_before_it_writes-room := lanectl
flash_refuses_before_it_writes-with := $(flash-with)
flash_refuses_before_it_writes-lib  := $(lanectl-libs)

counters += lanectl_flashes_and_refuses_as_a_program
lanectl_flashes_and_refuses_as_a_program-cmd := $(PYTHON) $(srctree)/tests/flash/tool.py --bin $(B)/bin

ifeq ($(SANITIZE),)
counters += lanectl_flashes_and_refuses_sanitized
once += lanectl_flashes_and_refuses_sanitized
lanectl_flashes_and_refuses_sanitized-cmd := $(PYTHON) $(srctree)/tests/flash/tool.py --bin $(B)/asan/bin
endif

# A flash against dd, over a loop device: "make bench-flash", and in "make bench".
.PHONY: bench-flash
bench-flash: all
	$(Q)$(PYTHON) $(srctree)/tests/flash/ratio --bin $(B)/bin
bench: bench-flash
