laneopen-y    += main.c
laneopen-sees += base/base.h
laneopen-lib  += -lcrypto -ljansson
