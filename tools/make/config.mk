# board/BOARD/defconfig -> .config -> auto.conf (for make) and config.h (for C).
#
# Traps met: kconfiglib leaves a file alone when its text would not change, so a
# stamp carries the time; and it only warns about an option it does not know, so
# a defconfig is compared with what savedefconfig makes of it.

export KCONFIG_CONFIG := $(B)/.config
export srctree
kconf = cd $(srctree) && $(PYTHON) -m $(1)

.PHONY: menuconfig savedefconfig
%_defconfig: $(B)/deps.stamp
	@mkdir -p $(B)
	$(Q)$(call kconf,defconfig) --kconfig Kconfig board/$*/defconfig >$(B)/defconfig.log 2>&1 || \
	    { cat $(B)/defconfig.log >&2; exit 1; }
	$(Q)! grep -i warning $(B)/defconfig.log >&2
menuconfig: $(B)/.config
	$(Q)$(call kconf,menuconfig) Kconfig
savedefconfig: $(B)/.config
	$(Q)$(call kconf,savedefconfig) --kconfig Kconfig --out board/$(BOARD)/defconfig

# What a board is built against: when that changes, everything is compiled again.
built-for := $(wildcard $(addprefix $(srctree)/board/$(BOARD)/,release architecture))

# Packages first: nothing below works without them. It asks dpkg only when the list changes.
$(B)/deps.stamp: $(srctree)/tools/deps/packages $(srctree)/tools/deps/install $(srctree)/tools/deps/sysroot $(built-for)
	@mkdir -p $(B)
	$(Q)$(srctree)/tools/deps/install build
	$(if $(cross),$(Q)$(srctree)/tools/deps/install cross-$(arch))
	$(if $(SYSROOT),$(Q)$(srctree)/tools/deps/install sysroot && $(srctree)/tools/deps/sysroot $(release) $(arch) $(SYSROOT))
	@touch $@

ifneq ($(needs-config),)
include $(B)/auto.conf
-include $(B)/kconfig.dep

$(B)/.config: $(srctree)/board/$(BOARD)/defconfig | $(B)/deps.stamp
	$(call say,CONF,board/$(BOARD)/defconfig)
	$(Q)$(call kconf,defconfig) --kconfig Kconfig board/$(BOARD)/defconfig >$(B)/defconfig.log 2>&1 || \
	    { cat $(B)/defconfig.log >&2; exit 1; }
	$(Q)! grep -i warning $(B)/defconfig.log >&2
	@touch $@
$(srctree)/board/$(BOARD)/defconfig:
	@echo "make: there is no board '$(BOARD)'; boards: $(notdir $(patsubst %/,%,$(dir $(wildcard $(srctree)/board/*/defconfig))))" >&2; exit 1

$(B)/auto.conf: $(B)/config.stamp ;
$(B)/config.stamp: $(B)/.config
	@mkdir -p $(B)/include
	$(Q)$(call kconf,genconfig) --config-out $(B)/auto.conf --header-path $(B)/include/config.h \
	    --file-list $(B)/kconfig.files Kconfig
	@sed 's|^|$(B)/config.stamp: $(srctree)/|' $(B)/kconfig.files > $(B)/kconfig.dep
	@touch $@
$(B)/include/config.h: $(B)/config.stamp ;
endif
