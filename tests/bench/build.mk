# What a record costs: time, as a ratio to its primitives, and bytes.
include $(srctree)/tests/ports/record.mk
benches += sealing
sealing-src  := sealing.c
sealing-room := laneopen
sealing-with := tests/ports/maker.c $(record-with)
sealing-lib  := $(crypto-lib)
.PHONY: bench-seal
bench-seal: bench-sealing

# The finder's time for a frame, with this processor's best kernels and in plain C.
finder-bench-with := tests/lib/drawn.c firmware/base/check.c firmware/base/log.c firmware/base/wipe.c
benches += find
find-src  := bench_find.c
find-room := locate
find-with := $(addprefix firmware/locate/,$(finder-c)) $(finder-bench-with)
benches += find-plain
find-plain-src  := bench_find.c plain_only.c
find-plain-room := locate
find-plain-with := $(addprefix firmware/locate/,$(filter-out net_avx2.c net_sse41.c net_neon.c,$(finder-c))) $(finder-bench-with)

# The locator on photographs with known plates, beside OpenCV's plate cascades; its time and its instructions.
# PHOTOS=DIR: a folder with gt.csv, or with such folders.
bench-photos = $(if $(filter file undefined default,$(origin PHOTOS)),$(wildcard $(srctree)/../shared/plates),$(PHOTOS))
.PHONY: bench-locate
bench-locate: all $(B)/bench/find $(B)/bench/find-plain
	$(Q)$(srctree)/tools/deps/install test && $(srctree)/tools/deps/install bench
	$(Q)$(PYTHON) $(srctree)/tests/bench/locate --out $(B)/bench/locate --bin $(B) --sources '$(find-srcs)' \
	    $(if $(bench-photos),--photos '$(bench-photos)')

# What a frame of the drawn lane costs.
benches += synthetic
synthetic-src  := synthetic.c
synthetic-room := lanesim
synthetic-with := $(filter hal/camera/%,$(lanesim-srcs)) $(addprefix firmware/base/,check.c log.c)

# A minute of the whole house by the clock.
.PHONY: bench-lane
bench-lane: all
	$(Q)$(PYTHON) $(srctree)/tests/bench/lane --bin $(B)/bin
bench: bench-lane

# Vehicles recorded exactly once. SEEDS=N lanes a row; PLATES=DIR, or the photographs beside this checkout.
PLATES ?= $(wildcard $(srctree)/../shared/plates)
.PHONY: bench-follow
bench-follow: all
	$(Q)$(srctree)/tests/bench/follow $(B)/bin/lanescore '$(or $(SEEDS),7)' '$(wildcard $(PLATES)/validate/gt.csv)'

# What a record costs on this disk, and whether that depends on how many are held.
benches += spooling
spooling-src  := spool.c
spooling-room := spool
spooling-with := $(filter-out firmware/spool/main.c,$(spool-srcs)) tests/lib/spool_kit.c
spooling-lib  := $(spool-libs) -lcmocka
spooling-args := $(B)
.PHONY: bench-spool
bench-spool: bench-spooling

# What the locks cost, beside a build without them. Its output folder is its own, and no board asks for it.
unlocked := $(B)/bench/unlocked
.PHONY: bench-locks
bench-locks: all
	@mkdir -p $(unlocked)
	$(Q)sed 's/^\(CONFIG_HARDEN_[A-Z]*\)=y$$/# \1 is not set/' $(B)/.config >$(unlocked)/.config
	$(Q)$(MAKE) -f $(srctree)/Makefile O=$(unlocked) BOARD=$(BOARD) all
	$(Q)$(PYTHON) $(srctree)/tests/bench/locks --locked $(B)/bin --open $(unlocked)/bin
