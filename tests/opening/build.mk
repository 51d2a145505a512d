# The recipient's tool over folders of records that were made, cut, changed, mixed up.
opening-with := $(filter-out tools/laneopen/main.c,$(laneopen-srcs)) tests/ports/maker.c
tests += opening_keeps_four_answers_apart
opening_keeps_four_answers_apart-src  := answers.c folder.c
opening_keeps_four_answers_apart-room := laneopen
opening_keeps_four_answers_apart-with := $(opening-with)
opening_keeps_four_answers_apart-lib  := $(laneopen-libs)

tests += opening_is_not_slower_for_many
opening_is_not_slower_for_many-src  := many.c folder.c
opening_is_not_slower_for_many-room := laneopen
opening_is_not_slower_for_many-with := $(opening-with)
opening_is_not_slower_for_many-lib  := $(laneopen-libs)

counters += tools_refuse_wrong_files_in_words
tools_refuse_wrong_files_in_words-cmd := $(PYTHON) $(srctree)/tests/opening/tools.py --bin $(B)/bin
