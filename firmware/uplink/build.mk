uplink-y    += main.c file.c
uplink-sees += uplink
