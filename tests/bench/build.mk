# What a record costs: time, as a ratio to its primitives, and bytes.
include $(srctree)/tests/ports/record.mk
benches += sealing
sealing-src  := sealing.c
sealing-room := laneopen
sealing-with := tests/ports/maker.c $(record-with)
sealing-lib  := $(crypto-lib)
.PHONY: bench-seal
bench-seal: bench-sealing
