# What a room that was taken over may still do: tried from inside each, and compared with docs/DENIED.md. The rooms
# are linked once more with an intruder in them (`wrapped`), beside the product's warden and one without walls.
denied := $(srctree)/tests/denied
intruded := $(foreach r,$(rooms),$(B)/denied/libexec/$(r))
$(foreach r,$(rooms),$(eval $(call wrapped,$(B)/denied/libexec/$(r),$(r),$(denied)/intruder.c)))
$(eval $(call wrapped,$(B)/denied/bin/open,warden,$(denied)/open_house.c))
$(B)/denied/bin/laneseald: $(B)/bin/laneseald
	@mkdir -p $(@D)
	$(Q)cp $< $@
denied-builds := $(intruded) $(B)/denied/bin/open $(B)/denied/bin/laneseald

# Its lists have the sanitizers' calls too, and a camera that is not there ends capture before it is ready.
ifeq ($(SANITIZE)$(CONFIG_HAL_CAMERA_LIBCAMERA),)
counters += a_room_is_denied_all_else
a_room_is_denied_all_else-cmd := $(PYTHON) $(denied)/run --bin $(B)
test: $(denied-builds)
endif

# The page is written by the test. It wants lesser_kernel of tests/house.
.PHONY: denied
denied: all $(denied-builds) $(B)/helper/lesser_kernel
	$(Q)$(PYTHON) $(denied)/run --bin $(B) --write
