# Reads every build.mk once and makes the programs.
#
# In a build.mk, for a program P:
#   P-y    += file.c    sources, relative to the folder of the build.mk
#   P-sees += base      headers P may include: folders or files below firmware/ and
#                       hal/include/, by the name they are included with
#   P-lib  += -lfoo     libraries P links
#   P-cflags += -Dx     extra compiler flags
#   kernels += file.c   inner loops, relative to the top: SANITIZE=1 leaves them as they are in programs
#                       (a frame would take twelve times as long); their unit tests sanitize them
#   P-deny += symbol    symbols (patterns) that must not appear in P's own objects;
#                       base/arena.c is not looked at, since it is the heap, nor base/lock.c,
#                       which opens the folders that the room may keep
#
# A source shared by two programs is compiled twice, each time under the include
# path of its program: a room that may not see a header cannot compile code that
# needs it.

ifneq ($(needs-config),)
vars := y sees lib cflags deny
kernels :=

define read-dir
$(foreach p,$(programs),$(foreach v,$(vars),$(eval $(p)-$(v) :=)))
$(eval include $(srctree)/$(1)/build.mk)
$(foreach p,$(programs),\
  $(eval $(p)-srcs   += $(addprefix $(1)/,$($(p)-y)))\
  $(eval $(p)-sight  += $($(p)-sees))\
  $(eval $(p)-libs   += $($(p)-lib))\
  $(eval $(p)-flags  += $($(p)-cflags))\
  $(eval $(p)-denied += $($(p)-deny)))
endef
$(foreach d,$(dirs),$(call read-dir,$(d)))

warn := -Wall -Wextra -Wshadow -Wvla -Wundef -Wwrite-strings -Wconversion -Wformat=2 \
        -Werror=date-time -Werror=implicit-fallthrough $(if $(WERROR),-Werror)
warn-c := -Wstrict-prototypes -Wmissing-prototypes -Werror=implicit-function-declaration
hard := -fstack-protector-strong -fPIE -ffunction-sections -fdata-sections
sanitizers := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
# A native compiler looks for libraries beside itself before it looks into a sysroot.
sysroot := $(if $(SYSROOT),--sysroot=$(SYSROOT) -B$(SYSROOT)/usr/lib/$(triplet))
common := $(sysroot) -O2 -g $(warn) $(hard) $(if $(SANITIZE),$(sanitizers),-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2) \
        -ffile-prefix-map=$(srctree)=. -ffile-prefix-map=$(B)=build -D_GNU_SOURCE \
        -include $(B)/include/config.h
ldflags := $(sysroot) -pie -Wl,--gc-sections -Wl,-z,relro,-z,now -Wl,-z,noexecstack -Wl,--as-needed \
        -Wl,--build-id=sha1 $(if $(SANITIZE),$(sanitizers))

# $(1) program, $(2) source
# The include path of a program is a folder of links to just what it may see.
incs-of  = -I$(B)/sees/$(1)
flags-of = $(if $(filter %.cc,$(2)),-std=c++17,-std=c11 $(warn-c)) $(common) $($(1)-flags) \
           $(if $(SANITIZE),$(if $(filter $(kernels),$(2)),-fno-sanitize=all)) \
           -DPROGRAM_NAME=\"$(1)\" $(call incs-of,$(1))
compiler-of = $(if $(filter %.cc,$(1)),$(CXX),$(CC))
obj      = $(B)/obj/$(1)/$(basename $(2)).o
cc-cmd   = $(call compiler-of,$(2)) $(call flags-of,$(1),$(2)) $(CFLAGS) \
           -MMD -MP -MF $(call obj,$(1),$(2)).d -c -o $(call obj,$(1),$(2)) $(srctree)/$(2)

define sight
$(B)/sees/$(1)/.made: $(B)/config.stamp $(dirs:%=$(srctree)/%/build.mk) $(srctree)/tools/make/programs.mk
	@rm -rf $$(@D) && mkdir -p $$(@D)
	$$(Q)for s in $(sort $($(1)-sight)); do \
	    from=$(srctree)/firmware/$$$$s; [ -e $$$$from ] || from=$(srctree)/hal/include/$$$$s; \
	    [ -e $$$$from ] || { echo "$(1) may see $$$$s, but there is no such header" >&2; exit 1; }; \
	    mkdir -p $$(@D)/$$$$(dirname $$$$s) && ln -s $$$$from $$(@D)/$$$$s || exit 1; done
	@touch $$@
endef
$(foreach p,$(programs),$(eval $(call sight,$(p))))

define compile
$(call obj,$(1),$(2)): $(srctree)/$(2) $(B)/include/config.h $(built-for) | $(B)/sees/$(1)/.made
	@mkdir -p $$(@D)
	$$(call say,CC,$(1)/$(2))
	$$(Q)$$(call cc-cmd,$(1),$(2))
-include $(call obj,$(1),$(2)).d
endef

define program
$(1)-objs := $(foreach s,$($(1)-srcs),$(call obj,$(1),$(s)))
$(foreach s,$($(1)-srcs),$(eval $(call compile,$(1),$(s))))
$(call path-of,$(1)): $$($(1)-objs)
	@mkdir -p $$(@D)
	$$(call say,LD,$$(patsubst $(B)/%,%,$$@))
	$$(Q)$(if $(filter %.cc,$($(1)-srcs)),$$(CXX),$$(CC)) $$(ldflags) $$(LDFLAGS) -o $$@ $$($(1)-objs) $$($(1)-libs) -lm -pthread
$(B)/checked/$(1): $(call path-of,$(1)) $(srctree)/tools/make/symbol-check
	@mkdir -p $$(@D)
	$$(call say,CHECK,$(1))
	$$(Q)set -f; NM=$(NM) $(srctree)/tools/make/symbol-check $(1) $$(filter-out %/base/arena.o %/base/lock.o,$$($(1)-objs)) -- $$($(1)-denied)
	@touch $$@
endef
$(foreach p,$(programs),$(eval $(call program,$(p))))

# Every command is known here, so the database needs no tracing tool.
comma := ,
entry = {"directory":"$(srctree)"$(comma)"file":"$(2)"$(comma)"command":"$(subst ",\",$(subst \,\\,$(call cc-cmd,$(1),$(2))))"}
$(B)/compile_commands.json: $(B)/config.stamp $(dirs:%=$(srctree)/%/build.mk) $(srctree)/Makefile $(srctree)/tools/make/programs.mk
	$(call say,GEN,compile_commands.json)
	$(file >$@.tmp,[)
	$(foreach p,$(programs),$(foreach s,$($(p)-srcs),$(file >>$@.tmp,$(call entry,$(p),$(s))$(comma))))
	$(Q)sed '$$ s/,$$//' $@.tmp > $@ && echo ']' >> $@ && rm $@.tmp
endif
