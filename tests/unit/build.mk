
# The spool's store, with everything of the room but its main().
spool-without-main := $(filter-out firmware/spool/main.c,$(spool-srcs)) tests/lib/spool_kit.c
tests += spool_numbers_keeps_and_deletes_in_order
spool_numbers_keeps_and_deletes_in_order-src  := spool_store.c
spool_numbers_keeps_and_deletes_in_order-room := spool
spool_numbers_keeps_and_deletes_in_order-with := $(spool-without-main)
spool_numbers_keeps_and_deletes_in_order-lib  := $(spool-libs)

# What every room knows. Built as programs that may see it.
base-log := firmware/base/check.c firmware/base/log.c
tests += fields_of_a_message_are_taken_in_order_and_to_the_end
fields_of_a_message_are_taken_in_order_and_to_the_end-src  := wire.c
fields_of_a_message_are_taken_in_order_and_to_the_end-room := spool
fields_of_a_message_are_taken_in_order_and_to_the_end-with := firmware/base/wire.c $(base-log)
tests += a_message_is_whole_though_rooms_are_killed
a_message_is_whole_though_rooms_are_killed-src  := pipe.c
a_message_is_whole_though_rooms_are_killed-room := spool
a_message_is_whole_though_rooms_are_killed-with := firmware/base/pipe.c firmware/base/wire.c firmware/base/wipe.c $(base-log)
tests += memory_of_libraries_is_wiped_and_bounded
memory_of_libraries_is_wiped_and_bounded-src  := arena.c arena_alone.c
memory_of_libraries_is_wiped_and_bounded-room := locate
memory_of_libraries_is_wiped_and_bounded-with := firmware/base/memory.c firmware/base/wipe.c $(base-log)
tests += a_file_is_replaced_as_a_whole
a_file_is_replaced_as_a_whole-src  := io.c
a_file_is_replaced_as_a_whole-room := spool
a_file_is_replaced_as_a_whole-with := firmware/base/io.c firmware/base/io_file.c $(base-log)
tests += a_log_line_holds_no_control_character
a_log_line_holds_no_control_character-src  := log.c
a_log_line_holds_no_control_character-room := spool
a_log_line_holds_no_control_character-with := firmware/base/log_text.c $(base-log)
tests += a_room_hears_sigterm_however_busy
a_room_hears_sigterm_however_busy-src  := room.c
a_room_hears_sigterm_however_busy-room := spool
a_room_hears_sigterm_however_busy-with := firmware/base/room.c firmware/base/lock.c firmware/base/landlock.c firmware/base/memory.c firmware/base/pipe.c firmware/base/wire.c firmware/base/wipe.c \
        firmware/doors/vitals/vitals.c $(base-log)
a_room_hears_sigterm_however_busy-lib  := -lseccomp

# What the warden makes of the lines that rooms write.
tests += a_room_cannot_fill_or_forge_the_log
a_room_cannot_fill_or_forge_the_log-src  := warden_logs.c
a_room_cannot_fill_or_forge_the_log-room := warden
a_room_cannot_fill_or_forge_the_log-with := firmware/warden/logs.c firmware/base/log_text.c $(base-log)

# A room that tells vitals without end.
tests += a_room_cannot_hold_the_warden_with_vitals
a_room_cannot_hold_the_warden_with_vitals-src  := warden_tally.c
a_room_cannot_hold_the_warden_with_vitals-room := warden
a_room_cannot_hold_the_warden_with_vitals-with := firmware/warden/tally.c firmware/doors/vitals/vitals.c \
  $(addprefix firmware/base/,pipe.c wire.c wipe.c check.c) $(base-log)

# The warden's settings and its wiring list.
warden-tables := $(addprefix firmware/,warden/settings.c warden/settings_table.c warden/wiring.c base/check.c base/log.c \
                 base/log_text.c base/io.c)
tests += settings_say_what_is_wrong_where
settings_say_what_is_wrong_where-src  := warden_settings.c
settings_say_what_is_wrong_where-room := warden
settings_say_what_is_wrong_where-with := $(warden-tables) firmware/warden/settings_read.c
settings_say_what_is_wrong_where-lib  := -lconfig

tests += wiring_moves_data_one_way
wiring_moves_data_one_way-src  := warden_wiring.c
wiring_moves_data_one_way-room := warden
wiring_moves_data_one_way-with := $(warden-tables)

tests += exposure_believes_what_it_sees
exposure_believes_what_it_sees-src  := warden_exposure.c
exposure_believes_what_it_sees-room := warden
exposure_believes_what_it_sees-with := $(filter-out firmware/warden/main.c,$(warden-srcs))
exposure_believes_what_it_sees-lib  := $(warden-libs)

# The locate room, without its main().
locate-base := firmware/base/check.c firmware/base/log.c firmware/base/wipe.c
tests += only_plate_sized_crops_leave
only_plate_sized_crops_leave-src  := locate_cut.c
only_plate_sized_crops_leave-room := locate
only_plate_sized_crops_leave-with := firmware/locate/cut.c $(locate-base)
only_plate_sized_crops_leave-lib  := -ljpeg -lspng
tests += one_vehicle_gives_one_passage
one_vehicle_gives_one_passage-src  := locate_follow.c
one_vehicle_gives_one_passage-room := locate
one_vehicle_gives_one_passage-with := $(addprefix firmware/locate/,follow.c views.c cut.c) $(locate-base)
one_vehicle_gives_one_passage-lib  := -ljpeg -lspng
tests += a_lane_gives_a_passage_a_vehicle_whatever_the_finder_misses
a_lane_gives_a_passage_a_vehicle_whatever_the_finder_misses-src  := locate_lane.c
a_lane_gives_a_passage_a_vehicle_whatever_the_finder_misses-room := locate
a_lane_gives_a_passage_a_vehicle_whatever_the_finder_misses-with := $(addprefix firmware/locate/,follow.c views.c cut.c) $(locate-base)
a_lane_gives_a_passage_a_vehicle_whatever_the_finder_misses-lib  := -ljpeg -lspng

