# Every door's decoder: whole or refused.
door-base := firmware/base/check.c firmware/base/log.c firmware/base/wire.c firmware/base/wipe.c firmware/base/pipe.c
tests += every_message_above_the_seal_is_whole_or_refused
every_message_above_the_seal_is_whole_or_refused-src  := upper.c
every_message_above_the_seal_is_whole_or_refused-room := locate
every_message_above_the_seal_is_whole_or_refused-with := $(door-base) firmware/doors/frame/frame.c firmware/doors/crop/crop.c \
        firmware/doors/vitals/vitals.c
tests += every_message_below_the_seal_is_whole_or_refused
every_message_below_the_seal_is_whole_or_refused-src  := lower.c
every_message_below_the_seal_is_whole_or_refused-room := spool
every_message_below_the_seal_is_whole_or_refused-with := $(door-base) firmware/doors/sealed/sealed.c firmware/doors/parcel/parcel.c

# The real seal, between a locate and a spool that are played by the test; opened with the recipient's code.
tests += seal_keeps_a_passage_until_it_is_stored
seal_keeps_a_passage_until_it_is_stored-src  := seal_room.c
seal_keeps_a_passage_until_it_is_stored-room := laneopen
seal_keeps_a_passage_until_it_is_stored-with := tests/ports/maker.c firmware/doors/crop/crop.c \
        $(filter-out firmware/doors/% %/log_text.c,$(filter firmware/% hal/%,$(laneopen-srcs)))
seal_keeps_a_passage_until_it_is_stored-lib  := $(laneopen-libs)
seal_keeps_a_passage_until_it_is_stored-args := $(B)/libexec/seal
