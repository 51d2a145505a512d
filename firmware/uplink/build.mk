uplink-y    += main.c
uplink-sees += uplink