tests += frame_places_come_back_once
frame_places_come_back_once-src  := capture_slots.c
frame_places_come_back_once-room := capture
frame_places_come_back_once-with := firmware/capture/slots.c firmware/base/check.c firmware/base/log.c
tests += a_trigger_gives_each_vehicle_its_frames
a_trigger_gives_each_vehicle_its_frames-src  := capture_gate.c
a_trigger_gives_each_vehicle_its_frames-room := capture
a_trigger_gives_each_vehicle_its_frames-with := firmware/capture/gate.c firmware/capture/flash.c firmware/base/check.c firmware/base/log.c
tests += exposure_follows_plates
exposure_follows_plates-src  := capture_expose.c
exposure_follows_plates-room := capture
exposure_follows_plates-with := firmware/capture/expose.c firmware/base/check.c firmware/base/log.c
tests += light_is_that_of_the_plate
light_is_that_of_the_plate-src  := locate_light.c
light_is_that_of_the_plate-room := locate
light_is_that_of_the_plate-with := firmware/locate/light.c firmware/base/check.c firmware/base/log.c
tests += self_test_is_found_by_the_finder
self_test_is_found_by_the_finder-src  := locate_self_test.c
self_test_is_found_by_the_finder-room := locate
self_test_is_found_by_the_finder-with := $(addprefix firmware/locate/,self_test.c views.c cut.c $(finder-c)) $(locate-base)
self_test_is_found_by_the_finder-lib  := -ljpeg -lspng -Wl,--wrap=find
tests += luma_of_every_format_and_no_broken_frame
luma_of_every_format_and_no_broken_frame-src  := locate_luma.c
luma_of_every_format_and_no_broken_frame-room := locate
luma_of_every_format_and_no_broken_frame-with := $(addprefix firmware/locate/,luma.c cut.c) firmware/doors/frame/frame.c \
        firmware/base/wire.c $(locate-base)
luma_of_every_format_and_no_broken_frame-lib  := -ljpeg -lspng
tests += finder_stands_every_picture
finder_stands_every_picture-src  := locate_find.c
finder_stands_every_picture-room := locate
finder_stands_every_picture-with := tests/lib/drawn.c $(addprefix firmware/locate/,$(finder-c)) $(locate-base)
finder_stands_every_picture-lib  := -Wl,--wrap=net_run
tests += net_answers_alike_on_every_kernel
net_answers_alike_on_every_kernel-src  := locate_net.c
net_answers_alike_on_every_kernel-room := locate
net_answers_alike_on_every_kernel-with := $(addprefix firmware/locate/,$(net-c)) $(locate-base)
tests += second_look_shows_the_candidate_at_its_size
second_look_shows_the_candidate_at_its_size-src  := locate_verify.c
second_look_shows_the_candidate_at_its_size-room := locate
second_look_shows_the_candidate_at_its_size-with := $(addprefix firmware/locate/,verify.c boxes.c levels.c) $(locate-base)

# What a collector's answer means, and when uplink tries again.
tests += an_answer_has_a_meaning_and_a_pause_an_end
an_answer_has_a_meaning_and_a_pause_an_end-src  := uplink_answer.c
an_answer_has_a_meaning_and_a_pause_an_end-room := uplink
an_answer_has_a_meaning_and_a_pause_an_end-with := firmware/uplink/answer.c firmware/uplink/pace.c firmware/base/check.c firmware/base/log.c

# The search for leaks, each detection planted and found.
tests += a_planted_picture_is_found_and_noise_is_not
a_planted_picture_is_found_and_noise_is_not-src  := leakscan.c
a_planted_picture_is_found_and_noise_is_not-room := leakscan
a_planted_picture_is_found_and_noise_is_not-with := $(filter-out tools/leakscan/main.c,$(leakscan-srcs))
a_planted_picture_is_found_and_noise_is_not-lib  := $(leakscan-libs)
tests += what_the_boot_loader_remembers_is_kept
what_the_boot_loader_remembers_is_kept-src  := init_slots.c
what_the_boot_loader_remembers_is_kept-room := init
what_the_boot_loader_remembers_is_kept-with := firmware/init/slots.c $(addprefix firmware/base/,check.c log.c log_text.c io.c io_file.c)
what_the_boot_loader_remembers_is_kept-lib  := -Wl,--wrap=open -Wl,--wrap=umount2

tests += data_are_made_anew_only_when_nothing_else_helps
data_are_made_anew_only_when_nothing_else_helps-src  := init_data.c
data_are_made_anew_only_when_nothing_else_helps-room := init
data_are_made_anew_only_when_nothing_else_helps-with := firmware/init/data.c $(addprefix firmware/base/,check.c log.c)

tests += a_unit_that_fell_back_takes_nothing_older_than_what_it_had
a_unit_that_fell_back_takes_nothing_older_than_what_it_had-src  := init_newest.c
a_unit_that_fell_back_takes_nothing_older_than_what_it_had-room := init
a_unit_that_fell_back_takes_nothing_older_than_what_it_had-with := firmware/init/newest.c $(addprefix firmware/base/,check.c log.c log_text.c io.c io_file.c)

tests += usb_functions_without_a_driver_are_counted
usb_functions_without_a_driver_are_counted-src  := usb.c
usb_functions_without_a_driver_are_counted-room := init
usb_functions_without_a_driver_are_counted-with := firmware/base/usb.c
