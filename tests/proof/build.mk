# The leak proof (docs/PROOF.md). A mutant is one or two programs of the product linked
# once more, with a few functions put in front of the product's by the linker; the
# product's own objects are used as they are. mutants/NAME.PROGRAM.c says which.
proof := $(srctree)/tests/proof
mutant-files := $(sort $(wildcard $(proof)/mutants/*.c))
wraps-of = $(addprefix -Wl$(comma)--wrap=,$(shell sed -n '1s|^/\* wrap: \(.*\) \*/$$|\1|p' $(1)))

# $(1) output, $(2) program, $(3) source
define wrapped
$(1): $(3) $$($(2)-objs) $(B)/include/config.h | $(B)/sees/$(2)/.made
	@mkdir -p $$(@D)
	$$(call say,MUTANT,$$(patsubst $(B)/%,%,$$@))
	$$(Q)$(CC) $(call flags-of,$(2),$(3)) $(CFLAGS) -Wno-missing-prototypes -c -o $$@.o $(3)
	$$(Q)$(if $(filter %.cc,$($(2)-srcs)),$$(CXX),$$(CC)) $$(ldflags) $$(LDFLAGS) $(call wraps-of,$(3)) -o $$@ $$@.o $$($(2)-objs) $$($(2)-libs) -lm -pthread
endef
mutant-name = $(basename $(basename $(notdir $(1))))
mutant-program = $(patsubst .%,%,$(suffix $(basename $(notdir $(1)))))
mutant-path = $(patsubst $(B)/%,$(B)/proof/mutants/$(call mutant-name,$(1))/%,$(call path-of,$(call mutant-program,$(1))))
$(foreach m,$(mutant-files),$(eval $(call wrapped,$(call mutant-path,$(m)),$(call mutant-program,$(m)),$(m))))
$(eval $(call wrapped,$(B)/proof/laneopen,laneopen,$(proof)/keys_of.c))
proof-builds := $(foreach m,$(mutant-files),$(call mutant-path,$(m))) $(B)/proof/laneopen

.PHONY: proof proof-builds
proof-builds: all $(proof-builds)
proof: proof-builds $(B)/deps-test.stamp
	$(Q)$(PYTHON) $(proof)/run --bin $(B)/bin --out $(B)/proof $(PROOF)

# The same with fewer passages, crash points and mutants.
ifeq ($(SANITIZE),)
counters += a_unit_lets_no_picture_out
a_unit_lets_no_picture_out-cmd := $(PYTHON) $(proof)/run --bin $(B)/bin --out $(B)/proof --short
test: proof-builds
endif
