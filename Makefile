# laneseal. "make help" lists the targets; docs/BUILD.md explains how this works.
#
# One make, no recursion. Every program is a class: each build.mk is read once
# and says which sources, header folders and libraries belong to which program.

MAKEFLAGS += -rR --no-print-directory
.DEFAULT_GOAL := all
.SUFFIXES:
.DELETE_ON_ERROR:
.SECONDEXPANSION:
SHELL := /bin/sh
export LC_ALL := C
export TZ := UTC0

srctree := $(patsubst %/,%,$(dir $(abspath $(lastword $(MAKEFILE_LIST)))))
BOARD   ?= host
SANITIZE ?=
O       ?= $(srctree)/build/$(BOARD)$(if $(SANITIZE),-asan)
B       := $(abspath $(O))
Q       := $(if $(V),,@)
say      = $(if $(V),,@printf '  %-7s %s\n' '$(1)' '$(2)')

# A board that is not this desk says which Debian it runs (board/BOARD/release) and, where that is not this machine's, its
# architecture. It is built with this machine's compiler, or Debian's cross compiler, against that Debian's libraries.
word-of  = $(if $(wildcard $(srctree)/board/$(BOARD)/$(1)),$(shell cat $(srctree)/board/$(BOARD)/$(1)))
machine := $(shell dpkg --print-architecture)
release := $(call word-of,release)
arch    := $(or $(call word-of,architecture),$(machine))
triplet-amd64 := x86_64-linux-gnu
triplet-arm64 := aarch64-linux-gnu
triplet := $(triplet-$(arch))
ifneq ($(release),)
SYSROOT       := $(srctree)/build/sysroot-$(release)-$(arch)
cross         := $(filter-out $(machine),$(arch))
CROSS_COMPILE ?= $(if $(cross),$(triplet)-)
PKG_CONFIG    := PKG_CONFIG_SYSROOT_DIR=$(SYSROOT) PKG_CONFIG_LIBDIR=$(SYSROOT)/usr/lib/$(triplet)/pkgconfig:$(SYSROOT)/usr/share/pkgconfig pkg-config
endif
PKG_CONFIG ?= pkg-config

# Debian's own interpreter: the packages that "make deps" installs are for it.
PYTHON  ?= /usr/bin/python3
# A make started by make has no default for it.
ifneq ($(filter default undefined,$(origin CC)),)
CC      := $(CROSS_COMPILE)gcc
endif
ifneq ($(filter default undefined,$(origin CXX)),)
CXX     := $(CROSS_COMPILE)g++
endif
NM      ?= $(CROSS_COMPILE)nm

# The programs, one word each, and where people find them. Tools run on the desk: a board with a release has none.
rooms   := capture locate seal spool uplink
tools   := laneopen lanekeys lanectl platebox lanesim lanescore leakscan
programs := warden init $(rooms) $(if $(release),,$(tools))
path-of  = $(B)/$(if $(filter $(1),init $(rooms)),libexec/$(1),bin/$(if $(filter warden,$(1)),laneseald,$(1)))

dirs := firmware/base firmware/doors firmware/record firmware/warden firmware/init \
        $(rooms:%=firmware/%) hal $(tools:%=tools/%)

plain-goals := help clean deps format sizes %_defconfig
$(if $(and $(release),$(filter test fuzz bench demo,$(MAKECMDGOALS))),$(error board '$(BOARD)' is for another machine; tests and tools run on this desk: BOARD=host))
needs-config := $(if $(MAKECMDGOALS),$(filter-out $(plain-goals),$(MAKECMDGOALS)),all)

include $(srctree)/tools/make/config.mk
include $(srctree)/tools/make/programs.mk
include $(srctree)/tools/make/tests.mk

.PHONY: all test demo bench fuzz format sizes deps clean help
all: $(foreach p,$(programs),$(call path-of,$(p)) $(B)/checked/$(p)) $(B)/compile_commands.json

# Photographs for the demo: PHOTOS=DIR, or those that lie beside this checkout.
PHOTOS ?= $(wildcard $(srctree)/../shared/plates/validate)
demo: all
	$(Q)$(PYTHON) $(srctree)/tools/demo/run --bin $(B)/bin --out $(B)/demo $(if $(PHOTOS),--photos '$(PHOTOS)')

# Programs of the desk, whatever board an image is for: they make it, flash it and open what it sealed.
# In a folder of their own, since build/host may be built at the same time.
desk  := $(srctree)/build/desk
make-desk = +$(Q)$(MAKE) -s -f $(srctree)/Makefile BOARD=host O=$(desk)
cache := --cache $(srctree)/build/packages
.PHONY: desk
desk: all
	$(make-desk) $(patsubst %,$(desk)/bin/%,lanekeys lanectl laneopen lanesim)

# A disk image of a board that has a recipe, and the tests that boot it.
.PHONY: image test-vm test-vm-camera test-update test-faults
recipe = $(srctree)/board/$(BOARD)/image.json
image: desk
	$(Q)[ -e $(recipe) ] || { echo "make: board '$(BOARD)' has no image recipe; boards that have: $(patsubst $(srctree)/board/%/image.json,%,$(wildcard $(srctree)/board/*/image.json))" >&2; exit 1; }
	$(Q)$(srctree)/tools/deps/install image
	$(Q)$(PYTHON) $(srctree)/tools/image/build --board $(srctree)/board/$(BOARD) --build $(B) --tools $(desk)/bin --out $(B)/$(BOARD).img $(cache)

