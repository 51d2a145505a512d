seal-y    += main.c
seal-sees += seal
