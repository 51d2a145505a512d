lanesim-y    += main.c