ifneq ($(filter qemu-x86_64 qemu-arm64,$(BOARD)),)
test-vm: desk
	$(Q)$(srctree)/tools/deps/install image
	$(Q)$(PYTHON) $(srctree)/tests/vm/boot --build $(B) --tools $(desk)/bin --board $(srctree)/board/$(BOARD) --work $(B)/vm $(cache)
ifeq ($(BOARD),qemu-x86_64)
	$(Q)$(MAKE) -f $(srctree)/Makefile test-vm-camera
endif

test-update: desk
	$(Q)$(srctree)/tools/deps/install image
	$(Q)$(PYTHON) $(srctree)/tests/vm/update --build $(B) --tools $(desk)/bin --board $(srctree)/board/$(BOARD) --work $(B)/update $(cache)

# Firmware that panics or hangs, keys, damaged data, power cuts. VM_FAULTS=keys,data runs a part.
VM_FAULTS ?= panic,hang,keys,watchdog,data,power
test-faults: desk $(B)/vm/init $(B)/vm/laneseald
	$(make-desk) all
	$(Q)$(srctree)/tools/deps/install image
	$(Q)$(PYTHON) $(srctree)/tests/vm/faults --build $(B) --tools $(desk)/bin --board $(srctree)/board/$(BOARD) --work $(B)/faults $(cache) --only $(VM_FAULTS)
else
test-vm test-update test-faults:
	$(Q)$(MAKE) -f $(srctree)/Makefile BOARD=qemu-x86_64 $@
endif

# The same with a USB camera behind libcamera, in each format, and with faults. VM_CAMERA=grey,bad runs a part.
VM_CAMERA ?= grey,nv12,yuyv,corrupt,bad,plate
vm-camera := $(srctree)/build/qemu-x86_64-uvc
test-vm-camera:
	$(Q)$(srctree)/tools/deps/install image
	$(Q)$(srctree)/tools/deps/install test
	$(Q)$(MAKE) -f $(srctree)/Makefile BOARD=qemu-x86_64-uvc desk $(vm-camera)/vm/capture $(vm-camera)/vm/spool
	$(make-desk) $(desk)/helper/softcam
	$(Q)$(PYTHON) $(srctree)/tests/vm/camera --build $(vm-camera) --tools $(desk)/bin --board $(srctree)/board/qemu-x86_64-uvc --work $(vm-camera)/vm-test $(cache) --only $(VM_CAMERA)

# The ports of trigger and strobe on Debian's kernel and a GPIO chip that it simulates.
.PHONY: test-vm-gpio
test-vm-gpio: $(B)/helper/gpio_unit
	$(Q)$(srctree)/tools/deps/install image
	$(Q)$(PYTHON) $(srctree)/tests/vm/gpio --unit $< --work $(B)/vm-gpio $(cache)

deps:
	$(Q)$(srctree)/tools/deps/install all

format:
	$(Q)cd $(srctree) && git ls-files '*.c' '*.h' '*.cc' | xargs clang-format -i

sizes:
	$(Q)cd $(srctree) && tests/tree/sizes

clean:
	rm -rf $(B)

help:
	@echo '  all              build every program of BOARD (default: host)'
	@echo '  demo             vehicles pass a lane; the recipient opens what came out'
	@echo '  test             every test, with sanitizers'
	@echo '  proof            lets a unit run and crash, and looks for pictures in all it let out (as root)'
	@echo '  denied           tries all that no room may do, from inside each, and writes docs/DENIED.md (as root)'
	@echo '  theft            a unit with THEFT_RECORDS records is stolen (minutes); report in build/BOARD/theft'
	@echo '  test-power       the power goes at every point, and rooms are killed, at length'
	@echo '  bench-spool      what a record costs on disk, and whether that grows'
	@echo '  bench-locks      what the rooms'"'"' locks cost, beside a build without them'
	@echo '  test-uplink      the uplink against collectors, servers and lines, good and bad'
	@echo '  bench-uplink     three days of records over a poor line, an hour (as root)'
	@echo '  image            a disk image of BOARD=qemu-x86_64 or qemu-arm64, signed'
	@echo '  test-vm          flash that image, boot it in a virtual machine, open what it sealed; test-vm-camera: with a USB camera'
	@echo '  test-vm-gpio     trigger and strobe on a simulated GPIO chip, in a virtual machine'
	@echo '  test-update      the same machine takes a new release, refuses bad ones, and falls back from a broken one'
	@echo '  test-faults      the same machine under faults: bad firmware, keys, damaged data, power cuts (minutes to hours)'
	@echo '  bench            measured figures, as ratios'
	@echo '  bench-locate     the locator on photographs (PHOTOS=DIR with gt.csv) beside its peers'
	@echo '  fuzz             the decoders under a fuzzer, FUZZ_SECONDS each'
	@echo '  menuconfig       change options; savedefconfig writes them down'
	@echo '  <board>_defconfig  start again from board/<board>/defconfig'
	@echo '  deps             install the Debian packages of tools/deps/packages'
	@echo '  format           clang-format over all sources'
	@echo '  sizes            lines of C by folder, and the longest functions'
	@echo '  clean            remove the output of this board'
	@echo '  BOARD=name O=dir V=1 SANITIZE=1 WERROR=1 CC=clang'
