warden-y    += main.c wiring.c settings.c
warden-sees += warden
warden-lib  += -lconfig -ljansson
