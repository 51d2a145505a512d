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
