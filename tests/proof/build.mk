# The leak proof (docs/PROOF.md). A mutant is one or two programs of the product linked
# once more (`wrapped`). mutants/NAME.PROGRAM.c says which.
proof := $(srctree)/tests/proof
mutant-files := $(sort $(wildcard $(proof)/mutants/*.c))
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
