# The changes to the disk are wrapped by the linker, so that the product's code knows nothing of the test.
tests += spool_keeps_what_it_acknowledged_when_power_fails
spool_keeps_what_it_acknowledged_when_power_fails-src  := spool_power.c
spool_keeps_what_it_acknowledged_when_power_fails-room := spool
spool_keeps_what_it_acknowledged_when_power_fails-with := $(filter-out firmware/spool/main.c,$(spool-srcs)) tests/lib/spool_kit.c
spool_keeps_what_it_acknowledged_when_power_fails-lib  := $(spool-libs) \
	$(foreach f,openat write fsync renameat unlinkat mkdirat,-Wl,--wrap=$(f))
