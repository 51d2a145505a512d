# What a record costs: time, as a ratio to its primitives, and bytes.
include $(srctree)/tests/ports/record.mk
benches += sealing
sealing-src  := sealing.c
sealing-room := laneopen
sealing-with := tests/ports/maker.c $(record-with)
sealing-lib  := $(crypto-lib)
.PHONY: bench-seal
bench-seal: bench-sealing

# The finder's time for a frame.
benches += find
find-src  := bench_find.c
find-room := locate
find-with := $(addprefix firmware/locate/,$(finder-c)) \
             firmware/base/check.c firmware/base/log.c firmware/base/wipe.c

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
