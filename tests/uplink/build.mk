# The uplink room against collectors, good and bad (tests/uplink/run --help).
counters += uplink_delivers_over_https
uplink_delivers_over_https-cmd := /usr/bin/python3 $(srctree)/tests/uplink/run --uplink $(B)/libexec/uplink
