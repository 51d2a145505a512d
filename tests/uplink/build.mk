# The uplink room against collectors, good and bad (tests/uplink/run --help).
counters += uplink_delivers_over_https
once += uplink_delivers_over_https
uplink_delivers_over_https-cmd := $(PYTHON) $(srctree)/tests/uplink/run --uplink $(B)/libexec/uplink

.PHONY: test-uplink
test-uplink: all test-deps
	$(Q)$(srctree)/tools/deps/install ci
	$(Q)$(uplink_delivers_over_https-cmd)

# Three days of a lane with the line down, then 1 Mbit/s with 2 % loss: an hour. DRAIN_TO=store|nginx|s3rver
DRAIN_RECORDS ?= 15000
DRAIN_TO ?= store
.PHONY: bench-uplink
bench-uplink: all $(B)/helper/theft_make
	$(Q)$(PYTHON) $(srctree)/tests/uplink/drain --bin $(B)/bin --helpers $(B)/helper --records $(DRAIN_RECORDS) --to $(DRAIN_TO)
