warden-y    += main.c house.c rooms.c spawn.c walls.c words.c wiring.c
warden-y    += settings.c settings_table.c settings_read.c
warden-y    += doors.c logs.c things.c collector.c rules.c measure.c tally.c health.c status.c metrics.c
warden-y    += exposure.c exposure_spool.c exposure_keys.c exposure_rooms.c exposure_say.c
warden-y    += explain.c explain_lines.c explain_say.c healthy.c
warden-sees += warden
warden-lib  += -lconfig -ljansson
