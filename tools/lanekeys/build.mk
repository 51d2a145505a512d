lanekeys-y   += main.c
lanekeys-lib += -lcrypto
