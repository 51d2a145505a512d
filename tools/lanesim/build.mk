lanesim-y    += main.c
lanesim-lib  += -lspng
