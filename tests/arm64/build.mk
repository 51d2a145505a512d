# The locator as an arm64 unit runs it, played by qemu.
counters += arm64_finds_the_same_boxes
once += arm64_finds_the_same_boxes
arm64_finds_the_same_boxes-cmd := $(srctree)/tests/arm64/run '$(CC)' $(B)/test/arm64 tests/arm64/digest.c tests/lib/drawn.c \
        $(addprefix firmware/locate/,$(finder-c)) firmware/base/wipe.c
