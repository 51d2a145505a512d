# A test is a small program whose name is a sentence. In tests/*/build.mk:
#   tests += name
#   name-src  := file.c            the test itself, relative to the folder of the build.mk
#   name-room := program           whose include path and flags everything gets
#   name-with := files             sources of the firmware it needs, relative to the top
#   name-lib  := -lfoo             libraries beside cmocka
#   name-args := args              arguments; $(B) is the output folder
# Tests are built with AddressSanitizer and UBSan. `fuzzers` and `benches` have the
# same variables; a fuzzer is built by clang with libFuzzer and keeps its corpus in
# tests/fuzz/corpus/NAME; a bench is built like the product. `helpers` are programs
# that a test starts itself: built like the product, in $(B)/helper.

ifneq ($(needs-config),)
FUZZ_SECONDS ?= 60
FUZZ_CC ?= clang
tests :=
fuzzers :=
benches :=
helpers :=
checks :=
counters :=
once :=

# A program of the product linked once more, with a few functions put in front of the product's by the linker; the
# product's own objects are used as they are. The source's first line says which: /* wrap: NAME ... */
wraps-of = $(addprefix -Wl$(comma)--wrap=,$(shell sed -n '1s|^/\* wrap: \(.*\) \*/$$|\1|p' $(1)))

# $(1) output, $(2) program, $(3) source
define wrapped
$(1): $(3) $$($(2)-objs) $(B)/include/config.h | $(B)/sees/$(2)/.made
	@mkdir -p $$(@D)
	$$(call say,WRAP,$$(patsubst $(B)/%,%,$$@))
	$$(Q)$(CC) $(call flags-of,$(2),$(3)) $(CFLAGS) -Wno-missing-prototypes -c -o $$@.o $(3)
	$$(Q)$(if $(filter %.cc,$($(2)-srcs)),$$(CXX),$$(CC)) $$(ldflags) $$(LDFLAGS) $(call wraps-of,$(3)) -o $$@ $$@.o $$($(2)-objs) $$($(2)-libs) -lm -pthread
endef

define read-tests
$(eval tests-before := $(tests))
$(eval fuzzers-before := $(fuzzers))
$(eval benches-before := $(benches))
$(eval helpers-before := $(helpers))
$(eval include $(1))
$(foreach t,$(filter-out $(tests-before),$(tests)) $(filter-out $(fuzzers-before),$(fuzzers)) $(filter-out $(benches-before),$(benches)) \
  $(filter-out $(helpers-before),$(helpers)),\
  $(eval $(t)-srcs := $(addprefix $(patsubst $(srctree)/%,%,$(dir $(1))),$($(t)-src)) $($(t)-with)))
