# The doors, and the packets that carry them. Seeds: tests/fuzz/seeds.
fuzz-door-base := firmware/base/check.c firmware/base/log.c firmware/base/wire.c firmware/base/wipe.c firmware/base/pipe.c
fuzzers += fuzz_pipe
fuzz_pipe-src  := fuzz_pipe.c
fuzz_pipe-room := spool
fuzz_pipe-with := $(fuzz-door-base)
$(foreach d,frame/locate crop/locate sealed/spool parcel/spool vitals/spool,\
  $(eval door := $(patsubst %/,%,$(dir $d)))\
  $(eval fuzzers += fuzz_$(door))\
  $(eval fuzz_$(door)-src  := fuzz_$(door).c)\
  $(eval fuzz_$(door)-room := $(notdir $d))\
  $(eval fuzz_$(door)-with := $(fuzz-door-base) firmware/doors/$(door)/$(door).c))