endef
$(foreach m,$(sort $(wildcard $(srctree)/tests/*/build.mk)),$(call read-tests,$(m)))

# $(1) kind (test, fuzz, bench), $(2) room, $(3) source: objects are shared by all tests of a room
flags-test  := $(sanitizers) -U_FORTIFY_SOURCE
flags-fuzz  := -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined -U_FORTIFY_SOURCE
flags-bench := -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
flags-helper := $(flags-bench)
cc-of-fuzz   = $(FUZZ_CC)
cc-of-test   = $(CC)
cc-of-bench  = $(CC)
cc-of-helper = $(CC)
plain-common := $(filter-out $(sanitizers) -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2,$(common))
tobj = $(B)/$(1)/obj/$(2)/$(basename $(3)).o

define test-object
$(call tobj,$(1),$(2),$(3)): $(srctree)/$(3) $(B)/include/config.h | $(B)/sees/$(2)/.made
	@mkdir -p $$(@D)
	$$(call say,CC,$(1)/$(3))
	$$(Q)$$(cc-of-$(1)) -std=c11 $$(warn-c) $$(plain-common) $$(flags-$(1)) $$($(2)-flags) -DPROGRAM_NAME=\"$(2)\" \
	    -DTESTING=1 $$(call incs-of,$(2)) -I$(srctree)/tests/lib $$(CFLAGS) -MMD -MP -MF $$@.d -c -o $$@ $$<
-include $(call tobj,$(1),$(2),$(3)).d
endef
$(foreach k,test:tests fuzz:fuzzers bench:benches helper:helpers,\
  $(eval kind := $(firstword $(subst :, ,$(k))))\
  $(eval pairs := $(sort $(foreach t,$($(lastword $(subst :, ,$(k)))),$(foreach s,$($(t)-srcs),$($(t)-room)|$(s)))))\
  $(foreach x,$(pairs),$(eval $(call test-object,$(kind),$(firstword $(subst |, ,$(x))),$(lastword $(subst |, ,$(x)))))))

define test-program
$(B)/$(1)/$(2): $(foreach s,$($(2)-srcs),$(call tobj,$(1),$($(2)-room),$(s)))
	@mkdir -p $$(@D)
	$$(call say,LD,$(1)/$(2))
	$$(Q)$$(cc-of-$(1)) $$(flags-$(1)) -Wl,--gc-sections -o $$@ $$^ $(if $(filter test,$(1)),-lcmocka) $($(2)-lib) -lm -pthread
endef
$(foreach t,$(tests),$(eval $(call test-program,test,$(t))))
$(foreach t,$(fuzzers),$(eval $(call test-program,fuzz,$(t))))
$(foreach t,$(benches),$(eval $(call test-program,bench,$(t))))
$(foreach t,$(helpers),$(eval $(call test-program,helper,$(t))))

.PHONY: $(tests:%=test-%) $(fuzzers:%=fuzz-%) $(benches:%=bench-%)
$(tests:%=test-%): test-%: $(B)/test/%
	$(Q)$(B)/test/$* $($*-args)
$(fuzzers:%=fuzz-%): fuzz-%: $(B)/fuzz/%
	@mkdir -p $(B)/fuzz/found/$*
	$(Q)cd $(B)/fuzz/found/$* && $(B)/fuzz/$* -max_total_time=$(FUZZ_SECONDS) -max_len=70000 \
	    $(B)/fuzz/found/$* $(wildcard $(srctree)/tests/fuzz/corpus/$*)
$(benches:%=bench-%): bench-%: $(B)/bench/%
	$(Q)$(B)/bench/$* $($*-args)

fuzz: $(fuzzers:%=fuzz-%)

# ---- make test -------------------------------------------------------------
# The list of everything that is run, read by tests/run. `checks` are commands
# that must exit 0, as name-cmd; `counters` print "N passed, N failed" themselves.
# PART=crypto leaves out what another crypto port cannot change, for a board that differs in nothing else from one that
# was tested: programs without a source of hal/crypto that run no program of the product, and checks and counters in `once`.
PART ?=
TEST_FUZZ_SECONDS ?= 2
ONLY ?= *
define newline


endef
part = $(if $(filter crypto,$(PART)),$(foreach t,$(filter-out $(once),$(1)),$(if $($(t)-cmd)$(filter hal/crypto/%,$($(t)-srcs))$(findstring $(B)/,$($(t)-args)),$(t))),$(1))
part-checks   := $(call part,$(checks))
part-tests    := $(call part,$(tests))
part-fuzzers  := $(call part,$(fuzzers))
part-counters := $(call part,$(counters))
# What takes longest begins first.
test-rows = $(foreach t,$(part-counters),count $(t) $($(t)-cmd)$(newline))\
$(foreach t,$(part-checks),check $(t) $($(t)-cmd)$(newline))\
$(foreach t,$(part-tests),unit $(t) $(B)/test/$(t) $($(t)-args)$(newline))\
$(foreach t,$(part-fuzzers),fuzz $(t) $(srctree)/tests/fuzz/briefly $(B)/fuzz/$(t) $(TEST_FUZZ_SECONDS) $(srctree)/tests/fuzz/corpus/$(t)$(newline))

$(B)/test:
	@mkdir -p $@
$(B)/test/list: FORCE | $(B)/test
	$(file >$@,$(test-rows))@:
.PHONY: FORCE
FORCE:

test-deps: $(B)/deps-test.stamp
$(B)/deps-test.stamp: $(srctree)/tools/deps/packages $(srctree)/tools/deps/install
	@mkdir -p $(B)
	$(Q)$(srctree)/tools/deps/install all
	@touch $@

# Nothing of the tests is compiled before their packages are there.
$(foreach t,$(tests),$(foreach s,$($(t)-srcs),$(eval $(call tobj,test,$($(t)-room),$(s)): | $(B)/deps-test.stamp)))
$(foreach t,$(fuzzers),$(foreach s,$($(t)-srcs),$(eval $(call tobj,fuzz,$($(t)-room),$(s)): | $(B)/deps-test.stamp)))

# The rooms once more under AddressSanitizer and UBSan, for the house tests: the
# same Makefile with another output folder.
.PHONY: sanitized
sanitized: | all
	$(Q)$(if $(SANITIZE),:,$(MAKE) -f $(srctree)/Makefile O=$(B)/asan BOARD=$(BOARD) SANITIZE=1 all)

test: all $(part-tests:%=$(B)/test/%) $(helpers:%=$(B)/helper/%) $(part-fuzzers:%=$(B)/fuzz/%) $(if $(PART),,sanitized) $(B)/test/list
	$(Q)$(PYTHON) $(srctree)/tests/run $(B)/test/list --only '$(ONLY)'

bench: all $(benches:%=bench-%)
endif
